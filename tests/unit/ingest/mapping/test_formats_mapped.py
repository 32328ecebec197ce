"""Each stateful, LoRaWAN, industrial and home format through a mapping: names and paths meet."""

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from gigacity_ingest.formats.readings import ForeignMessage
from tests.golden.formats_files import FOLDER, case_payload, expectation_of
from tests.support.city import COMMUNITY_A
from tests.support.mappings import MappingScene, source_text

NOW_MS = 1_767_225_660_000


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


CASES = [
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
]


@pytest.mark.parametrize("walk", CASES, ids=lambda walk: walk.case)
def test_a_golden_message_fills_fields(tmp_path: Path, walk: Walk) -> None:
    case = FOLDER / f"{walk.case}.expect.json"
    text = source_text(
        walk.fields,
        kind=walk.kind,
        identity=f'{{registry: "{walk.template}"}}',
        topics=walk.topics,
        decoder=case.parent.name,
        more=walk.more,
    )
    scene = MappingScene(
        tmp_path,
        text,
        devices=f"community,kind,device,gateway\n{COMMUNITY_A},{walk.kind},dev-1,\n",
        foreign_ids=f"source,foreign_id,area,community,device,olt,slot,port\n"
        f"here,{walk.foreign_id},,{COMMUNITY_A},dev-1,,,\n",
    )
    expectation = expectation_of(case)
    source = scene.sources["here"]
    for name in expectation.get("after", ()):
        before = case.with_name(f"{name}.expect.json")
        topic = expectation_of(before)["topic"]
        source.decoder.decode(ForeignMessage(topic, case_payload(before), False, NOW_MS))
    topic = expectation["topic"]
    assert scene.sources.find(topic) is source
    message = ForeignMessage(topic, case_payload(case), expectation.get("retained", False), NOW_MS)
    made = source.mapper.map(source.decoder.decode(message).readings, message)

    assert made[0].faults == []
    assert made[0].target is not None
    assert made[0].values is not None
    assert made[0].target.id == "dev-1"
    assert {
        name: value
        for name, value in msgspec.structs.asdict(made[0].values).items()
        if value is not None
    } == walk.values
