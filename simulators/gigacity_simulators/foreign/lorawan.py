"""LoRaWAN devices behind ChirpStack, The Things Stack, and gateways of Milesight and Dragino."""

from collections.abc import Iterator, Sequence

from gigacity_simulators.foreign.definition import ForeignFormat
from gigacity_simulators.foreign.readings import (
    FieldReading,
    WireMessage,
    device_eui,
    device_name,
    json_bytes,
    utc_text,
)
from gigacity_simulators.foreign.styles import BASE_UNITS, ValueStyle
from gigacity_simulators.publisher_directory import PublisherRole

_CHIRPSTACK = ValueStyle()
_TTN = ValueStyle(on="yes", off="no")
_MILESIGHT = ValueStyle(on="on", off="off", units=BASE_UNITS)
_DRAGINO = ValueStyle(on=1, off=0, is_text=True)


def _nanoseconds(reading: FieldReading) -> str:
    return utc_text(reading.at_ms).replace("Z", "000000Z")


def _chirpstack(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        eui = device_eui(reading.name)
        body = {
            "deduplicationId": f"{eui}-{reading.number}",
            "time": _nanoseconds(reading),
            "deviceInfo": {
                "applicationId": gateway,
                "deviceName": reading.name,
                "devEui": eui,
                "deviceProfileName": reading.kind,
            },
            "fCnt": reading.number,
            "fPort": 2,
            "data": "AA==",
            "object": _CHIRPSTACK.said(reading.values),
            "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -71, "snr": 8.2}],
        }
        yield WireMessage(f"application/{gateway}/device/{eui}/event/up", json_bytes(body))


def _ttn(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        body = {
            "end_device_ids": {
                "device_id": reading.name,
                "application_ids": {"application_id": gateway},
                "dev_eui": device_eui(reading.name).upper(),
            },
            "received_at": _nanoseconds(reading),
            "uplink_message": {
                "f_port": 2,
                "f_cnt": reading.number,
                "decoded_payload": _TTN.said(reading.values),
                "received_at": _nanoseconds(reading),
            },
        }
        yield WireMessage(f"v3/{gateway}@binzhou/devices/{reading.name}/up", json_bytes(body))


def _milesight(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        body = {
            "devEUI": device_eui(reading.name).upper(),
            "deviceName": reading.name,
            "fCnt": reading.number,
            "fPort": 85,
            "timestamp": reading.at_ms,
            **_MILESIGHT.said(reading.values),
        }
        yield WireMessage(f"milesight/{gateway}", json_bytes(body))


def _dragino(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    """Its codecs write numbers as texts."""
    for reading in readings:
        body = {
            "devEUI": device_eui(reading.name).upper(),
            "time": reading.at_ms,
            **_DRAGINO.said(reading.values),
        }
        yield WireMessage(f"dragino/{gateway}", json_bytes(body))


def _eui(community: str, device: str) -> str:
    return device_eui(device_name(community, device))


FORMATS = (
    ForeignFormat(
        "chirpstack", PublisherRole.GATEWAY, _chirpstack, _CHIRPSTACK,
        ("application/+/device/+/event/up",), '{registry: "{device_eui}"}', _eui,
        more=("sequence: ../fCnt",),
    ),
    ForeignFormat(
        "ttn", PublisherRole.GATEWAY, _ttn, _TTN, ("v3/+/devices/+/up",),
        '{registry: "{device}"}', device_name, more=("sequence: ../f_cnt",),
    ),
    ForeignFormat(
        "milesight", PublisherRole.GATEWAY, _milesight, _MILESIGHT, ("milesight/+",),
        '{registry: "{device_eui}"}', _eui, more=("sequence: ../fCnt",),
    ),
    ForeignFormat(
        "dragino", PublisherRole.GATEWAY, _dragino, _DRAGINO, ("dragino/+",),
        '{registry: "{device_eui}"}', _eui,
    ),
)  # fmt: skip
