"""Eclipse Kura and Kapua: ``{account}/{client}/{application}/...`` with metrics.

Protobuf (usually gzip) or JSON. Source: eclipse-kura, ``kurapayload.proto`` (names and numbers)
and its JSON encoding; births and ends stand below ``$EDC/{account}/{client}/MQTT/``.
"""

import math
from collections.abc import Iterator
from typing import Any

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES, PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import inflated, is_gzip, read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys, text
from gigacity_ingest.formats.gathering import Gathering
from gigacity_ingest.formats.protobuf_schema import ProtobufField as Field
from gigacity_ingest.formats.protobuf_schema import message_classes, parse_protobuf
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

_Payload = message_classes(
    "gigacity.kura",
    {
        "Position": (),
        "Metric": (
            Field("name", 1, "string"),
            Field("type", 2, "int32"),
            Field("double_value", 3, "double"),
            Field("float_value", 4, "float"),
            Field("long_value", 5, "int64"),
            Field("int_value", 6, "int32"),
            Field("bool_value", 7, "bool"),
            Field("string_value", 8, "string"),
            Field("bytes_value", 9, "bytes"),
        ),
        "Payload": (
            Field("timestamp", 1, "int64"),
            Field("position", 2, "Position"),
            Field("metric", 5000, "Metric", is_repeated=True),
            Field("body", 5001, "bytes"),
        ),
    },
)["Payload"]
_MEMBERS = (
    "double_value",
    "float_value",
    "long_value",
    "int_value",
    "bool_value",
    "string_value",
    "bytes_value",
)
"""Member of a metric by its type, an enumeration from 0."""
_BYTES = 6
_SESSIONS = {"BIRTH": True, "DC": False, "LWT": False}
_MIN_LEVELS = 3


class KuraDecoder:
    """Reads data messages and births, disconnections and last wills.

    Args:
        times: how ``timestamp`` and ``sentOn`` are written.
        control: the first level of what concerns the client itself.
    """

    def __init__(self, times: TimeRule, control: str) -> None:
        self._times = times
        self._control = control

    def decode(self, message: ForeignMessage) -> Decoded:
        """What the message holds.

        Raises:
            PayloadError: a topic with too few levels, or a body that is neither encoding.
        """
        levels = message.topic.split("/")
        gathering = Gathering()
        if len(levels) < _MIN_LEVELS:
            text = "expected account/client/application, and what is below it"
            raise PayloadError(RejectionReason.BAD_TOPIC, text)
        if levels[0] == self._control:
            self._lifecycle(gathering, levels)
            return gathering.finish()
        names = {
            "account": levels[0],
            "client": levels[1],
            "application": levels[2],
            "path": "/".join(levels[3:]),
        }
        stated, values = _read(message.payload, gathering)
        if values:
            gathering.add(names, values, self._times.instant_ms(stated))
        return gathering.finish()

    def _lifecycle(self, gathering: Gathering, levels: list[str]) -> None:
        *_, part, event = levels
        if part != "MQTT" or event not in _SESSIONS:
            gathering.ignore("lifecycle")
            return
        names = {"account": levels[1], "client": levels[2]}
        # The bodies are not read: a will was written when the session began.
        gathering.add_session(names, is_online=_SESSIONS[event], reason=event)


def _read(payload: bytes, gathering: Gathering) -> tuple[Any, dict[str, Any]]:
    """The stated time and the values of a body in either encoding."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        too_large = f"{len(payload)} bytes, limit {MAX_PAYLOAD_BYTES}"
        raise PayloadError(RejectionReason.TOO_LARGE, too_large)
    if is_gzip(payload):
        payload = inflated(payload)
    if payload.lstrip()[:1] == b"{":
        return _of_json(read_body_object(payload), gathering)
    message = parse_protobuf(_Payload, payload, "Kura")
    for member in ("body", "position"):
        if message.HasField(member):
            gathering.ignore(member)
    stated = message.timestamp if message.HasField("timestamp") else None
    return stated, dict(_values(message.metric, gathering))


def _of_json(body: dict[str, Any], gathering: Gathering) -> tuple[Any, dict[str, Any]]:
    metrics = body.get("metrics", {})
    if not isinstance(metrics, dict):
        raise PayloadError(RejectionReason.BAD_ENVELOPE, "metrics: expected an object")
    for member in ("body", "position"):
        if body.get(member) is not None:
            gathering.ignore(member)
    return body.get("sentOn"), metrics


def _values(metrics: Any, gathering: Gathering) -> Iterator[tuple[str, Any]]:
    for index, metric in enumerate(metrics):
        member = _MEMBERS[metric.type] if 0 <= metric.type < len(_MEMBERS) else ""
        if not metric.name or not member or not metric.HasField(member):
            gathering.fault(
                RejectionReason.BAD_FIELD,
                f"metric[{index}] {metric.name}: expected a name, a type, and a value of that type",
                metric.SerializeToString(),
            )
        elif metric.type == _BYTES:
            gathering.ignore("bytes")
        else:
            value = getattr(metric, member)
            is_number = not isinstance(value, float) or math.isfinite(value)
            yield metric.name, value if is_number else None


def _make(dialect: Dialect, times: TimeRule) -> KuraDecoder:
    check_keys(dialect, ("control",))
    return KuraDecoder(times, text(dialect, "control", "$EDC"))


FORMAT = Format(
    "kura",
    _make,
    "Eclipse Kura: protobuf (gzip) or JSON metrics of gateways",
    "Eclipse Kura：网关指标（protobuf/gzip 或 JSON）",
)
