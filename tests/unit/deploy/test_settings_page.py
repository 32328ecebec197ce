"""Settings are declared in one place: nothing reads a variable that the page does not have."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from gigacity_contract.process.options import settings_of
from gigacity_contract.process.settings import RENAMED_SETTINGS
from gigacity_deploy.main import build_app
from tests.docs.settings_page import COMMANDS, GRAFANA, compose_variables

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
_NAME = re.compile(r"GIGACITY_[A-Z0-9_]*[A-Z0-9]\b")
NO_SETTINGS = {"GIGACITY_WORKER": "the name of a measurement in the code"}
PACKAGES = ("ingest", "api", "simulators", "dashboards", "deploy")


def _rows() -> dict[str, bool]:
    """Whether it is a secret, by name."""
    rows: dict[str, bool] = {}
    for line in PAGE.splitlines():
        if line.startswith("| `GIGACITY_"):
            names, *_, secret = (cell.strip() for cell in line.strip("|").split("|"))
            rows |= dict.fromkeys(re.findall(r"`(\w+)`", names), secret == "yes")
    return rows


def _python() -> str:
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def _variables(command: Any) -> Iterator[str]:
    """Every variable of an option, of this command and those below it."""
    yield from (option.envvar for option in command.params if option.envvar)
    for below in getattr(command, "commands", {}).values():
        yield from _variables(below)


OPTIONS = set(_variables(typer.main.get_command(build_app())))


def test_the_page_has_every_name_of_code_and_deployment_and_no_other() -> None:
    others = [ROOT / "docker-compose.yml", ROOT / ".env.example"]
    others += sorted((ROOT / "deploy" / "grafana").rglob("*.yaml"))
    text = _python() + "".join(path.read_text(encoding="utf-8") for path in others)
    declared = {spec.variable: spec for kind in COMMANDS.values() for spec in settings_of(kind)}
    files = {f"{name}_FILE" for name, spec in declared.items() if spec.is_secret}
    found = {name for name in _NAME.findall(text) if not name.startswith("GIGACITY_TEST_")}
    found |= (declared.keys() - {""}) | files | OPTIONS

    assert sorted(_rows()) == sorted(found - NO_SETTINGS.keys() - RENAMED_SETTINGS.keys())


def test_no_name_stands_twice() -> None:
    names = re.findall(r"^\| `(GIGACITY_\w+)`", PAGE, re.MULTILINE)
    assert len(names) == len(set(names))


def test_a_secret_has_no_flag() -> None:
    secrets = {name for name, is_secret in _rows().items() if is_secret}
    assert len(secrets) > 10
    assert not secrets & OPTIONS


def test_no_present_setting_has_a_name_of_before() -> None:
    assert not RENAMED_SETTINGS.keys() & OPTIONS
    names = {new for new in RENAMED_SETTINGS.values() if " " not in new}
    assert names <= _rows().keys(), "the new name is on the page, or a sentence says what to do"


def test_the_defaults_of_compose_are_those_of_the_commands() -> None:
    declared = {spec.variable: spec for kind in COMMANDS.values() for spec in settings_of(kind)}
    wrong = [
        (name, default)
        for name, (default, _) in compose_variables().items()
        if name in declared and default not in _texts(declared[name].default)
    ]

    # Compose names an organisation where the commands have none, and pools the demo's publishers.
    assert wrong == [("GIGACITY_INFLUX_ORG", "gigacity"), ("GIGACITY_SIMULATE_CLIENTS", "pooled")]
    assert not GRAFANA.keys() & declared.keys()


def test_every_variable_of_compose_is_explained() -> None:
    declared = {spec.variable for kind in COMMANDS.values() for spec in settings_of(kind)}
    unexplained = {name for name, (_, meaning) in compose_variables().items() if not meaning}
    assert unexplained <= declared, "a comment line above it in .env.example says what it is"


def _texts(default: Any) -> set[str]:
    if default is None:
        return {""}  # What stands empty in the environment is not set.
    return {str(default), f"{default:g}" if isinstance(default, float) else str(default)}
