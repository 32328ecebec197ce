"""Models: complete, within the contract, repeatable, and believable."""

from itertools import pairwise

import msgspec
import pytest

from gigacity_contract.decoding.decode import decode_device, decode_pon
from gigacity_contract.device_messages import MESSAGE_STRUCTS
from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS
from gigacity_contract.kinds import CATALOGUE, KIND_OF_VALUES, Camera, Values
from gigacity_contract.payloads import PonMessage, Port, PortState
from gigacity_simulators.models.catalogue import ALARM_KINDS, DEVICE_MODELS
from gigacity_simulators.models.condition import ALARM, DAMAGED, NO_PICTURE, SOUND
from gigacity_simulators.models.noise import between, object_key, unit, wobble
from gigacity_simulators.models.pon import OPTICS, PortTruth, plant_of, sample_port
from gigacity_simulators.models.rhythm import COMINGS_AND_GOINGS, HOME_TRAFFIC, HOME_USE, Rhythm

NOON_MS = 1_795_492_800_000
"""2026-11-24 12:00 in Binzhou."""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
KEYS = [object_key(7, f"device-{n}") for n in range(40)]
# Odd steps through a year: all hours, all seasons, no round numbers.
INSTANTS = [NOON_MS + n * 7 * HOUR_MS + n * 61_007 for n in range(0, 1250, 25)]


def _values(kind: str, key: int, at_ms: int, condition: int = SOUND) -> Values:
    return DEVICE_MODELS[kind](key, at_ms, condition)


def _port(key: int, at_ms: int, tech: str = "xgs-pon", oper: PortState = "up") -> Port:
    return sample_port(key, 1, 2, PortTruth(tech, "up", oper), at_ms)


def test_every_kind_of_the_catalogue_has_a_model() -> None:
    assert set(DEVICE_MODELS) == set(CATALOGUE)
    assert set(CATALOGUE) > ALARM_KINDS


@pytest.mark.parametrize("kind", CATALOGUE)
def test_reports_pass_the_contract_and_carry_every_field(kind: str) -> None:
    """Every report decodes on the fast path, so each value is of its type and in its range."""
    for key in KEYS:
        for at_ms in INSTANTS:
            values = _values(kind, key, at_ms, ALARM if key % 5 == 0 else SOUND)
            payload = msgspec.json.encode(MESSAGE_STRUCTS[kind](ts=at_ms, seq=1, values=values))
            report, notes = decode_device(payload)
            assert notes is None
            assert KIND_OF_VALUES[type(report.values)] == kind
            assert report.values == values
            fields = {field.name for field in KIND_FIELDS[kind]}
            assert set(msgspec.to_builtins(values)) == fields


@pytest.mark.parametrize("tech", [*OPTICS, "gpon+xgs-pon", "10g-epon+epon"])
def test_port_reports_pass_the_contract_and_carry_every_field(tech: str) -> None:
    for key in KEYS:
        for at_ms in INSTANTS:
            port = _port(key, at_ms, tech)
            report, notes = decode_pon(msgspec.json.encode(PonMessage(ts=at_ms, ports=[port])))
            assert notes is None
            assert report.ports == [port]
            assert {field.name for field in PORT_FIELDS} <= set(msgspec.to_builtins(port))


def test_a_port_that_is_down_reports_state_but_no_line() -> None:
    port = msgspec.to_builtins(_port(KEYS[0], NOON_MS, oper="down"))
    assert port["oper"] == "down"
    assert set(port) == {"slot", "port", "tech", "admin", "oper", "temp_c", "volt_v"}


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_sample_depends_on_nothing_but_its_arguments(kind: str) -> None:
    there = [_values(kind, key, at_ms) for key in KEYS for at_ms in INSTANTS]
    back = [_values(kind, key, at_ms) for key in reversed(KEYS) for at_ms in reversed(INSTANTS)]
    assert there == back[::-1]


@pytest.mark.parametrize("kind", CATALOGUE)
def test_two_devices_and_two_seeds_differ(kind: str) -> None:
    fields = [f.name for f in KIND_FIELDS[kind]]
    samples = {
        tuple(getattr(_values(kind, object_key(seed, name), NOON_MS), f) for f in fields)
        for seed in (1, 2, 3)
        for name in ("a", "b", "c", "d")
    }
    assert len(samples) > 3


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (kind, field.name)
        for kind, fields in KIND_FIELDS.items()
        for field in fields
        if "_total" in field.name
    ],
)
def test_totals_only_grow_and_do_grow(kind: str, field: str) -> None:
    for key in KEYS:
        totals = [
            getattr(_values(kind, key, NOON_MS + step * 97_003), field) for step in range(1800)
        ]
        assert totals == sorted(totals)
        assert totals[0] < totals[-1]


def test_counters_of_a_port_only_grow_until_it_restarts() -> None:
    names = ["rx_bytes", "tx_bytes", "bip_errors", "fec_corrected", "fec_uncorrectable"]
    restarts = 0
    for key in KEYS:
        ports = [_port(key, NOON_MS + step * 1_777_000) for step in range(1200)]
        for before, after in pairwise(ports):
            fell = {name for name in names if getattr(after, name) < getattr(before, name)}
            # A restart sets all of them back, those that stood at 0 aside.
            assert not fell or "tx_bytes" in fell
            restarts += bool(fell)
    assert restarts <= len(KEYS)


