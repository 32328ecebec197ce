"""An edge node of Sparkplug B: births, deaths, aliases and the sequence of one connection.

What a device says waits as JSON and gets its final form when it is sent: only then is it known
whether this life of the node has born the device, and which number of the sequence is next.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from gigacity_simulators.foreign.definition import ForeignFormat
from gigacity_simulators.foreign.protobuf import blob, double, whole
from gigacity_simulators.foreign.readings import FieldReading, WireMessage, device_name, json_bytes
from gigacity_simulators.foreign.styles import ValueStyle
from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.publisher_directory import PublisherRole

_GROUP = "spBv1.0/city"
_STYLE = ValueStyle(path="Inputs/{}")
_INT64, _DOUBLE, _BOOLEAN, _STRING = 4, 10, 11, 12
_REBIRTH = "Node Control/Rebirth"
_NUMBERS = 256


class _SparkplugReport(msgspec.Struct):
    device: str
    at_ms: int
    values: dict[str, Any]


def _sparkplug(node: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        values = {f"Inputs/{name}": v for name, v in _STYLE.said(reading.values).items()}
        report = _SparkplugReport(reading.name, reading.at_ms, values)
        yield WireMessage(f"{_GROUP}/DDATA/{node}/{reading.name}", json_bytes(report))


def _value(value: Any) -> tuple[int, bytes]:
    """Data type, and the field of a metric."""
    if isinstance(value, bool):
        return _BOOLEAN, whole(14, value)
    if isinstance(value, int):
        return _INT64, whole(11, value)
    if isinstance(value, float):
        return _DOUBLE, double(13, value)
    return _STRING, blob(15, str(value))


class EdgeNodeSession:
    """The node's words; a ``SessionWords``.

    Args:
        node: its id in topics.
    """

    def __init__(self, node: str) -> None:
        self.commands = f"{_GROUP}/NCMD/{node}"
        self._node = node
        self._bd_seq = -1
        self._seq = 0
        self._born: set[str] = set()
        self._aliases: dict[tuple[str, str], int] = {}

    def begin(self, session_ms: int) -> OutgoingMessage:
        """The will: NDEATH with the number of the birth to come."""
        self._bd_seq = (self._bd_seq + 1) % _NUMBERS
        return self._death(session_ms)

    def births(self, now_ms: int) -> list[OutgoingMessage]:
        """NBIRTH; each device is born by its next report."""
        self._seq = 0
        self._born.clear()
        rebirth = blob(1, _REBIRTH) + whole(4, _BOOLEAN) + whole(14, False)
        metrics = (self._bd_seq_metric(), rebirth)
        payload = whole(1, now_ms) + b"".join(blob(2, metric) for metric in metrics)
        topic = f"{_GROUP}/NBIRTH/{self._node}"
        return [OutgoingMessage(topic, payload + self._next(), now_ms, {})]

    def farewells(self, now_ms: int, reason: str) -> list[OutgoingMessage]:
        """NDEATH, said by the node itself."""
        del reason
        return [self._death(now_ms)]

    def is_birth_asked(self, topic: str, payload: bytes) -> bool:
        """Whether a command is a request for a rebirth."""
        return topic == self.commands and _REBIRTH.encode() in payload

    def sealed(self, message: OutgoingMessage, now_ms: int) -> OutgoingMessage:
        """DBIRTH with names and aliases at a device's first report in this life, then DDATA."""
        report = msgspec.json.decode(message.payload, type=_SparkplugReport)
        is_birth = report.device not in self._born
        self._born.add(report.device)
        metrics = b"".join(
            blob(2, self._metric(report, name, value, is_birth=is_birth))
            for name, value in report.values.items()
        )
        word = "DBIRTH" if is_birth else "DDATA"
        return OutgoingMessage(
            f"{_GROUP}/{word}/{self._node}/{report.device}",
            whole(1, now_ms) + metrics + self._next(),
            message.due_ms,
            message.points,
        )

    def _metric(self, report: _SparkplugReport, name: str, value: Any, *, is_birth: bool) -> bytes:
        alias = self._aliases.setdefault((report.device, name), len(self._aliases))
        data_type, said = _value(value)
        named = blob(1, name) + whole(4, data_type) if is_birth else b""
        return named + whole(2, alias) + whole(3, report.at_ms) + said

    def _death(self, at_ms: int) -> OutgoingMessage:
        payload = whole(1, at_ms) + blob(2, self._bd_seq_metric())
        return OutgoingMessage(f"{_GROUP}/NDEATH/{self._node}", payload, at_ms, {})

    def _bd_seq_metric(self) -> bytes:
        return blob(1, "bdSeq") + whole(4, _INT64) + whole(11, self._bd_seq)

    def _next(self) -> bytes:
        number, self._seq = self._seq, (self._seq + 1) % _NUMBERS
        return whole(3, number)


FORMATS = (
    ForeignFormat(
        "sparkplug_b", PublisherRole.GATEWAY, _sparkplug, _STYLE,
        (f"{_GROUP}/+/+", f"{_GROUP}/+/+/+"),
        '{registry: "{device}", unknown: ignore}', device_name,
        more=("answers: true",), session=EdgeNodeSession,
    ),
)  # fmt: skip
