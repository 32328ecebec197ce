"""Writes the Telegraf configuration of a preset.

One message an OLT and poll, all of its ports in it. Account, SNMP community and CA stand in
environment variables, so the file holds no secret. OIDs are numeric: no MIB file is read.
Source of the options: plugins/inputs/snmp and plugins/outputs/mqtt of Telegraf 1.39.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gigacity_ingest.presets.columns import Column
from gigacity_ingest.presets.definition import IF_NAME, OltPreset
from gigacity_ingest.presets.onu_counting import ONU, counting_processor

DataFormat = Literal["json", "influx"]
FORMATS: dict[str, DataFormat] = {"json": "json", "influx": "influx"}
TOPIC_ROOT = "telegraf"
_MAX_ROWS = 500
"""Of one message: some 200 KB."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An OLT that is polled."""

    address: str
    """Such as ``udp://192.0.2.9:161``."""
    olt: str = ""
    """Its id in the city file; empty: its address is its id."""


@dataclass(frozen=True, slots=True)
class Polling:
    """What is polled, how often, and where it goes."""

    agents: Sequence[Agent]
    broker: str
    data_format: DataFormat = "json"
    interval_s: int = 60


def telegraf_config(preset: OltPreset, polling: Polling) -> str:
    """The configuration as TOML."""
    return "\n".join(
        (
            f"# {preset.title}: polled by SNMP, sent to the platform's broker.",
            "# Set SNMP_COMMUNITY, MQTT_USERNAME, MQTT_PASSWORD"
            + (", and MQTT_CA (a file)." if _is_tls(polling) else "."),
            *(f"# {note}" for note in preset.notes),
            "",
            "[agent]",
            f'  interval = "{polling.interval_s}s"',
            f'  flush_interval = "{min(polling.interval_s, 5)}s"',
            f"  metric_batch_size = {_MAX_ROWS}",
            "  omit_hostname = true",
            "  skip_processors_after_aggregators = true",
            "",
            *_output(preset, polling),
            *(counting_processor(preset.onus) if preset.onus is not None else ()),
            *(line for agent in polling.agents for line in _input(preset, agent)),
        )
    )


def _is_tls(polling: Polling) -> bool:
    return polling.broker.startswith("mqtts://")


def _output(preset: OltPreset, polling: Polling) -> Iterator[str]:
    yield "[[outputs.mqtt]]"
    yield f'  servers = ["{polling.broker}"]'
    # A level of the account's own, so that the broker can tell whose topic it is.
    name = f"{TOPIC_ROOT}/${{MQTT_USERNAME}}/{preset.name}"
    yield f"  topic = '{name}/" + """{{ .Tag "source" }}'"""
    yield '  layout = "batch"'
    yield "  qos = 1"
    yield "  keep_alive = 30"
    yield '  username = "${MQTT_USERNAME}"'
    yield '  password = "${MQTT_PASSWORD}"'
    if _is_tls(polling):
        yield '  tls_ca = "${MQTT_CA}"'
    yield f'  data_format = "{polling.data_format}"'
    if polling.data_format == "json":
        yield '  json_timestamp_units = "1ms"'
    yield ""


def _input(preset: OltPreset, agent: Agent) -> Iterator[str]:
    yield "[[inputs.snmp]]"
    yield f'  agents = ["{agent.address}"]'
    yield "  version = 2"
    yield '  community = "${SNMP_COMMUNITY}"'
    yield '  agent_host_tag = "source"'
    yield '  timeout = "10s"'
    yield "  retries = 2"
    yield "  max_repetitions = 25"
    yield "  [inputs.snmp.tagpass]"
    names = ", ".join(f'"{name}"' for name in preset.port_names)
    yield f"    ifName = [{names}]"
    if preset.onus is not None:
        yield f'    index = ["{preset.onus.index_pattern}"]'
    if agent.olt:
        yield "  [inputs.snmp.tags]"
        yield f'    olt = "{agent.olt}"'
    if preset.onus is not None:
        # Before the ports, which take the counts along.
        yield from _table(ONU, preset.onus.columns)
    label = "RFC 2863 IF-MIB ifName" if preset.label == IF_NAME else "name of the port"
    yield from _table("pon", (Column("ifName", preset.label, label, is_tag=True), *preset.columns))
    yield ""


def _table(name: str, columns: Sequence[Column]) -> Iterator[str]:
    yield "  [[inputs.snmp.table]]"
    yield f'    name = "{name}"'
    yield "    index_as_tag = true"
    for column in columns:
        yield from _field(column)


def _field(column: Column) -> Iterator[str]:
    yield "    [[inputs.snmp.table.field]]"
    yield f"      # {column.source}"
    yield f'      name = "{column.name}"'
    yield f'      oid = "{column.oid}"'
    if column.is_tag:
        yield "      is_tag = true"
