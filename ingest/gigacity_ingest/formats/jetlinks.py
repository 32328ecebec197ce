"""JetLinks' official protocol: reports, events, births and ends, of devices and their children.

Topics ``/{product}/{device}/...``; those of a child stand behind ``child/{child}``. Source:
jetlinks-official-protocol, TopicMessageCodec and its documentation.
"""

from collections.abc import Mapping
from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import (
    EMPTY,
    OTHER_TOPIC,
    TIME_REQUEST,
    Gathering,
    message_id,
)
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

PRODUCT, DEVICE, GATEWAY, EVENT_NAME = "product", "device", "gateway", "event"
_PROPERTY_TOPICS = frozenset(
    {("properties", "report"), ("properties", "read", "reply"), ("properties", "write", "reply")}
)
_SESSION_TOPICS = {("online",): True, ("offline",): False}
_CHILDREN = frozenset({"child", "children"})


class JetLinksDecoder:
    """Reads messages of devices and of gateways.

    Args:
        times: how instants are written.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings and sessions of one message.

        Raises:
            PayloadError: no topic of JetLinks, no JSON, or without what the topic promises.
        """
        names, rest = _parse(message.topic)
        gathering = Gathering()
        if rest in _PROPERTY_TOPICS:
            self._add_properties(gathering, names, read_body_object(message.payload))
        elif len(rest) == 2 and rest[0] == "event":
            self._add_event(gathering, {**names, EVENT_NAME: rest[1]}, message.payload)
        elif rest in _SESSION_TOPICS:
            body = read_body_object(message.payload) if message.payload else {}
            time_ms = self._times.instant_ms(body.get("timestamp"))
            gathering.add_session(names, is_online=_SESSION_TOPICS[rest], time_ms=time_ms)
        elif rest == ("time-sync",):
            body = read_body_object(message.payload)
            gathering.ignore(TIME_REQUEST)
            reply = {"messageId": body.get("messageId"), "timestamp": message.now_ms}
            gathering.answer(f"{message.topic}/reply", reply)
        else:
            gathering.ignore(OTHER_TOPIC)
        return gathering.finish()

    def _add_properties(
        self, gathering: Gathering, names: Mapping[str, str], body: Mapping[str, Any]
    ) -> None:
        properties = body.get("properties")
        if not isinstance(properties, dict):
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "properties: expected an object")
        if not properties:
            gathering.ignore(EMPTY)
            return
        time_ms = self._times.instant_ms(body.get("timestamp"))
        sent_as = message_id(body.get("messageId"))
        source_times = body.get("propertySourceTimes")
        if not source_times:
            gathering.add(names, properties, time_ms, sent_as)
            return
        if not isinstance(source_times, dict):
            gathering.refuse("propertySourceTimes", "an object", source_times)
            source_times = {}
        by_time: dict[int | None, dict[str, Any]] = {}
        for name, value in properties.items():
            instant = self._times.instant_ms(source_times.get(name))
            by_time.setdefault(time_ms if instant is None else instant, {})[name] = value
        for instant, values in by_time.items():
            gathering.add(names, values, instant, sent_as)

    def _add_event(self, gathering: Gathering, names: Mapping[str, str], payload: bytes) -> None:
        body = read_body_object(payload)
        data = body.get("data")
        if data is None:
            gathering.ignore(EMPTY)
            return
        values = data if isinstance(data, dict) else {names[EVENT_NAME]: data}
        time_ms = self._times.instant_ms(body.get("timestamp"))
        gathering.add(names, values, time_ms, message_id(body.get("messageId")))


def _parse(topic: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Whose message it is, and what stands behind that in its topic.

    Raises:
        PayloadError: no topic of JetLinks.
    """
    levels = topic.removeprefix("/").split("/")
    if len(levels) < 3 or not (levels[0] and levels[1]):
        text = "expected /{product}/{device}/..., as JetLinks' topics are"
        raise PayloadError(RejectionReason.BAD_TOPIC, text)
    product, device, *rest = levels
    if rest[0] in _CHILDREN and len(rest) > 2 and rest[1]:
        return {PRODUCT: product, DEVICE: rest[1], GATEWAY: device}, tuple(rest[2:])
    return {PRODUCT: product, DEVICE: device}, tuple(rest)


def _make(dialect: Dialect, times: TimeRule) -> JetLinksDecoder:
    check_keys(dialect, ())
    return JetLinksDecoder(times)


FORMAT = Format(
    "jetlinks",
    _make,
    "JetLinks: devices, children, births and ends",
    "JetLinks：设备、子设备、上线与离线",
)
