"""Tencent IoT Explorer: properties and events by method, and a gateway's word on its sub-devices.

Topics ``$thing/up/property/{product}/{device}``, ``$thing/up/event/...`` and
``$gateway/operation/...``; a sub-device's messages come on its own topic over the gateway's
connection. Sources: cloud.tencent.com/document/product/1081/34916 and the embedded C SDK's
data_template and gateway samples.
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

PRODUCT, DEVICE, EVENT_NAME = "ProductID", "DeviceName", "event"
GATEWAY_PRODUCT, GATEWAY_DEVICE = "gatewayProductID", "gatewayDeviceName"
OTHER_METHOD = "other_method"
_PROPERTY, _EVENT, _OPERATION = "$thing/up/property/", "$thing/up/event/", "$gateway/operation/"
_REPLIES = {_PROPERTY: ("$thing/down/property/", "report_reply")} | {
    _EVENT: ("$thing/down/event/", "event_reply")
}


def _parse(topic: str) -> tuple[str, dict[str, str]] | None:
    """What the topic begins with, and whose it is; an unknown beginning is empty."""
    for head in (_PROPERTY, _EVENT, _OPERATION):
        if topic.startswith(head):
            product, _, device = topic[len(head) :].partition("/")
            if not (product and device) or "/" in device:
                return None
            return head, {PRODUCT: product, DEVICE: device}
    return ("", {}) if topic.startswith(("$thing/up/", "$ota/", "$gateway/")) else None


class TencentDecoder:
    """Reads messages of devices and gateways.

    Args:
        times: how instants are written.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times
        self._topics = Memo(_parse, MAX_TOPICS)

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings and sessions of one message.

        Raises:
            PayloadError: no topic of Tencent's, no JSON, or without its parameters.
        """
        known = self._topics[message.topic]
        if known is None:
            text = "expected $thing/up/property/{product}/{device}, or event in its place"
            raise PayloadError(RejectionReason.BAD_TOPIC, text)
        head, names = known
        gathering = Gathering()
        if not head:
            gathering.ignore(OTHER_TOPIC)
            return gathering.finish()
        body = read_body_object(message.payload)
        if head == _OPERATION:
            self._add_operation(gathering, names, body)
        elif self._add_report(gathering, names, body):
            down, method = _REPLIES[head]
            reply = {
                "method": method,
                "clientToken": body.get("clientToken"),
                "code": 0,
                "status": "success",
            }
            gathering.answer(f"{down}{names[PRODUCT]}/{names[DEVICE]}", reply)
        return gathering.finish()

    def _add_report(
        self, gathering: Gathering, names: Mapping[str, str], body: Mapping[str, Any]
    ) -> bool:
        """Whether it is one of what a device reports."""
        method, sent_as = body.get("method"), message_id(body.get("clientToken"))
        if method == "report":
            params = body.get("params")
            if not isinstance(params, dict):
                raise PayloadError(RejectionReason.BAD_ENVELOPE, "params: expected an object")
            time_ms = self._times.instant_ms(body.get("timestamp"))
            add_properties(gathering, names, params, self._times, time_ms=time_ms, sent_as=sent_as)
        elif method == "event_post":
            self._add_event(gathering, names, body, sent_as, "eventId")
        elif method == "events_post":
            events = body.get("events")
            if not isinstance(events, list):
                raise PayloadError(RejectionReason.BAD_ENVELOPE, "events: expected a list")
            for index, event in enumerate(events):
                self._add_event(gathering, names, event, sent_as, f"events[{index}]")
        else:
            gathering.ignore(OTHER_METHOD)
            return False
        return True

    def _add_event(
        self, gathering: Gathering, names: Mapping[str, str], event: Any, sent_as: str, place: str
    ) -> None:
        named = identity(event.get("eventId")) if isinstance(event, dict) else None
        params = event.get("params") if named is not None else None
        if named is None or not isinstance(params, dict):
            gathering.refuse(place, "an eventId and its params (an object)", event)
        elif params:
            time_ms = self._times.instant_ms(event.get("timestamp"))
            gathering.add({**names, EVENT_NAME: named}, params, time_ms, sent_as)
        else:
            gathering.ignore(EMPTY)

    @staticmethod
    def _add_operation(
        gathering: Gathering, names: Mapping[str, str], body: Mapping[str, Any]
    ) -> None:
        kind, payload = body.get("type"), body.get("payload")
        if kind not in ("online", "offline"):
            gathering.ignore(OTHER_METHOD)
            return
        devices = payload.get("devices") if isinstance(payload, dict) else None
        if not isinstance(devices, list):
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "payload.devices: expected a list")
        for index, device in enumerate(devices):
            product = identity(device.get("product_id")) if isinstance(device, dict) else None
            named = identity(device.get("device_name")) if product is not None else None
            if product is None or named is None:
                place = f"payload.devices[{index}]"
                gathering.refuse(place, "product_id and device_name", device)
                continue
            own = {PRODUCT: product, DEVICE: named}
            gateway = {GATEWAY_PRODUCT: names[PRODUCT], GATEWAY_DEVICE: names[DEVICE]}
            gathering.add_session(own | gateway, is_online=kind == "online")


def _make(dialect: Dialect, times: TimeRule) -> TencentDecoder:
    check_keys(dialect, ())
    return TencentDecoder(times)


FORMAT = Format(
    "tencent",
    _make,
    "Tencent IoT Explorer: properties, events, sub-devices",
    "腾讯云 IoT Explorer：属性、事件、子设备",
)
