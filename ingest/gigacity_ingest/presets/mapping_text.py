"""Writes the mapping of what Telegraf sends of a preset, with its examples as tests."""

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from gigacity_ingest.presets.definition import Example, OltPreset
from gigacity_ingest.presets.telegraf_config import TOPIC_ROOT, DataFormat

_DECODERS: dict[DataFormat, str] = {"json": "telegraf_json", "influx": "influx_line"}
_TIME_S = 1764500400


def mapping_text(
    preset: OltPreset, areas: Sequence[str], users: Sequence[str], data_format: DataFormat
) -> str:
    """The mapping as YAML; ``gigacity mapping check`` passes it.

    Args:
        preset: of the equipment.
        areas: whose OLTs are polled.
        users: as which Telegraf logs in at the broker.
        data_format: what Telegraf sends.
    """
    port = {"label": "{tags.ifName}", "index": "{tags.index}", "formula": preset.formula}
    identity = {"olt": "{tags.olt|tags.source}", "port": port}
    return "\n".join(
        (
            f"# {preset.title}: what Telegraf reads by SNMP with the configuration beside this.",
            *(f"# {note}" for note in preset.notes),
            "version: 1",
            "sources:",
            f"  - name: {preset.name}",
            f'    topics: ["{TOPIC_ROOT}/{{poller}}/{preset.name}/+"]',
            f"    decoder: {_DECODERS[data_format]}",
            f"    owner: {_flow({'areas': list(areas)})}",
            f"    publishers: {_flow({'levels': ['poller'], 'users': list(users)})}",
            f"    identity: {_flow(identity)}",
            "    kinds:",
            "      - kind: pon_port",
            "        fields:",
            *_fields(preset),
            "tests:",
            *(line for one in preset.examples for line in _test(preset, one, data_format)),
            "",
        )
    )


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=2**20)
    return str(text).removesuffix("\n")


def _fields(preset: OltPreset) -> Iterator[str]:
    for column in preset.mapped:
        if column.target:
            yield f"          # {column.source}"
            yield f"          {column.target}: {_flow({'from': column.name, **column.reading})}"


def _test(preset: OltPreset, example: Example, data_format: DataFormat) -> Iterator[str]:
    tags = {"source": "192.0.2.9", "olt": "olt-9", "index": example.index}
    if example.label:
        tags["ifName"] = example.label
    yield f"  - source: {preset.name}"
    yield f"    topic: {TOPIC_ROOT}/poller-a/{preset.name}/192.0.2.9"
    if data_format == "json":
        row = {"name": "pon", "tags": tags, "fields": dict(example.values)}
        yield f"    payload: {_flow({'metrics': [row | {'timestamp': _TIME_S * 1000}]})}"
    else:
        names = ",".join(f"{tag}={value}" for tag, value in tags.items()).replace(" ", r"\ ")
        values = ",".join(f"{name}={value}i" for name, value in example.values.items())
        yield f"    payload: 'pon,{names} {values} {_TIME_S}000000000'"
    yield "    expect:"
    stored = {"olt": "olt-9", "time": "2025-11-30T11:00:00Z", "ports": [dict(example.port)]}
    yield f"      stored: [{_flow(stored)}]"
    if example.counts:
        yield f"      counts: {_flow(dict(example.counts))}"
