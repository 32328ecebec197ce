"""VOLTHA: ``KpiEvent2`` and ``KpiEvent3`` of OLTs and ONUs, as protobuf or JSON.

Source: opencord/voltha-protos, ``events.proto`` (names and numbers). Its ``ts`` is said to be in
seconds and is written in nanoseconds too, so the magnitude decides. Values of ``KpiEvent2`` are
32-bit floats: counters beyond 2^24 have lost their last digits there, and ``KpiEvent3`` keeps
them.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES, PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import inflated, is_gzip, read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import Gathering, identity, message_id
from gigacity_ingest.formats.memo import Memo
from gigacity_ingest.formats.protobuf_schema import ProtobufField as Field
from gigacity_ingest.formats.protobuf_schema import message_classes, parse_protobuf
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.tag_names import TagNames
from gigacity_ingest.formats.times import TimeRule


def _kpi_event(of: str) -> tuple[Field, ...]:
    return (Field("ts", 2, "double"), Field("slice_data", 3, of, is_repeated=True))


def _information(of: str) -> tuple[Field, ...]:
    return (Field("metadata", 1, "Metadata"), Field("metrics", 2, of, is_repeated=True))


Event = message_classes(
    "gigacity.voltha",
    {
        "Opaque": (),
        "Context": (Field("key", 1, "string"), Field("value", 2, "string")),
        "Float": (Field("key", 1, "string"), Field("value", 2, "float")),
        "Double": (Field("key", 1, "string"), Field("value", 2, "double")),
        "Metadata": (
            Field("title", 1, "string"),
            Field("ts", 2, "double"),
            Field("logical_device_id", 3, "string"),
            Field("serial_no", 4, "string"),
            Field("device_id", 5, "string"),
            Field("context", 6, "Context", is_repeated=True),
        ),
        "Information": _information("Float"),
        "Information64": _information("Double"),
        "KpiEvent2": _kpi_event("Information"),
        "KpiEvent3": _kpi_event("Information64"),
        "Header": (Field("id", 1, "string"),),
        "Event": (
            Field("header", 1, "Header"),
            Field("config_event", 2, "Opaque", oneof="event"),
            Field("kpi_event", 3, "Opaque", oneof="event"),
            Field("kpi_event2", 4, "KpiEvent2", oneof="event"),
            Field("device_event", 5, "Opaque", oneof="event"),
            Field("rpc_event", 6, "Opaque", oneof="event"),
            Field("kpi_event3", 7, "KpiEvent3", oneof="event"),
        ),
    },
)["Event"]
"""One message, so far as readings are made of it."""
_KPI = ("kpi_event2", "kpi_event3")
_OTHERS = ("config_event", "kpi_event", "device_event", "rpc_event")
_NAMES = ("title", "device_id", "serial_no", "logical_device_id")
_CONTEXT = "context."


class _Slice(NamedTuple):
    """One group of metrics of one object, from either encoding."""

    names: dict[str, str]
    stated: Any
    values: dict[str, Any]


class VolthaDecoder:
    """Reads KPI events; events of other kinds are counted.

    Args:
        times: how ``ts`` is written.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times
        self._context_names = TagNames(_CONTEXT)

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings of one event.

        Raises:
            PayloadError: neither encoding of an event.
        """
        payload = message.payload
        if len(payload) > MAX_PAYLOAD_BYTES:
            text = f"{len(payload)} bytes, limit {MAX_PAYLOAD_BYTES}"
            raise PayloadError(RejectionReason.TOO_LARGE, text)
        if is_gzip(payload):
            payload = inflated(payload)
        gathering = Gathering()
        if payload.lstrip()[:1] == b"{":
            self._json(gathering, _snake_case(read_body_object(payload)))
        else:
            self._protobuf(gathering, parse_protobuf(Event, payload, "VOLTHA"))
        return gathering.finish()

    def _protobuf(self, gathering: Gathering, event: Any) -> None:
        kind = event.WhichOneof("event")
        if kind in _KPI:
            kpi = getattr(event, kind)
            slices = (self._slice_of(information) for information in kpi.slice_data)
            self._add(gathering, slices, kpi.ts, message_id(event.header.id))
        elif kind is not None:
            gathering.ignore(kind)
        else:
            raise _no_event()

    def _slice_of(self, information: Any) -> _Slice:
        about = information.metadata
        names: dict[str, str] = {
            "title": about.title,
            "device_id": about.device_id,
            "serial_no": about.serial_no,
            "logical_device_id": about.logical_device_id,
        }
        for entry in about.context:
            names[self._context_names[entry.key]] = entry.value
        values: dict[str, Any] = {metric.key: metric.value for metric in information.metrics}
        if not all(map(math.isfinite, values.values())):
            values = {key: value if math.isfinite(value) else None for key, value in values.items()}
        return _Slice(names, about.ts, values)

    def _json(self, gathering: Gathering, event: Mapping[str, Any]) -> None:
        # An event without its envelope is what some exporters publish.
        kpi = next((event[kind] for kind in _KPI if kind in event), event)
        other = next((kind for kind in _OTHERS if kind in event), "")
        if other:
            gathering.ignore(other)
            return
        kpi = _snake_case(kpi) if isinstance(kpi, dict) else {}
        slices = kpi.get("slice_data")
        if not isinstance(slices, list):
            raise _no_event()
        header = event.get("header")
        sent_as = message_id(header.get("id")) if isinstance(header, dict) else ""
        self._add(gathering, self._json_slices(gathering, slices), kpi.get("ts"), sent_as)

    def _json_slices(self, gathering: Gathering, slices: list[Any]) -> Iterator[_Slice]:
        for index, information in enumerate(slices):
            about = information.get("metadata") if isinstance(information, dict) else None
            metrics = information.get("metrics") if isinstance(information, dict) else None
            if not isinstance(about, dict) or not isinstance(metrics, dict):
                gathering.refuse(f"slice_data[{index}]", "metadata and metrics", information)
                continue
            about = _snake_case(about)
            names = {name: identity(about.get(name)) or "" for name in _NAMES}
            context = about.get("context")
            for key, value in context.items() if isinstance(context, dict) else ():
                names[self._context_names[key]] = identity(value) or ""
            yield _Slice(names, about.get("ts"), metrics)

    def _add(
        self, gathering: Gathering, slices: Iterator[_Slice], stated: Any, sent_as: str
    ) -> None:
        """The time of collection, or of the whole event where none is stated."""
        for names, collected, values in slices:
            instant = self._times.instant_ms(collected)
            if instant is None:
                instant = self._times.instant_ms(stated)
            if values:
                gathering.add(names, values, instant, sent_as)


def _snake_case(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Names as in the schema; protobuf's JSON writes them in camel case, and either is allowed."""
    for name in members:
        if _SNAKE_CASE[name] != name:
            return {_SNAKE_CASE[name]: value for name, value in members.items()}
    return members


_SNAKE_CASE: Memo[str] = Memo(
    lambda name: "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name),
    1000,
)


def _no_event() -> PayloadError:
    text = "expected an event of VOLTHA, such as kpi_event2 with slice_data"
    return PayloadError(RejectionReason.BAD_ENVELOPE, text)


def _make(dialect: Dialect, times: TimeRule) -> VolthaDecoder:
    check_keys(dialect, ())
    return VolthaDecoder(times)


FORMAT = Format(
    "voltha",
    _make,
    "VOLTHA: KPI events of OLTs and ONUs, protobuf or JSON",
    "VOLTHA：OLT 与 ONU 性能事件（protobuf 或 JSON）",
)
