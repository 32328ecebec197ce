"""``docs/settings.md``: every setting, from the classes of the processes and ``.env.example``."""

import re
from collections.abc import Iterator
from dataclasses import MISSING
from pathlib import Path
from typing import Any

from gigacity_api.settings import ApiSettings
from gigacity_contract.process.options import SettingSpec, settings_of
from gigacity_dashboards.cli import BoardSettings, GrafanaSettings
from gigacity_deploy.commands.alarms import AlarmListSettings
from gigacity_deploy.commands.credentials import AccountSettings, ApiKeySettings
from gigacity_deploy.demo.options import DemoOptions
from gigacity_ingest.settings import (
    BrokerSettings,
    IngestSettings,
    ProvisionSettings,
    ReplaySettings,
)
from gigacity_notify.settings import NotifySettings
from gigacity_simulators.citygen.command import GenerateCitySettings
from gigacity_simulators.settings import SimulateSettings
from gigacity_simulators.snmp.command import SimulateOltSettings

ROOT = Path(__file__).parents[2]

COMMANDS: dict[str, type[Any]] = {
    "ingest": IngestSettings,
    "deadletters replay": ReplaySettings,
    "conformance": BrokerSettings,
    "record": BrokerSettings,
    "replay": BrokerSettings,
    "provision": ProvisionSettings,
    "api": ApiSettings,
    "notify run": NotifySettings,
    "credentials field": AccountSettings,
    "credentials api-key": ApiKeySettings,
    "simulate": SimulateSettings,
    "generate-city": GenerateCitySettings,
    "simulate-olt": SimulateOltSettings,
    "dashboards generate": BoardSettings,
    "dashboards verify": GrafanaSettings,
    "demo": DemoOptions,
    "alarms list": AlarmListSettings,
}
"""Each is listed with the settings that none before it has."""

GRAFANA = {
    "GIGACITY_DASHBOARDS_DIR": ("", "read by Grafana: folder of the generated boards"),
    "GIGACITY_INFLUX_GRAFANA_USERNAME": (
        "gigacity-grafana",
        "read by Grafana: user of its data source",
    ),
}
"""Variables that stand in Grafana's own configuration alone (``deploy/grafana``)."""

_HEAD = """\
# Settings

Generated from the settings of each process and from `.env.example` (`python -m tests.docs`).

Every setting is a variable of the environment, and most are a flag of the same name:
`GIGACITY_MQTT_URL` is `--mqtt-url`. A flag wins over the variable.
`gigacity COMMAND --help` shows what a command takes.
What is wrong is named with its setting, and ends with exit code 2.
A name of before is refused with a message that says what it is called now.

**Secrets** have no flag, so that no list of processes shows them.
Each is read from `NAME`, or from the file that `NAME_FILE` names (blanks around it are cut off);
setting both is an error. They stand in no log and no error.

An empty default means: not set. Sizes of `_MB` are mebibytes, times of `_S` seconds.
Each setting is listed with the first command that takes it;
where another one has another default, both are named.
"""
_COMPOSE = """\
## docker compose

Read by `docker-compose.yml` alone, from the environment or from `.env`;
`.env.example` has all of them.
"""


def settings_page() -> str:
    """The page, whole."""
    parts = [_HEAD]
    known: set[str] = set()
    for command, kind in COMMANDS.items():
        specs = [s for s in settings_of(kind) if s.variable and s.variable not in known]
        known |= {spec.variable for spec in specs}
        if specs:
            parts += [f"## `gigacity {command}`\n", _table(map(_row, specs))]
    grafana = (_cells(name, _code(default), text) for name, (default, text) in GRAFANA.items())
    parts += ["## Grafana\n", _table(grafana)]
    compose = (
        _cells(name, _code(default), text)
        for name, (default, text) in compose_variables().items()
        if name not in known
    )
    return "\n".join([*parts, _COMPOSE, _table(compose)])


def compose_variables() -> dict[str, tuple[str, str]]:
    """Default and meaning of each variable of ``.env.example``, whose comment stands above it."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    found = re.findall(r"^(?:# ([^-\n].*)\n)?(GIGACITY_\w+)=(.*)$", text, re.MULTILINE)
    return {name: (default, meaning.rstrip(".")) for meaning, name, default in found}


def _row(spec: SettingSpec) -> str:
    """A setting with what differs for other commands than the first that takes it."""
    names = f"{spec.variable}`, `{spec.variable}_FILE" if spec.is_secret else spec.variable
    defaults = [_default(spec)]
    for command, kind in COMMANDS.items():
        for other in settings_of(kind):
            if other.variable == spec.variable and _default(other) != defaults[0]:
                defaults.append(f"`gigacity {command}`: {_default(other)}")
    return _cells(names, "; ".join(defaults), spec.meaning, secret=spec.is_secret)


def _default(spec: SettingSpec) -> str:
    value = spec.default
    if spec.shown_default:
        return spec.shown_default
    if spec.is_secret or value is None or value == "":
        return ""
    if value is MISSING:
        return "must be set"
    if isinstance(value, bool):
        return _code(str(int(value)))
    return _code(f"{value:g}" if isinstance(value, float) else str(value))


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(rows: Iterator[str]) -> str:
    head = "| name | default | meaning | secret |\n|---|---|---|---|\n"
    return head + "".join(f"{row}\n" for row in rows)


def _cells(name: str, default: str, meaning: str, *, secret: bool = False) -> str:
    return f"| `{name}` | {default} | {meaning} | {'yes' if secret else 'no'} |"
