"""ThingsBoard's device and gateway topics, which many DTUs and LoRa gateways offer.

A device's name stands in no topic and no body of its own (its user name is its token): the broker
must add it, so whatever stands before ``v1/...`` or ``v2/...`` is the mapping's to name. A
gateway's bodies name each device. Sources: thingsboard.io mqtt-api and gateway-api.
"""

from collections.abc import Mapping
from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body, read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import EMPTY, OTHER_TOPIC, TIME_REQUEST, Gathering, identity
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

DEVICE = "device"
OTHER_REQUEST = "other_request"
_TELEMETRY = ("v1/devices/me/telemetry", "v2/t", "v2/t/j")
_GATEWAY_TELEMETRY = ("v1/gateway/telemetry",)
_CONNECT = {"v1/gateway/connect": True, "v1/gateway/disconnect": False}
_REQUESTS = (
    ("v1/devices/me/rpc/request/", "v1/devices/me/rpc/response/"),
    ("v2/r/req/", "v2/r/res/"),
)
_TIME_METHODS = ("getCurrentTime", "getTime")
"""Compared one by one: what stands in a message need not be hashable."""


def _ends(topic: str, end: str) -> bool:
    return topic.endswith(end) and (len(topic) == len(end) or topic[-len(end) - 1] == "/")


class ThingsBoardDecoder:
    """Reads telemetry of devices and gateways, and a gateway's connects.

    Args:
        times: how instants are written.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings and sessions of one message.

        Raises:
            PayloadError: no JSON, or no telemetry where the topic promises some.
        """
        topic, gathering = message.topic, Gathering()
        if any(_ends(topic, end) for end in _TELEMETRY):
            self._add_telemetry(gathering, {}, read_body(message.payload), "telemetry")
        elif any(_ends(topic, end) for end in _GATEWAY_TELEMETRY):
            for device, telemetry in read_body_object(message.payload).items():
                self._add_device(gathering, device, telemetry)
        else:
            self._add_other(gathering, message)
        return gathering.finish()

    def _add_device(self, gathering: Gathering, device: str, telemetry: Any) -> None:
        if identity(device) is None:
            gathering.refuse("device", "a name of at most 256 characters", {device: telemetry})
            return
        self._add_telemetry(gathering, {DEVICE: device}, telemetry, device)

    def _add_telemetry(
        self, gathering: Gathering, names: Mapping[str, str], telemetry: Any, place: str
    ) -> None:
        """One object or a list of them, each ``{key: value}`` or ``{ts, values}``."""
        entries: list[Any] = telemetry if isinstance(telemetry, list) else [telemetry]
        for entry in entries:
            if not isinstance(entry, dict):
                gathering.refuse(place, "an object of keys, or of ts and values", entry)
                continue
            values: Any = entry
            time_ms = None
            if "values" in entry and ("ts" in entry or len(entry) == 1):
                values = entry["values"]
                time_ms = self._times.instant_ms(entry.get("ts"))
            if not isinstance(values, dict):
                gathering.refuse(f"{place}.values", "an object", entry)
            elif values:
                gathering.add(names, values, time_ms)
            else:
                gathering.ignore(EMPTY)

    def _add_other(self, gathering: Gathering, message: ForeignMessage) -> None:
        topic = message.topic
        for end, is_online in _CONNECT.items():
            if _ends(topic, end):
                device = identity(read_body_object(message.payload).get("device"))
                if device is None:
                    raise PayloadError(RejectionReason.BAD_ENVELOPE, "device: expected a name")
                gathering.add_session({DEVICE: device}, is_online=is_online)
                return
        head, _, number = topic.rpartition("/")
        for request, response in _REQUESTS:
            if number.isdecimal() and _ends(f"{head}/", request):
                self._answer(
                    gathering, message, f"{head}/".removesuffix(request) + response + number
                )
                return
        gathering.ignore(OTHER_TOPIC)

    @staticmethod
    def _answer(gathering: Gathering, message: ForeignMessage, topic: str) -> None:
        """The time, where a device asks for it; other calls are a platform's to answer."""
        if read_body_object(message.payload).get("method") in _TIME_METHODS:
            gathering.ignore(TIME_REQUEST)
            gathering.answer(topic, message.now_ms)
        else:
            gathering.ignore(OTHER_REQUEST)


def _make(dialect: Dialect, times: TimeRule) -> ThingsBoardDecoder:
    check_keys(dialect, ())
    return ThingsBoardDecoder(times)


FORMAT = Format(
    "thingsboard",
    _make,
    "ThingsBoard: telemetry of devices and of gateways",
    "ThingsBoard：设备与网关遥测",
)