def test_exits_never_pass_entries() -> None:
    for key in KEYS:
        gate = msgspec.to_builtins(_values("parking_gate", key, NOON_MS))
        assert gate["exits_total"] <= gate["entries_total"]


def test_traffic_is_heavier_in_the_evening_than_before_dawn() -> None:
    for key in KEYS:
        evening, dawn = _port(key, NOON_MS + 9 * HOUR_MS), _port(key, NOON_MS + 16 * HOUR_MS)
        assert evening.down_bps is not None
        assert dawn.down_bps is not None
        assert evening.down_bps > 2 * dawn.down_bps


def test_a_port_is_warmer_under_load() -> None:
    evening = sum(_port(key, NOON_MS + 9 * HOUR_MS).temp_c or 0 for key in KEYS)
    dawn = sum(_port(key, NOON_MS + 16 * HOUR_MS).temp_c or 0 for key in KEYS)
    assert evening - dawn > 3 * len(KEYS)


def test_received_power_follows_distance_and_split() -> None:
    """The levels are the launch power less the plant's loss, and stay within class B+ and N1."""
    for key in KEYS:
        plant, port = plant_of(key), _port(key, NOON_MS)
        splitter_db = {32: (16.5, 17.5), 64: (19.5, 21.0)}[plant.split]
        assert splitter_db[0] < plant.loss_db - 0.35 * plant.distance_km < splitter_db[1] + 1.6
        assert port.rx_dbm == pytest.approx(OPTICS["xgs-pon"].onu_tx_dbm - plant.loss_db, abs=0.2)
        assert port.rx_dbm is not None
        assert -28 < port.rx_dbm < -8
        assert port.onu_total is not None
        assert port.onu_online is not None
        assert 0.9 * port.onu_total <= port.onu_online <= port.onu_total <= plant.split


def test_a_combo_port_shows_the_optics_of_its_fastest_technology() -> None:
    combo, plain = (_port(KEYS[0], NOON_MS, tech) for tech in ("gpon+xgs-pon", "xgs-pon"))
    assert combo.tx_dbm == plain.tx_dbm
    assert combo.tech == "gpon+xgs-pon"


@pytest.mark.parametrize("kind", sorted(ALARM_KINDS))
def test_an_alarm_shows_in_the_report(kind: str) -> None:
    sound = msgspec.to_builtins(_values(kind, KEYS[0], NOON_MS, SOUND))
    alarm = msgspec.to_builtins(_values(kind, KEYS[0], NOON_MS, ALARM))
    assert (False, True) in [(sound[field], alarm[field]) for field in sound]


def test_a_camera_shows_its_condition() -> None:
    def shows(condition: int) -> tuple[bool | None, bool | None, int | None]:
        camera = _values("camera", KEYS[0], NOON_MS, condition)
        assert isinstance(camera, Camera)
        return camera.intact, camera.picture, camera.bitrate_kbps and 1

    assert shows(SOUND) == (True, True, 1)
    assert shows(NO_PICTURE) == (True, False, 0)
    assert shows(DAMAGED) == (False, True, 1)


def test_an_electricity_meter_agrees_with_itself() -> None:
    """Current is power over voltage; the total grows by the power that was shown."""
    meter = msgspec.to_builtins(_values("electricity_meter", KEYS[0], NOON_MS))
    later = msgspec.to_builtins(_values("electricity_meter", KEYS[0], NOON_MS + HOUR_MS))
    watts = meter["current_a"] * meter["voltage_v"] * 0.95
    assert watts == pytest.approx(meter["power_kw"] * 1000, rel=0.02)
    used_kwh = later["energy_total_kwh"] - meter["energy_total_kwh"]
    assert used_kwh == pytest.approx((meter["power_kw"] + later["power_kw"]) / 2, rel=0.1)


@pytest.mark.parametrize("rhythm", [HOME_TRAFFIC, HOME_USE, COMINGS_AND_GOINGS])
def test_a_rhythm_has_mean_one_and_is_the_slope_of_its_total(rhythm: Rhythm) -> None:
    assert rhythm.since(NOON_MS, NOON_MS + DAY_MS) == pytest.approx(86_400)
    for at_ms in INSTANTS:
        assert rhythm.rate(at_ms) >= 0
        slope = rhythm.since(at_ms - 1000, at_ms + 1000) / 2
        assert slope == pytest.approx(rhythm.rate(at_ms), rel=1e-3)


def test_noise_is_smooth_and_bounded() -> None:
    samples = [wobble(KEYS[0], 1, NOON_MS + step * 100, 60_000) for step in range(6000)]
    assert -1 <= min(samples) < -0.5 < 0.5 < max(samples) <= 1
    steps = [abs(b - a) for a, b in pairwise(samples)]
    assert max(steps) <= 2 / 600 * 1.001


def test_draws_are_spread_evenly() -> None:
    draws = [unit(object_key(1, str(n)), 3) for n in range(4000)]
    assert sum(draws) / len(draws) == pytest.approx(0.5, abs=0.02)
    assert all(2 <= between(key, 1, 2, 5) < 5 for key in KEYS)
