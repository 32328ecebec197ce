"""The root command: what is offered, what is left out, how wrong settings end."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import typer

from gigacity_city.load import load_city
from gigacity_contract.access import Secret
from gigacity_contract.errors import CityError, ConfigError
from gigacity_contract.process.settings import RENAMED_SETTINGS, field_password
from gigacity_deploy.credentials import new_api_key
from gigacity_deploy.main import GROUP, build_app, main, offered_modules
from tests.support.city import COMMUNITY_A, edit, write_city


def _gigacity(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gigacity_deploy", *args],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "NO_COLOR": "1", "COLUMNS": "200", **env},
        check=False,
        timeout=60,
    )


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_package_without_its_extra_is_left_out(packages: Path) -> None:
    (packages / "gc_has_extra.py").write_text("REQUIRES = ('json',)\napp = 1\n")
    (packages / "gc_lacks_extra.py").write_text("REQUIRES = ('no_such_module.sub',)\napp = 1\n")
    points = [
        EntryPoint(name, module, GROUP)
        for name, module in [("b", "gc_lacks_extra"), ("a", "gc_has_extra"), ("c", "gc_not_there")]
    ]
    assert [module.__name__ for module in offered_modules(points)] == ["gc_has_extra"]


def test_the_help_names_what_is_not_installed(packages: Path) -> None:
    (packages / "gc_needs_more.py").write_text("REQUIRES = ('no_such_module',)\n")
    points = [EntryPoint("lacking", "gc_needs_more", GROUP)]
    assert "not installed: lacking" in (build_app(points).info.epilog or "")
    assert "left out" not in (build_app([]).info.epilog or "")


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from gigacity_deploy.main import build_app; build_app();"
        " print(sorted({'fastapi', 'numpy', 'paho', 'influxdb_client', 'uvicorn',"
        " 'grafana_foundation_sdk', 'msgspec'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def _commands(command: Any, words: list[str]) -> Iterator[tuple[str, str]]:
    """Every command and group below this one, with what stands at the end of its help."""
    yield " ".join(words), command.epilog or ""
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, [*words, name])


def test_every_command_and_every_group_shows_an_example_of_itself() -> None:
    found = dict(_commands(typer.main.get_command(build_app()), ["gigacity"]))

    def shows_itself(name: str, epilog: str) -> bool:
        """Settings may stand between the words, as in ``ingest --state-dir s drain``."""
        pattern = r"Examples?( \([^)]*\))?: .*\b" + r"\b.*? ".join(map(re.escape, name.split()))
        return re.search(pattern + r"\b", epilog) is not None

    assert {"gigacity", "gigacity api", "gigacity ingest drain"} <= found.keys()
    assert [name for name, epilog in found.items() if not shows_itself(name, epilog)] == []


def test_the_version_is_told() -> None:
    assert _gigacity("--version").stdout.startswith("gigacity 0.")


def test_a_wrong_setting_ends_with_code_2_and_its_name() -> None:
    done = _gigacity("demo", "--profile", "village")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "gigacity: --profile village: choose from demo, city\n"


def test_a_renamed_setting_ends_with_code_2_whatever_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(RENAMED_SETTINGS, "GIGACITY_OF_BEFORE", "GIGACITY_OF_TODAY")
    monkeypatch.setenv("GIGACITY_OF_BEFORE", "1")
    monkeypatch.setattr(sys, "argv", ["gigacity", "city", "check", "deploy/city/binzhou"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "GIGACITY_OF_BEFORE is now GIGACITY_OF_TODAY" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["gigacity_deploy", "gigacity_ingest"])
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["mapping", "try", "{file}", "-", "--topic", "a"], "wrong.yaml:1:1"),
        (["mapping", "watch", "{file}"], "wrong.yaml:1:1"),
        (["replay", "{file}", "--mqtt-sources", "{file}"], "wrong.yaml:1:1"),
        (["replay", "{file}"], "no head of a recording"),
        (["ingest", "--mqtt-sources", "{file}"], ""),
    ],
)
def test_a_wrong_file_ends_with_code_2_and_its_place(
    tmp_path: Path, module: str, command: list[str], said: str
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("sources: 3\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", module, *(word.format(file=file) for word in command)],
        capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "NO_COLOR": "1"},
        check=False, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_city_folder_ends_with_code_2(tmp_path: Path) -> None:
    done = _gigacity("city", "check", str(tmp_path))
    assert done.returncode == 2
    assert "problem(s) in the city file" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_keeps_a_city_from_coming_into_force_is_told_and_can_be_accepted(
    tmp_path: Path,
) -> None:
    header = "community,kind,device,gateway\n"
    rows = [f"{COMMUNITY_A},camera,cam-{n},gw-a\n" for n in range(300)]
    in_force = write_city(tmp_path / "in force", devices=header + "".join(rows))
    folder = write_city(tmp_path / "city", devices=header + "".join(rows[:134]))
    refused = _gigacity("city", "check", str(folder), "--against", str(in_force))
    early = _gigacity("city", "accept", str(folder))
    assert refused.returncode == early.returncode == 2
    assert "devices.csv: declares 134 where 300 are in force" in refused.stderr
    assert "wait until nothing is being copied" in early.stderr


def test_accepting_a_city_writes_checksums_that_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_city(tmp_path / "city")
    monkeypatch.setattr("gigacity_city.reload.SETTLE_S", 0.0)
    monkeypatch.setattr(sys, "argv", ["gigacity", "city", "accept", str(folder)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert load_city(folder).code == "371600"
    subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)
    edit(folder, "buildings.csv", ",120", ",121")
    with pytest.raises(CityError, match="gigacity city accept"):
        load_city(folder)


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "credentials field",
        "credentials api-key",
        "credentials show",
        "city check",
        "city accept",
    ],
)
def test_every_commands_help_shows_an_example(command: str) -> None:
    done = _gigacity(*command.split(), "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout


def test_an_api_key_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    for name in ("one", "two"):
        done = _gigacity(
            "credentials", "api-key", "--name", name, "--scope", "read", "--file", str(file)
        )
        assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["name"] for line in lines] == ["one", "two"]
    assert lines[1] == {
        "name": "two",
        "sha256": hashlib.sha256(done.stdout.strip().encode()).hexdigest(),
        "scopes": ["read"],
    }
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_unknown_scope_is_refused() -> None:
    with pytest.raises(ConfigError, match="scope everything"):
        new_api_key("x", ["everything"])


def test_the_field_needs_its_secret() -> None:
    done = _gigacity("credentials", "show", "371602/olt/olt-1")
    assert done.returncode == 2
    assert "GIGACITY_FIELD_SECRET" in done.stderr


def test_one_publishers_password_is_the_derived_one() -> None:
    secret = "a-field-secret-of-the-test"
    done = _gigacity("credentials", "show", "371602/olt/olt-1", GIGACITY_FIELD_SECRET=secret)
    assert done.stdout.strip() == field_password(Secret(secret), "371602/olt/olt-1").reveal()
