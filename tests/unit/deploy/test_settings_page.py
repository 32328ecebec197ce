"""``docs/settings.md`` against the code: every variable that it reads, with its default."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from gigacity_contract.process.options import settings_of
from gigacity_contract.process.settings import RENAMED_SETTINGS
from gigacity_deploy.main import build_app
from gigacity_ingest.commands.provision import ROLES
from gigacity_simulators.settings import SimulateSettings

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "settings.md"
_NAME = re.compile(r"GIGACITY_[A-Z0-9_]*[A-Z0-9]\b")
_SECRET = re.compile(r'read_secret\(\s*f?"(GIGACITY_[A-Z_{}a-z.()]+)"|FIELD_SECRET = "(\w+)"')
NO_SETTINGS = {"GIGACITY_WORKER": "the name of a measurement in the code"}
PACKAGES = ("ingest", "api", "simulators", "dashboards", "deploy")


def _rows() -> dict[str, tuple[str, str]]:
    """Default and secrecy by name."""
    rows: dict[str, tuple[str, str]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `GIGACITY_"):
            names, default, _, secret = (cell.strip() for cell in line.strip("|").split("|"))
            rows |= dict.fromkeys(re.findall(r"`(\w+)`", names), (default, secret))
    return rows


def _python() -> str:
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def _secrets(code: str) -> set[str]:
    """Names that are read with ``read_secret``; each has a twin that names a file."""
    found = {one or two for one, two in _SECRET.findall(code)}
    templates = {name for name in found if "{" in name}
    filled = {re.sub(r"{.*}", role.upper(), name) for name in templates for role in ROLES}
    declared = {spec.variable for spec in settings_of(SimulateSettings) if spec.is_secret}
    return (found - templates) | filled | declared


def _options(command: Any) -> Iterator[tuple[str, Any]]:
    """Every variable of an option with its default, of this command and those below it."""
    for option in command.params:
        if option.envvar:
            yield option.envvar, option.default
    for below in getattr(command, "commands", {}).values():
        yield from _options(below)


OPTIONS = list(_options(typer.main.get_command(build_app())))


def test_the_page_has_every_name_of_the_code_and_no_other() -> None:
    code = _python()
    others = [ROOT / "docker-compose.yml", ROOT / ".env.example"]
    others += sorted((ROOT / "deploy" / "grafana").rglob("*.yaml"))
    text = code + "".join(path.read_text(encoding="utf-8") for path in others)
    secrets = _secrets(code)
    found = {name for name in _NAME.findall(text) if not name.startswith("GIGACITY_TEST_")}
    found |= {name for name, _ in OPTIONS} | secrets | {f"{name}_FILE" for name in secrets}

    assert sorted(_rows()) == sorted(found - NO_SETTINGS.keys() - RENAMED_SETTINGS.keys())


def test_no_present_setting_has_a_name_of_before() -> None:
    assert not RENAMED_SETTINGS.keys() & {name for name, _ in OPTIONS}
    names = {new for new in RENAMED_SETTINGS.values() if " " not in new}
    assert names <= _rows().keys(), "the new name is on the page, or a sentence says what to do"


def test_secrets_and_nothing_else_are_marked() -> None:
    secrets = _secrets(_python())
    marked = {name for name, (_, secret) in _rows().items() if secret == "yes"}

    assert marked == secrets | {f"{name}_FILE" for name in secrets}
    assert not marked & {name for name, _ in OPTIONS}, "a secret has no flag"


def _text(default: Any) -> str:
    if isinstance(default, bool):
        return str(int(default))
    return f"{default:g}" if isinstance(default, float) else str(default)


@pytest.mark.parametrize(
    ("name", "default"),
    sorted({(name, _text(d)) for name, d in OPTIONS if d not in {None, ""} and d is not ...}),
)
def test_every_default_stands_on_the_page(name: str, default: str) -> None:
    words = [word.strip("`;:,") for word in _rows()[name][0].split()]

    assert default in words


def test_the_defaults_of_compose_stand_on_the_page() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assigned = re.findall(r"^(GIGACITY_\w+)=(.*)$", text, flags=re.MULTILINE)
    rows = _rows()

    shown = {name: rows[name][0].replace("`", "").split() or [""] for name, _ in assigned}
    wrong = [(name, value) for name, value in assigned if value not in shown[name]]

    # Compose names an organisation where the commands have none.
    assert wrong == [("GIGACITY_INFLUX_ORG", "gigacity")]
