"""``gigacity mapping preset``: how an OLT that only speaks SNMP is read, as two files."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gigacity_ingest.presets.telegraf_config import Agent

EPILOG = (
    "Example: gigacity mapping preset huawei-ma5800 --area 371602"
    " --agent olt-9=udp://192.0.2.9:161 --broker mqtts://broker:8883 --out deploy/sources"
)
_AGENT = re.compile(r"(udp|tcp)[46]?://[A-Za-z0-9._:\[\]-]{1,255}\Z")
_BROKER = re.compile(r"mqtts?://[A-Za-z0-9._:\[\]-]{1,255}\Z")


def preset(
    name: Annotated[
        str, typer.Argument(help="huawei-ma5800, zte-c300, zte-c600 or fiberhome-an5516.")
    ],
    *,
    area: Annotated[list[str], typer.Option(help="Code of an area whose OLTs are polled.")],
    agent: Annotated[
        list[str] | None,
        typer.Option(help="OLT to poll: its id and address, olt-9=udp://192.0.2.9:161."),
    ] = None,
    broker: Annotated[
        str, typer.Option(help="Broker that Telegraf sends to.")
    ] = "mqtts://localhost:8883",
    user: Annotated[
        list[str] | None,
        typer.Option(help="User name with which Telegraf logs in.  [default: telegraf]"),
    ] = None,
    data_format: Annotated[
        str, typer.Option("--format", help="What Telegraf sends: json, or influx (line protocol).")
    ] = "json",
    interval_s: Annotated[
        int, typer.Option("--interval", min=1, max=86_400, help="Seconds between two polls.")
    ] = 60,
    out: Annotated[Path, typer.Option(help="Folder of the two files.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write a Telegraf configuration that polls OLTs by SNMP, and the mapping of what it sends.

    OIDs are numeric: no MIB file is needed. Secrets are read from environment variables when
    Telegraf starts. The configuration is NAME.conf, the mapping NAME.yaml.
    """
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick
    from gigacity_ingest.presets.catalogue import PRESETS  # noqa: PLC0415
    from gigacity_ingest.presets.mapping_text import mapping_text  # noqa: PLC0415
    from gigacity_ingest.presets.telegraf_config import (  # noqa: PLC0415
        FORMATS,
        Polling,
        telegraf_config,
    )

    chosen = PRESETS.get(name)
    if chosen is None:
        raise ConfigError(f"{name}: no such preset; there are {', '.join(PRESETS)}")
    if data_format not in FORMATS:
        raise ConfigError(f"--format {data_format}: known are {', '.join(FORMATS)}")
    users = user or ["telegraf"]
    _check(area, broker, users)
    agents = [_agent(text) for text in agent or ["udp://192.0.2.9:161"]]
    polling = Polling(agents, broker, FORMATS[data_format], interval_s)
    texts = {
        out / f"{name}.conf": telegraf_config(chosen, polling),
        out / f"{name}.yaml": mapping_text(chosen, area, users, polling.data_format),
    }
    _write(texts, is_forced=force)
    if not agent:
        sys.stderr.write("No --agent: the configuration has an invented one; put yours there.\n")


def _check(areas: list[str], broker: str, users: list[str]) -> None:
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.identifiers import is_area, is_id  # noqa: PLC0415

    if wrong := next((code for code in areas if not is_area(code)), None):
        raise ConfigError(f"--area {wrong}: write the 6 digits of its code")
    if not _BROKER.match(broker):
        raise ConfigError(f"--broker {broker}: write mqtt://host:1883 or mqtts://host:8883")
    if wrong := next((one for one in users if not is_id(one)), None):
        raise ConfigError(f"--user {wrong}: letters, digits, '.', '_' and '-', as one level")


def _agent(text: str) -> "Agent":
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.identifiers import is_id  # noqa: PLC0415
    from gigacity_ingest.presets.telegraf_config import Agent  # noqa: PLC0415

    olt, has_id, address = text.rpartition("=")
    if not _AGENT.match(address) or (has_id and not is_id(olt)):
        raise ConfigError(f"--agent {text}: write OLT=udp://host:161, or udp://host:161")
    return Agent(address, olt)


def _write(texts: dict[Path, str], *, is_forced: bool) -> None:
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick

    if not is_forced and (there := next((path for path in texts if path.exists()), None)):
        raise ConfigError(f"{there}: is there already; --force replaces it")
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or error}") from error
        sys.stdout.write(f"{path}\n")
