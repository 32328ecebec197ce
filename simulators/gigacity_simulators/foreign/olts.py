"""Ports of OLTs as Telegraf publishes what it polled, in JSON and line protocol; and VOLTHA."""

from collections.abc import Iterator, Sequence
from typing import Any

from gigacity_simulators.foreign.definition import ForeignFormat
from gigacity_simulators.foreign.protobuf import blob, double
from gigacity_simulators.foreign.readings import FieldReading, WireMessage, json_bytes
from gigacity_simulators.foreign.styles import ValueStyle
from gigacity_simulators.publisher_directory import PublisherRole

_STYLE = ValueStyle(states=(1, 2))
_VOLTHA = ValueStyle(states=(1, 2), tech="@context.tech")
_PORT = '{olt: "{tags.source}", port: {label: "{tags.ifName}"}}'


def _telegraf_json(olt: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    metrics = [
        {
            "name": "pon",
            "tags": {"host": "poller-1", "source": olt, "ifName": f"GPON 0/{reading.object}"},
            "fields": _STYLE.said(reading.values),
            "timestamp": reading.at_ms,
        }
        for reading in readings
    ]
    yield WireMessage(f"telegraf/{olt}/pon", json_bytes({"metrics": metrics}))


def _influx_line(olt: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    lines = (
        f"pon,host=poller-1,ifName=GPON\\ 0/{reading.object},source={olt} "
        + ",".join(f"{n}={_field(v)}" for n, v in _STYLE.said(reading.values).items())
        + f" {reading.at_ms}000000"
        for reading in readings
    )
    yield WireMessage(f"telegraf/{olt}/lines", "\n".join(lines).encode())


def _field(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return f"{value}i" if isinstance(value, int) else repr(value)


def _voltha(olt: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    """``KpiEvent3``: a slice a port; numbers alone, so that the technology is context."""
    slices = b"".join(blob(3, _slice(olt, reading)) for reading in readings)
    first = readings[0]
    header = blob(1, f"voltha.{olt}.{first.number}")
    event = blob(1, header) + blob(7, double(2, first.at_ms / 1000) + slices)
    yield WireMessage(f"voltha/{olt}/kpi", event)


def _slice(olt: str, reading: FieldReading) -> bytes:
    slot, _, port = reading.object.partition("/")
    context = {"slot": slot, "port": port, "tech": reading.values["tech"]}
    metadata = (
        blob(1, "PON_Port")
        + double(2, reading.at_ms / 1000)
        + blob(5, olt)
        + b"".join(blob(6, blob(1, k) + blob(2, v)) for k, v in context.items())
    )
    metrics = _VOLTHA.said(reading.values).items()
    return blob(1, metadata) + b"".join(blob(2, blob(1, n) + double(2, v)) for n, v in metrics)


FORMATS = (
    ForeignFormat(
        "telegraf_json", PublisherRole.OLT, _telegraf_json, _STYLE, ("telegraf/+/pon",), _PORT,
        is_batch=True,
    ),
    ForeignFormat(
        "influx_line", PublisherRole.OLT, _influx_line, _STYLE, ("telegraf/+/lines",), _PORT,
        is_batch=True,
    ),
    ForeignFormat(
        "voltha", PublisherRole.OLT, _voltha, _VOLTHA, ("voltha/+/kpi",),
        '{olt: "{device_id}", port: {slot: "{context.slot}", port: "{context.port}"}}',
        is_batch=True,
    ),
)  # fmt: skip
