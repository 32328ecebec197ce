"""``./deploy/test`` and ``./deploy/demo`` say what they do without doing anything."""

import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[3] / "deploy"


def _help(script: Path, flag: str, folder: Path) -> str:
    """Of a script that may start nothing but what shows texts."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("sed", "dirname"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    done = subprocess.run(
        ["/bin/bash", script, flag], env={"PATH": str(tools)}, capture_output=True, text=True,
        timeout=20, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The scripts where no environment was made yet."""
    folder = tmp_path / "checkout" / "deploy"
    folder.mkdir(parents=True)
    for name in ("test", "demo", "install.sh"):
        shutil.copy(DEPLOY / name, folder / name)
    return folder


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_the_suite_says_what_it_runs_and_leaves_out(
    flag: str, copied: Path, tmp_path: Path
) -> None:
    text = _help(copied / "test", flag, tmp_path)
    assert text.startswith("Checks everything")
    for part in ("./deploy/test tests/unit -x", "minutes", "mypy", "Left out", "pytest --help"):
        assert part in text
    assert "set -euo" not in text
    assert list(copied.parent.iterdir()) == [copied]


def test_the_demo_says_what_it_is_before_anything_is_installed(
    copied: Path, tmp_path: Path
) -> None:
    text = _help(copied / "demo", "--help", tmp_path)
    assert text.startswith("The whole of Gigacity on this machine")
    assert "./deploy/demo --profile city" in text
    assert list(copied.parent.iterdir()) == [copied]


def test_the_demo_shows_its_options_where_it_is_installed(copied: Path, tmp_path: Path) -> None:
    program = copied.parent / ".venv" / "bin" / "gigacity"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/bash\necho "options of $*"\n', encoding="utf-8")
    program.chmod(0o755)
    assert _help(copied / "demo", "--help", tmp_path) == "options of demo --help\n"
