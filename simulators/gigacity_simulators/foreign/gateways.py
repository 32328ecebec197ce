"""Gateways with JSON of their own: a DTU, ThingsBoard, Neuron, SenML, Zigbee2MQTT, wmbusmeters."""

from collections.abc import Iterator, Sequence
from typing import Any

from gigacity_simulators.foreign.cbor import cbor
from gigacity_simulators.foreign.definition import ForeignFormat
from gigacity_simulators.foreign.readings import (
    FieldReading,
    WireMessage,
    device_name,
    json_bytes,
    local_text,
    utc_text,
)
from gigacity_simulators.foreign.styles import BASE_UNITS, ValueStyle
from gigacity_simulators.publisher_directory import PublisherRole

_DTU = ValueStyle(on="1", off="0", is_text=True, path="v.{}")
_THINGSBOARD = ValueStyle()
_NEURON = ValueStyle(on=1, off=0)
_SENML = ValueStyle(units=BASE_UNITS)
_SENML_LABELS = {"bn": -2, "bt": -3, "n": 0, "v": 2, "vb": 4}
_ZIGBEE = ValueStyle(on="ON", off="OFF")
_WMBUS = ValueStyle(on="yes", off="no")


def _dtu(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    """Local times of 17 digits, and everything a text."""
    rows = [
        {
            "c": reading.home,
            "d": reading.object,
            "t": local_text(reading.at_ms, "%Y%m%d%H%M%S") + f"{reading.at_ms % 1000:03}",
            "v": _DTU.said(reading.values),
        }
        for reading in readings
    ]
    yield WireMessage(f"dtu/{gateway}/data", json_bytes({"rows": rows}))


def _thingsboard(_gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    body: dict[str, list[Any]] = {}
    for reading in readings:
        entry = {"ts": reading.at_ms, "values": _THINGSBOARD.said(reading.values)}
        body.setdefault(reading.name, []).append(entry)
    yield WireMessage("v1/gateway/telemetry", json_bytes(body))


def _neuron(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        body = {
            "timestamp": reading.at_ms,
            "node": reading.home,
            "group": reading.object,
            "values": _NEURON.said(reading.values),
            "errors": {},
            "metas": {},
        }
        yield WireMessage(f"/neuron/{gateway}/upload", json_bytes(body))


def _senml(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    """One pack, in JSON and CBOR by turns; base name and time hold until the next device's."""
    pack: list[dict[str, Any]] = []
    for reading in readings:
        base: dict[str, Any] = {"bn": f"urn:dev:{reading.name}:", "bt": reading.at_ms / 1000}
        for name, value in _SENML.said(reading.values).items():
            pack.append({**base, "n": name, "vb" if isinstance(value, bool) else "v": value})
            base = {}
    if readings[0].number % 2:
        yield WireMessage(f"senml/{gateway}", json_bytes(pack))
        return
    # Maps are labelled by small numbers there.
    labelled = [{_SENML_LABELS[name]: value for name, value in record.items()} for record in pack]
    yield WireMessage(f"senml/{gateway}", cbor(labelled))


def _zigbee(_gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        zone = local_text(reading.at_ms, "%Y-%m-%dT%H:%M:%S") + f".{reading.at_ms % 1000:03}+08:00"
        body = {**_ZIGBEE.said(reading.values), "linkquality": 120, "last_seen": zone}
        yield WireMessage(f"zigbee2mqtt/{reading.home}/{reading.object}", json_bytes(body))


def _wmbus(gateway: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    """Whole seconds."""
    for reading in readings:
        body = {
            "_": "telegram",
            "media": reading.kind,
            "meter": "simulated",
            "name": reading.name,
            "id": str(reading.number),
            **_WMBUS.said(reading.values),
            "timestamp": utc_text(reading.at_ms // 1000 * 1000).replace(".000", ""),
        }
        yield WireMessage(f"wmbus/{gateway}", json_bytes(body))


FORMATS = (
    ForeignFormat(
        "json", PublisherRole.GATEWAY, _dtu, _DTU, ("dtu/+/data",),
        '{community: "{c}", device: "{d}"}',
        more=("dialect: {each: rows, time: t}", "time: {zone: Asia/Shanghai}"), is_batch=True,
    ),
    ForeignFormat(
        "thingsboard", PublisherRole.GATEWAY, _thingsboard, _THINGSBOARD, ("v1/gateway/telemetry",),
        '{registry: "{device}"}', device_name, is_batch=True,
    ),
    ForeignFormat(
        "neuron", PublisherRole.GATEWAY, _neuron, _NEURON, ("/neuron/+/upload",),
        '{community: "{node}", device: "{group}"}',
    ),
    ForeignFormat(
        "senml", PublisherRole.GATEWAY, _senml, _SENML, ("senml/+",),
        '{registry: "{device}"}', "urn:dev:{}-{}".format, is_batch=True,
    ),
    ForeignFormat(
        "zigbee2mqtt", PublisherRole.GATEWAY, _zigbee, _ZIGBEE, ("zigbee2mqtt/#",),
        '{registry: "{device}"}', "{}/{}".format,
    ),
    ForeignFormat(
        "wmbusmeters", PublisherRole.GATEWAY, _wmbus, _WMBUS, ("wmbus/+",),
        '{registry: "{name}"}', device_name, step_ms=1000,
    ),
)  # fmt: skip
