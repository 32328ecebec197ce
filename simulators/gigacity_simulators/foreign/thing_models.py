"""Chinese platforms with thing models: Alink, IoTDA, JetLinks, Tencent and Tuya.

Envelopes as the platforms' pages have them; properties are named as their models are.
"""

import gzip
from collections.abc import Iterator, Sequence
from typing import Any

from gigacity_simulators.foreign.definition import ForeignFormat
from gigacity_simulators.foreign.readings import (
    FieldReading,
    WireMessage,
    device_name,
    json_bytes,
    utc_text,
)
from gigacity_simulators.foreign.styles import BASE_UNITS, ValueStyle, camel_case
from gigacity_simulators.publisher_directory import PublisherRole

_ALINK = ValueStyle(camel_case, 1, 0)
_IOTDA = ValueStyle(camel_case, "1", "0", is_text=True, path="State.{}")
_JETLINKS = ValueStyle()
_TENCENT = ValueStyle(on=1, off=0, units=BASE_UNITS)
_TUYA = ValueStyle()


def _alink(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    """A gateway's pack: each property with its own time."""
    sub_devices = [
        {
            "identity": {"productKey": reading.kind, "deviceName": reading.name},
            "properties": _timed(_ALINK.said(reading.values), reading.at_ms),
            "events": {},
        }
        for reading in readings
    ]
    body = {
        "id": str(readings[0].number),
        "version": "1.0",
        "sys": {"ack": 0},
        "method": "thing.event.property.pack.post",
        "params": {"properties": {}, "events": {}, "subDevices": sub_devices},
    }
    topic = f"/sys/gateway/{gateway}/thing/event/property/pack/post"
    yield WireMessage(topic, json_bytes(body))


def _timed(properties: dict[str, Any], at_ms: int) -> dict[str, Any]:
    return {name: {"value": value, "time": at_ms} for name, value in properties.items()}


def _iotda(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    """A gateway's batch: texts, and gzip where it is worth it."""
    devices = [
        {
            "device_id": f"{reading.home}_{reading.object}",
            "services": [
                {
                    "service_id": "State",
                    "properties": _IOTDA.said(reading.values),
                    "event_time": utc_text(reading.at_ms),
                }
            ],
        }
        for reading in readings
    ]
    topic = f"$oc/devices/{gateway}/sys/gateway/sub_devices/properties/report"
    body = json_bytes({"devices": devices})
    if len(readings) > 1:
        topic, body = f"{topic}?encoding=gzip", gzip.compress(body, mtime=0)
    yield WireMessage(topic, body)


def _jetlinks(_gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        body = {
            "messageId": f"{reading.name}/{reading.number}",
            "timestamp": reading.at_ms,
            "properties": _JETLINKS.said(reading.values),
        }
        topic = f"/{reading.kind}/{reading.name}/properties/report"
        yield WireMessage(topic, json_bytes(body))


def _tencent(_gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        body = {
            "method": "report",
            "clientToken": f"{reading.name}/{reading.number}",
            "timestamp": reading.at_ms,
            "params": _TENCENT.said(reading.values),
        }
        yield WireMessage(f"$thing/up/property/{reading.kind}/{reading.name}", json_bytes(body))


def _tuya(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    sub_devices = [
        {
            "deviceId": reading.name,
            "properties": _timed(_TUYA.said(reading.values), reading.at_ms),
        }
        for reading in readings
    ]
    body = {
        "msgId": f"{readings[0].name}/{readings[0].number}",
        "time": readings[0].at_ms,
        "data": {"properties": {}, "subDevices": sub_devices},
    }
    yield WireMessage(f"tylink/{gateway}/thing/data/batch_report", json_bytes(body))


FORMATS = (
    ForeignFormat(
        "alink", PublisherRole.GATEWAY, _alink, _ALINK,
        ("/sys/+/+/thing/event/property/pack/post",),
        '{registry: "{deviceName}"}', device_name, is_batch=True,
    ),
    ForeignFormat(
        "iotda", PublisherRole.GATEWAY, _iotda, _IOTDA,
        ("$oc/devices/+/sys/gateway/sub_devices/properties/report",),
        '{registry: "{device_id}"}', "{}_{}".format, is_batch=True,
    ),
    ForeignFormat(
        "jetlinks", PublisherRole.GATEWAY, _jetlinks, _JETLINKS,
        ("/+/+/properties/report",),
        '{registry: "{device}"}', device_name,
    ),
    ForeignFormat(
        "tencent", PublisherRole.GATEWAY, _tencent, _TENCENT,
        ("$thing/up/property/+/+",),
        '{registry: "{DeviceName}"}', device_name,
    ),
    ForeignFormat(
        "tuya", PublisherRole.GATEWAY, _tuya, _TUYA,
        ("tylink/+/thing/data/batch_report",),
        '{registry: "{deviceId}"}', device_name, is_batch=True,
    ),
)  # fmt: skip
