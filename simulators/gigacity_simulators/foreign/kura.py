"""Eclipse Kura: protobuf metrics below the client's topic, packed by gzip."""

import gzip
from collections.abc import Iterator, Sequence
from typing import Any

from gigacity_simulators.foreign.definition import ForeignFormat
from gigacity_simulators.foreign.protobuf import blob, double, whole
from gigacity_simulators.foreign.readings import FieldReading, WireMessage
from gigacity_simulators.foreign.styles import ValueStyle
from gigacity_simulators.publisher_directory import PublisherRole

_STYLE = ValueStyle()
_DOUBLE, _LONG, _BOOL, _TEXT = 0, 2, 4, 5


def _metric(name: str, value: Any) -> bytes:
    if isinstance(value, bool):
        kind, said = _BOOL, whole(7, value)
    elif isinstance(value, int):
        kind, said = _LONG, whole(5, value)
    elif isinstance(value, float):
        kind, said = _DOUBLE, double(3, value)
    else:
        kind, said = _TEXT, blob(8, str(value))
    return blob(1, name) + whole(2, kind) + said


def _kura(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        metrics = (_metric(*item) for item in _STYLE.said(reading.values).items())
        body = whole(1, reading.at_ms) + b"".join(blob(5000, metric) for metric in metrics)
        topic = f"kura/{gateway}/city/{reading.home}/{reading.object}"
        yield WireMessage(topic, gzip.compress(body, mtime=0))


FORMATS = (
    ForeignFormat(
        "kura", PublisherRole.GATEWAY, _kura, _STYLE, ("kura/+/city/+/+",),
        '{registry: "{path}"}', "{}/{}".format,
    ),
)  # fmt: skip
