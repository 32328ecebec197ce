"""A golden message of each format, with a mapping of it and what that must give."""

from pathlib import Path
from typing import Any, NamedTuple

from tests.golden.formats_files import FOLDER


class Walk(NamedTuple):
    """One golden message, and what a mapping makes of it."""

    case: str
    topics: str
    foreign_id: str
    """As the registry is asked for it."""
    template: str
    fields: str
    values: dict[str, Any]
    more: str = ""
    kind: str = "electricity_meter"
    topic: str = ""
    """Of its own, where two formats have one topic in their golden files."""


WALKS = [
    Walk(
        "sparkplug_b/ddata",
        '["spBv1.0/#"]',
        "pumps/station-4/pump-1",
        "{path}",
        "{lamp_on: {from: Running}}",
        {"lamp_on": False},
        kind="street_light",
    ),
    Walk(
        "sparkplug_b/nbirth",
        '["spBv1.0/#"]',
        "pumps/station-4",
        "{path}",
        "{voltage_v: Supply/Voltage}",
        {"voltage_v": 231.5},
    ),
    Walk(
        "chirpstack/up",
        '["application/+/device/+/event/+"]',
        "a1b2c3d4e5f60718",
        "{device_eui}",
        "{volume_total_m3: total_m3, rssi_dbm: ../rxInfo.1.rssi}",
        {"volume_total_m3": 318.204, "rssi_dbm": -71},
        kind="water_meter",
    ),
    Walk(
        "ttn/dragino",
        '["v3/+/devices/+/up"]',
        "leak-3",
        "{device}",
        "{temp_c: TempC_SHT}",
        {"temp_c": 21.56},
        more="dialect: {body: dragino}",
        kind="gas_detector",
    ),
    Walk(
        "milesight/door",
        '["milesight/up"]',
        "24e124000000a001",
        "{device_eui}",
        "{door_open: {from: magnet_status, map: {open: true, close: false}}}",
        {"door_open": True},
        kind="access_gate",
    ),
    Walk(
        "zigbee2mqtt/state",
        '["zigbee2mqtt/#"]',
        "hall/smoke 1",
        "{device}",
        "{alarm: smoke, battery_pct: battery}",
        {"alarm": False, "battery_pct": 91},
        kind="smoke_detector",
    ),
    Walk(
        "tasmota/sensor",
        '["tele/+/+"]',
        "plug-7",
        "{device}",
        "{energy_total_kwh: ENERGY.Total, power_kw: {from: ENERGY.Power, unit: W},"
        " current_a: ENERGY.Current.1}",
        {"energy_total_kwh": 12.406, "power_kw": 0.058, "current_a": 2.1},
        more="time: {zone: Asia/Shanghai}",
    ),
    Walk(
        "shelly/notification",
        '["+/events/rpc"]',
        "plug-01",
        "{device}",
        "{power_kw: {from: 'switch:0.apower', unit: W},"
        " energy_total_kwh: {from: 'switch:0.aenergy.total', unit: Wh}}",
        {"power_kw": 0.0613, "energy_total_kwh": 1.2035},
    ),
    Walk(
        "homie/value",
        '["homie/#"]',
        "pump-1",
        "{device}",
        "{water_level_cm: {from: tank/level, unit: m}}",
        {"water_level_cm": 275.0},
        more="time: {retained: state}",
        kind="manhole_cover",
    ),
    Walk(
        "esphome/sensor",
        '["yard/+/+/+/state"]',
        "yard/esp-1",
        "{device}",
        "{water_level_cm: tank_level}",
        {"water_level_cm": 21.5},
        more="time: {retained: state}",
        kind="manhole_cover",
    ),
    Walk(
        "wmbusmeters/water",
        '["wmbus/+"]',
        "55443322",
        "{id}",
        "{volume_total_m3: total_m3}",
        {"volume_total_m3": 318.204},
        kind="water_meter",
    ),
    Walk(
        "senml/base_fields",
        '["senml/+"]',
        "urn:dev:ow:10e2073a0108006",
        "{device}",
        "{voltage_v: voltage, current_a: current}",
        {"voltage_v": 230.1, "current_a": 1.7},
    ),
    Walk(
        "kura/gzip",
        '["binzhou/#"]',
        "gw-7/pump/1",
        "{client}/{path}",
        "{temp_c: temperature}",
        {"temp_c": 21.5},
        kind="gas_detector",
    ),
    Walk(
        "voltha/kpi_event3",
        '["voltha/kpi"]',
        "BRDM0001",
        "{serial_no}",
        "{passes_total: RxBytes}",
        {"passes_total": 9_007_199_254_740_991},
        kind="access_gate",
    ),
    Walk(
        "alink/property_post",
        '["/sys/+/+/thing/event/property/post"]',
        "k1ab/smk-07",
        "{productKey}/{deviceName}",
        "{alarm: {from: SmokeSensorState, map: {0: false, 1: true}}}",
        {"alarm": False},
        kind="smoke_detector",
    ),
    Walk(
        "iotda/gzip",
        '["$oc/devices/+/sys/properties/report"]',
        "p9_lamp-4",
        "{device_id}",
        "{dimming_pct: Lamp.brightness}",
        {"dimming_pct": 70},
        kind="street_light",
    ),
    Walk(
        "jetlinks/report",
        '["/+/+/properties/report"]',
        "gate/g-5",
        "{product}/{device}",
        "{door_open: open}",
        {"door_open": True},
        kind="access_gate",
    ),
    Walk(
        "thingsboard/device",
        '["site-a/{dtu}/v1/devices/me/telemetry"]',
        "dtu-7",
        "{dtu}",
        "{temp_c: t}",
        {"temp_c": 1},
        kind="gas_detector",
    ),
    Walk(
        "neuron/values",
        '["/neuron/#"]',
        "plc1/g1",
        "{node}/{group}",
        "{energy_total_kwh: kwh}",
        {"energy_total_kwh": 12.4},
    ),
    Walk(
        "tencent/report",
        '["$thing/up/#"]',
        "LAMP01/l-4",
        "{ProductID}/{DeviceName}",
        "{lamp_on: power, energy_total_kwh: kwh}",
        {"lamp_on": True, "energy_total_kwh": 12.4},
        kind="street_light",
    ),
    Walk(
        "tuya/report",
        '["tylink/+/thing/#"]',
        "6c01",
        "{deviceId}",
        "{alarm: smoke}",
        {"alarm": False},
        kind="smoke_detector",
    ),
    Walk(
        "json/document",
        '["site/+/+/up"]',
        "wb-17",
        "{deviceId}",
        "{energy_total_kwh: metrics.energy.active.value}",
        {"energy_total_kwh": 1042.5},
        more="dialect: {time: time, message_id: msgId}\n    time: {zone: Asia/Shanghai}",
    ),
    Walk(
        "dragino/soil",
        '["dragino/up"]',
        "a84041000000b001",
        "{device_eui}",
        "{temp_c: TempC_DS18B20}",
        {"temp_c": -2.5},
        kind="gas_detector",
    ),
    Walk(
        "telegraf_json/single",
        '["telegraf/+/pon"]',
        "4194312960",
        "{tags.ifIndex}",
        "{temp_c: temp}",
        {"temp_c": 43},
        kind="gas_detector",
    ),
    Walk(
        "influx_line/lines",
        '["telegraf/+/pon"]',
        "4194312960",
        "{tags.ifIndex}",
        "{current_a: load}",
        {"current_a": 0.5},
        topic="telegraf/pollerB/pon",
    ),
]
"""Every format has one."""


def golden_case(walk: Walk) -> Path:
    """Where the message stands."""
    return FOLDER / f"{walk.case}.expect.json"
