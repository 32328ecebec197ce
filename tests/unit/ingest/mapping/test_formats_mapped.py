"""Each stateful, LoRaWAN, industrial and home format through a mapping: names and paths meet."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gigacity_contract.measurements import STAMPED
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.foreign.intake import ForeignIntake
from tests.golden.formats_files import FOLDER, case_payload, expectation_of
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.mappings import MappingScene, source_text
from tests.unit.ingest.messages import points

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


def _scene(folder: Path, walk: Walk) -> MappingScene:
    text = source_text(
        walk.fields,
        kind=walk.kind,
        identity=f'{{registry: "{walk.template}"}}',
        topics=walk.topics,
        decoder=_case(walk).parent.name,
        more=walk.more,
    )
    return MappingScene(
        folder,
        text,
        devices=f"community,kind,device,gateway\n{COMMUNITY_A},{walk.kind},dev-1,\n",
        foreign_ids=f"source,foreign_id,area,community,device,olt,slot,port\n"
        f"here,{walk.foreign_id},,{COMMUNITY_A},dev-1,,,\n",
    )


def _case(walk: Walk) -> Path:
    return FOLDER / f"{walk.case}.expect.json"


def _messages(case: Path) -> list[ReceivedMessage]:
    """The case's message, and before it those that it comes after."""
    expectation = expectation_of(case)
    before = (case.with_name(f"{name}.expect.json") for name in expectation.get("after", ()))
    own = ReceivedMessage(
        topic=expectation["topic"].encode(),
        payload=case_payload(case),
        is_copy=expectation.get("retained", False),
        now_ms=NOW_MS,
        is_retained=expectation.get("retained", False),
    )
    return [*(_messages(one)[-1] for one in before), own]


@pytest.mark.parametrize("walk", CASES, ids=lambda walk: walk.case)
def test_a_golden_message_becomes_the_line_of_its_object(tmp_path: Path, walk: Walk) -> None:
    """Through the worker's own way: decoder, mapping, registry, times, line protocol."""
    scene = _scene(tmp_path, walk)
    decoder = Decoder(scene.city)
    decoder.foreign = ForeignIntake(decoder, scene.city, scene.sources)
    outcomes = []
    for message in _messages(_case(walk)):
        out = Outcome()
        decoder.decode(message, out)
        outcomes.append(out)
    again = Outcome()
    decoder.decode(_messages(_case(walk))[-1], again)

    lines = [point for point in points(outcomes[-1]) if point.measurement != "presence"]
    last = lines[0]
    assert last.measurement == f"device_{walk.kind}"
    assert last.tags == {"area": AREA_A, "community": COMMUNITY_A, "device": "dev-1"}
    found = {name: value for name, (_, value) in last.fields.items() if name != STAMPED.name}
    assert found == walk.values
    stated = expectation_of(_case(walk))["readings"][0]["time_ms"]
    assert last.time == (NOW_MS if stated is None else stated)
    # What arrives twice writes the same rows, or nothing at all.
    assert {*again.raw} <= {*outcomes[-1].raw}
