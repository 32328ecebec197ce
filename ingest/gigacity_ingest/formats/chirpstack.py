"""ChirpStack v4 and v3: events of LoRaWAN devices as JSON of protobuf.

``application/{id}/device/{eui}/event/{event}``. What equals its default (0, false) is left out
of the envelope by protobuf's JSON and is put back here; the codec's ``object`` keeps its zeros.
Source: chirpstack-docs, integrations/events; v3: its ``json`` and ``json_v3`` marshalers.
"""

import base64
import binascii
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.codec_outputs import (
    BODY,
    CodecOutput,
    CodecReader,
    UplinkReport,
    codec_of,
)
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import Gathering, identity, message_id
from gigacity_ingest.formats.memo import MAX_TOPICS, Memo
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.tag_names import TagNames
from gigacity_ingest.formats.times import TimeRule

_UP = "up"
_EVENTS = frozenset({_UP, "join", "status", "ack", "txack", "log", "location", "integration"})
_V3_EVENTS = {"error": "log"}
_DEFAULTS: dict[str, Any] = {"fCnt": 0, "fPort": 0, "adr": False, "confirmed": False, "dr": 0}
_GATEWAY_DEFAULTS: dict[str, Any] = {"rssi": 0, "snr": 0}
_EUI_DIGITS = 16
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


class ChirpStackDecoder:
    """Reads uplinks; joins, status and acknowledgements are counted.

    Args:
        times: how instants are written.
        output: whose codec wrote ``object``.
    """

    def __init__(self, times: TimeRule, output: CodecOutput) -> None:
        self._times = times
        self._codec = CodecReader(output, times)
        self._tag_names = TagNames()
        self._events = Memo(_event_of, MAX_TOPICS)
        self._euis = Memo(_eui, MAX_TOPICS)

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings of one message.

        Raises:
            PayloadError: no JSON object, or no device is named.
        """
        gathering = Gathering()
        event = self._events[message.topic]
        if event not in {_UP, ""}:
            gathering.ignore(event)
            return gathering.finish()
        body = read_body_object(message.payload)
        if not event and not {"object", "objectJSON", "data", "fPort", "fCnt"} & body.keys():
            gathering.ignore("no_uplink")
            return gathering.finish()
        values = _object_of(body)
        if values:
            names = self._names(body, message.topic)
            report = UplinkReport(
                names, self._instant(body), _sent_as(body, names), (_restored(body),)
            )
            self._codec.add(gathering, report, values)
        elif body.get("data"):
            text = "object: no decoded values; set a codec in the device profile"
            gathering.fault(RejectionReason.NO_VALUES, text, b"")
        else:
            gathering.ignore("no_payload")
        return gathering.finish()

    def _names(self, body: Mapping[str, Any], topic: str) -> dict[str, str]:
        info = body.get("deviceInfo")
        if not isinstance(info, dict):
            info = body
        stated = info.get("devEui") or info.get("devEUI")
        eui = (self._euis[stated] if isinstance(stated, str) else "") or _eui_of(topic)
        if not eui:
            raise PayloadError(
                RejectionReason.BAD_ENVELOPE,
                "deviceInfo.devEui: expected 16 hexadecimal digits, here or in the topic",
            )
        names = {
            "device_eui": eui,
            "device": identity(info.get("deviceName")) or "",
            "application": identity(info.get("applicationId") or info.get("applicationID")) or "",
            "profile": identity(info.get("deviceProfileName")) or "",
        }
        tags = info.get("tags")
        if isinstance(tags, dict):
            for tag, value in tags.items():
                names[self._tag_names[tag]] = identity(value) or ""
        return names

    def _instant(self, body: Mapping[str, Any]) -> int | None:
        """The network server's time; v3 has none but those of its gateways."""
        stated = body.get("time") or body.get("publishedAt")
        gateways = body.get("rxInfo")
        if stated is None and isinstance(gateways, list):
            stated = next(
                (g["time"] for g in gateways if isinstance(g, dict) and "time" in g), None
            )
        return self._times.instant_ms(stated)


def _event_of(topic: str) -> str:
    """The event that the topic ends with; empty where the integration has topics of its own."""
    last = topic.rpartition("/")[2]
    last = _V3_EVENTS.get(last, last)
    return last if last in _EVENTS else ""


def _object_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The codec's output; v3 may write it as text inside JSON."""
    values = body.get("object")
    written = body.get("objectJSON")
    if values is None and isinstance(written, str) and written:
        try:
            values = msgspec.json.decode(written)
        except (msgspec.DecodeError, RecursionError) as error:
            text = f"objectJSON: not JSON: {error}"
            raise PayloadError(RejectionReason.BAD_ENVELOPE, text) from error
    return values if isinstance(values, dict) else {}


def _restored(body: dict[str, Any]) -> dict[str, Any]:
    """The envelope with the defaults that protobuf's JSON leaves out."""
    gateways = body.get("rxInfo")
    if isinstance(gateways, list):
        body["rxInfo"] = [
            _GATEWAY_DEFAULTS | gateway for gateway in gateways if gateway.__class__ is dict
        ]
    return _DEFAULTS | body


def _sent_as(body: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What is equal in a redelivery: v4's own key, or the frame counter."""
    key = message_id(body.get("deduplicationId"))
    return key or f"{names['device_eui']}:{message_id(body.get('fCnt', 0))}"


def _eui(value: str) -> str:
    """Lower-case hexadecimal digits; v3's protobuf marshaler writes base64. Empty: none."""
    if len(value) == _EUI_DIGITS and _HEXADECIMAL.issuperset(value):
        return value.lower()
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return raw.hex() if len(raw) == _EUI_DIGITS // 2 else ""


def _eui_of(topic: str) -> str:
    levels = topic.split("/")
    return next((_eui(eui) for level, eui in pairwise(levels) if level == "device"), "")


def _make(dialect: Dialect, times: TimeRule) -> ChirpStackDecoder:
    check_keys(dialect, (BODY,))
    return ChirpStackDecoder(times, codec_of(dialect))


FORMAT = Format(
    "chirpstack",
    _make,
    "ChirpStack v4 and v3: uplinks of LoRaWAN devices",
    "ChirpStack v4 与 v3：LoRaWAN 设备上行数据",
)
