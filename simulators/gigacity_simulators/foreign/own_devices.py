"""Devices that connect by themselves and say so: Tasmota, Shelly, ESPHome and Homie."""

from collections.abc import Iterator, Sequence

from gigacity_simulators.foreign.definition import ForeignFormat
from gigacity_simulators.foreign.readings import (
    FieldReading,
    WireMessage,
    device_name,
    json_bytes,
    local_text,
)
from gigacity_simulators.foreign.styles import BASE_UNITS, ValueStyle, camel_case
from gigacity_simulators.publisher_directory import PublisherRole
from gigacity_simulators.sessions import PlainSession

_TASMOTA = ValueStyle(camel_case, "ON", "OFF", units=BASE_UNITS, path="Sensor.{}")
_SHELLY = ValueStyle(units=BASE_UNITS, path="sensor:0.{}")
_ESPHOME = ValueStyle(on="ON", off="OFF")
_HOMIE = ValueStyle(on="true", off="false", path="state/{}")


def _tasmota(_sender: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    """Local time without an offset, in whole seconds."""
    for reading in readings:
        body = {
            "Time": local_text(reading.at_ms, "%Y-%m-%dT%H:%M:%S"),
            "Sensor": _TASMOTA.said(reading.values),
        }
        yield WireMessage(f"tele/{reading.name}/SENSOR", json_bytes(body))


def _tasmota_session(name: str) -> PlainSession:
    return PlainSession(f"tele/{name}/LWT", "Online", "Offline")


def _shelly(_sender: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        topic = f"shelly/{reading.name}"
        sensor = {"id": 0, **_SHELLY.said(reading.values)}
        body = {
            "src": reading.name,
            "dst": f"{topic}/events",
            "method": "NotifyStatus",
            "params": {"ts": reading.at_ms / 1000, "sensor:0": sensor},
        }
        yield WireMessage(f"{topic}/events/rpc", json_bytes(body))


def _shelly_session(name: str) -> PlainSession:
    return PlainSession(f"shelly/{name}/online", "true", "false")


def _esphome(_sender: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    """A bare value a topic, retained."""
    for reading in readings:
        for name, value in _ESPHOME.said(reading.values).items():
            component = "sensor" if not isinstance(value, str) else "binary_sensor"
            topic = f"esphome/{reading.name}/{component}/{name}/state"
            yield WireMessage(topic, str(value).encode(), retain=True)


def _esphome_session(name: str) -> PlainSession:
    return PlainSession(f"esphome/{name}/status", "online", "offline")


def _homie(_sender: str, readings: Sequence[FieldReading]) -> Iterator[WireMessage]:
    for reading in readings:
        for name, value in _HOMIE.said(reading.values).items():
            yield WireMessage(
                f"homie/5/{reading.name}/state/{name}", str(value).encode(), retain=True
            )


def _homie_session(name: str) -> PlainSession:
    """The description says nothing of properties: a value is then read by its text."""
    about = {"homie": "5.0", "version": 1, "nodes": {"state": {"properties": {}}}}
    before = ((f"homie/5/{name}/$description", json_bytes(about)),)
    return PlainSession(f"homie/5/{name}/$state", "ready", "lost", before)


FORMATS = (
    ForeignFormat(
        "tasmota", PublisherRole.DEVICE, _tasmota, _TASMOTA, ("tele/+/+",),
        '{registry: "{device}"}', device_name,
        more=("time: {zone: Asia/Shanghai}",), step_ms=1000, session=_tasmota_session,
    ),
    ForeignFormat(
        "shelly", PublisherRole.DEVICE, _shelly, _SHELLY,
        ("shelly/+/events/rpc", "shelly/+/online"),
        '{registry: "{device}"}', "shelly/{}-{}".format, session=_shelly_session,
    ),
    ForeignFormat(
        "esphome", PublisherRole.DEVICE, _esphome, _ESPHOME,
        ("esphome/+/+/+/state", "esphome/+/status"),
        '{registry: "{device}"}', "esphome/{}-{}".format, session=_esphome_session,
    ),
    ForeignFormat(
        "homie", PublisherRole.DEVICE, _homie, _HOMIE, ("homie/#",),
        '{registry: "{device}"}', device_name, session=_homie_session,
    ),
)  # fmt: skip
