"""CONTRIBUTING's walks, followed by the letter in a copy of the repository.

A walk says ``New file `path`:``, or ``In `path`, above|below the line `text` ``, each before a
fenced block; its ``sh`` blocks are the commands. What is tried is the page itself: its blocks are
written where it says, its commands run, and what it promises is looked for.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from gigacity_api.indicators.registry import REGISTRY
from gigacity_contract.kinds import CATALOGUE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = ("api", "ingest", "simulators", "dashboards", "deploy", "docs", "tests")
NOT_NEEDED = shutil.ignore_patterns("__pycache__", "binzhou", "var", ".*")

pytestmark = pytest.mark.timeout(600)

_WHERE = re.compile(
    r"New file `(?P<new>[^`]+)`:"
    r"|In `(?P<path>[^`]+)`, (?P<side>above|below) the line `(?P<anchor>.+)`"
)
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """A block of the page, and where it belongs."""

    path: str
    text: str
    side: str | None = None
    """None: a new file."""
    anchor: str = ""


def walk(title: str) -> tuple[list[Step], list[str]]:
    """The steps of a section, and its commands."""
    section = PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    steps, commands, done = [], [], 0
    for block in _BLOCK.finditer(section):
        indent, language, body = block.groups()
        text = "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True))
        before = section[done : block.start()].strip().splitlines()
        done = block.end()
        if language == "sh":
            commands += text.splitlines()
            continue
        where = _WHERE.fullmatch(before[-1].strip())
        assert where is not None, f"{before[-1]!r} does not say where its block belongs"
        path = where["new"] or where["path"]
        steps.append(Step(path, text, where["side"], where["anchor"] or ""))
    assert steps, f"{title} has no steps"
    assert commands, f"{title} has no commands"
    return steps, commands


class Copy:
    """The repository at another place, with an interpreter that takes its packages from there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in FOLDERS:
            shutil.copytree(ROOT / name, folder / name, ignore=NOT_NEEDED)
        for path in ROOT.iterdir():
            if path.is_file():
                shutil.copy(path, folder)

    def follow(self, steps: list[Step]) -> None:
        """Do what the page says."""
        for step in steps:
            path = self.folder / step.path
            if step.side is None:
                assert not path.exists(), f"{step.path} is there already"
                path.write_text(step.text, encoding="utf-8")
            else:
                path.write_text(_inserted(path.read_text(encoding="utf-8"), step), encoding="utf-8")

    def run(self, command: str) -> str:
        """Run a command of the page; its output."""
        packages = [self.folder / name for name in ("api", "ingest", "simulators", "dashboards")]
        paths = [*packages, self.folder / "deploy", self.folder]
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "GIGACITY_RANDOM_CITIES": "3",
        }
        done = subprocess.run(
            shlex.split(command), cwd=self.folder, env=environment, capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout


def _inserted(text: str, step: Step) -> str:
    lines = text.splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if line.strip() == step.anchor]
    assert len(places) == 1, f"{step.path} has the line {step.anchor!r} {len(places)} times"
    at = places[0] + (step.side == "below")
    # What stands at the top level is set apart, as everywhere.
    gap = "" if step.text.startswith(" ") else "\n\n"
    return "".join([*lines[:at], step.text, gap, *lines[at:]])


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_an_indicator_is_added_as_the_page_says(copy: Copy) -> None:
    """The registry shows it; over random cities the figure is its independent truth."""
    steps, commands = walk("Add an indicator")
    assert "device.gas_quiet" not in REGISTRY
    copy.follow(steps)
    shown = copy.run(
        'python -c "import gigacity_api.indicators.registry as r; print(r.__file__);'
        " print(r.REGISTRY['device.gas_quiet'].name.en, r.REASONS['gas_alarm'].en)\""
    )
    assert shown.splitlines() == [
        str(copy.folder / "api/gigacity_api/indicators/registry.py"),
        "gas detectors without alarm it is online and reports an alarm",
    ]
    for command in commands:
        copy.run(command)
    assert "`device.gas_quiet`" in (copy.folder / "docs/indicators.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("folder", "right", "wrong"),
    [
        ("api/", "[alarm == 0, alarm == 1]", "[alarm == 1, alarm == 0]"),
        ("api/", "np.where(online == IN, said, online)", "online"),
        ("simulators/", "and not held", "and held"),
    ],
)
def test_a_wrong_indicator_or_truth_does_not_pass(
    copy: Copy, folder: str, right: str, wrong: str
) -> None:
    """The walk's own check finds a rule that is not what its truth says, and the reverse."""
    steps, commands = walk("Add an indicator")
    changed = [
        step._replace(text=step.text.replace(right, wrong))
        if step.path.startswith(folder)
        else step
        for step in steps
    ]
    assert sum(a != b for a, b in zip(steps, changed, strict=True)) == 1
    copy.follow(changed)
    with pytest.raises(AssertionError, match="gas_quiet"):
        copy.run(next(command for command in commands if "test_cities" in command))


def test_a_device_kind_is_added_as_the_page_says(copy: Copy) -> None:
    """It is decoded, stored as its golden line says, and simulated; figures and pages know it."""
    steps, commands = walk("Add a device kind")
    assert "flood_gauge" not in CATALOGUE
    copy.follow(steps)
    for command in commands:
        copy.run(command)
    assert (copy.folder / "docs/schema/device_flood_gauge.json").exists()
    shown = copy.run(
        'python -c "from gigacity_api.indicators.registry import REGISTRY as r;'
        " from gigacity_simulators.models.catalogue import ALARM_KINDS as a;"
        " print(r['device.online.flood_gauge'].name.zh, 'flood_gauge' in a)\""
    )
    assert shown.strip() == "积水监测在线率 True"
