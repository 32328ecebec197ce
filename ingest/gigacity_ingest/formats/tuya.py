"""TuyaLink: properties with a time each, events, and batches with those of sub-devices.

Topics ``tylink/{device}/thing/property/report``, ``thing/event/trigger`` and
``thing/data/batch_report``. Source: developer.tuya.com device_model and MQTT_Topic.
"""

from collections.abc import Mapping
from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import EMPTY, OTHER_TOPIC, Gathering, identity, message_id
from gigacity_ingest.formats.memo import MAX_TOPICS, Memo
from gigacity_ingest.formats.properties import add_properties
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

DEVICE, GATEWAY, EVENT_NAME = "deviceId", "gateway", "event"
_REPORT, _TRIGGER = "thing/property/report", "thing/event/trigger"
_BATCH = "thing/data/batch_report"
_REPLY = "_response"
_REPLY_WANTED = 1
"""``sys.ack`` of a device that waits for a reply."""


def _parse(topic: str) -> tuple[str, str] | None:
    """Whose topic it is, and what stands behind that."""
    root, _, rest = topic.removeprefix("/").partition("/")
    device, _, action = rest.partition("/")
    return (device, action) if root == "tylink" and device and action else None


class TuyaDecoder:
    """Reads messages of devices and gateways.

    Args:
        times: how instants are written: 10 digits or 13.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times
        self._topics = Memo(_parse, MAX_TOPICS)

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings of one message.

        Raises:
            PayloadError: no topic of Tuya's, no JSON, or without its data.
        """
        known = self._topics[message.topic]
        if known is None:
            text = "expected tylink/{device}/thing/..., as Tuya's topics are"
            raise PayloadError(RejectionReason.BAD_TOPIC, text)
        device, action = known
        gathering = Gathering()
        if action not in {_REPORT, _TRIGGER, _BATCH}:
            gathering.ignore(OTHER_TOPIC)
            return gathering.finish()
        body = read_body_object(message.payload)
        data = body.get("data")
        if not isinstance(data, dict):
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "data: expected an object")
        part = _TuyaMessage(self._times, gathering, body)
        if action == _REPORT:
            part.add_properties({DEVICE: device}, data)
        elif action == _TRIGGER:
            part.add_event({DEVICE: device}, data.get("eventCode"), data, "data")
        else:
            part.add_batch(device, data)
        sys = body.get("sys")
        if isinstance(sys, dict) and sys.get("ack") == _REPLY_WANTED:
            reply = {"msgId": body.get("msgId"), "time": message.now_ms, "code": 0}
            gathering.answer(message.topic + _REPLY, reply)
        return gathering.finish()


class _TuyaMessage:
    """One message on its way."""

    __slots__ = ("_gathering", "_sent_as", "_time_ms", "_times")

    def __init__(self, times: TimeRule, gathering: Gathering, body: Mapping[str, Any]) -> None:
        self._times = times
        self._gathering = gathering
        self._time_ms = times.instant_ms(body.get("time"))
        self._sent_as = message_id(body.get("msgId"))

    def add_properties(self, names: Mapping[str, str], properties: Mapping[str, Any]) -> None:
        """Properties of one device."""
        add_properties(
            self._gathering,
            names,
            properties,
            self._times,
            time_ms=self._time_ms,
            sent_as=self._sent_as,
        )

    def add_event(self, names: Mapping[str, str], code: Any, given: Any, place: str) -> None:
        """One event of one device."""
        named = identity(code)
        values = given.get("outputParams", {}) if isinstance(given, dict) else None
        if named is None or not isinstance(values, dict):
            self._gathering.refuse(place, "an event's code and outputParams (an object)", given)
        elif values:
            own_ms = self._times.instant_ms(given.get("eventTime"))
            time_ms = self._time_ms if own_ms is None else own_ms
            self._gathering.add({**names, EVENT_NAME: named}, values, time_ms, self._sent_as)
        else:
            self._gathering.ignore(EMPTY)

    def add_batch(self, device: str, data: Mapping[str, Any]) -> None:
        """A device's own properties and events, and those of its sub-devices."""
        self._add_object({DEVICE: device}, data, "data")
        devices = data.get("subDevices")
        if devices is None:
            return
        if not isinstance(devices, list):
            self._gathering.refuse("data.subDevices", "a list", devices)
            return
        for index, entry in enumerate(devices):
            named = identity(entry.get("deviceId")) if isinstance(entry, dict) else None
            place = f"data.subDevices[{index}]"
            if named is None:
                self._gathering.refuse(place, "an object with a deviceId", entry)
            else:
                self._add_object({DEVICE: named, GATEWAY: device}, entry, place)

    def _add_object(self, names: Mapping[str, str], entry: Mapping[str, Any], place: str) -> None:
        properties, events = entry.get("properties"), entry.get("events")
        if isinstance(properties, dict):
            if properties:
                self.add_properties(names, properties)
        elif properties is not None:
            self._gathering.refuse(f"{place}.properties", "an object", properties)
        if isinstance(events, dict):
            for code, given in events.items():
                self.add_event(names, code, given, f"{place}.events")
        elif events is not None:
            self._gathering.refuse(f"{place}.events", "an object", events)


def _make(dialect: Dialect, times: TimeRule) -> TuyaDecoder:
    check_keys(dialect, ())
    return TuyaDecoder(times)


FORMAT = Format(
    "tuya",
    _make,
    "TuyaLink: properties, events and batches",
    "涂鸦 TuyaLink：属性、事件与批量上报",
)
