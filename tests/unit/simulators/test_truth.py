"""Ground truth, counted by hand in the small test city."""

import json
from pathlib import Path
from typing import Any

import pytest

from gigacity_city.load import load_city
from gigacity_city.model import City, PortKey
from gigacity_contract.kinds import Camera, Values
from gigacity_contract.payloads import Port
from gigacity_simulators.models.catalogue import DEVICE_MODELS
from gigacity_simulators.models.condition import SOUND
from gigacity_simulators.truth.figures import TruthFigure
from gigacity_simulators.truth.held import is_ten_gig
from gigacity_simulators.truth.lines import TruthWriter
from gigacity_simulators.truth.oracle import Oracle
from tests.support.city import (
    AREA_A,
    AREA_B,
    COMMUNITY_A,
    COMMUNITY_ZONE,
    ZONE,
    port_index,
    write_city,
)

T_MS = 1_795_500_000_000
PON_WINDOW_MS = 180_000
CAMERA_WINDOW_MS = 180_000


def _well(kind: str) -> Values:
    """A sample of this kind with every field, of a device without a fault."""
    return DEVICE_MODELS[kind](1, T_MS, SOUND)


@pytest.fixture
def city(tmp_path: Path) -> City:
    return load_city(write_city(tmp_path / "city"))


def _port_sampled(oracle: Oracle, port: int, due_ms: int, **state: Any) -> None:
    oracle.held.port_sampled(port, due_ms, Port(slot=1, port=0, **state))


def _sampled(city: City, *, due_ms: int = T_MS - 1000) -> Oracle:
    """Everything is up, online and well; only hands-on, which nobody simulates, is not."""
    oracle = Oracle(city)
    for index, port in enumerate(city.ports):
        _port_sampled(oracle, index, due_ms, tech=port.tech, admin="up", oper="up")
    for row in city.devices.ranges:
        for device in range(row.offset, row.offset + len(row.ids)):
            oracle.held.device_sampled(device, due_ms, _well(row.kind))
    hands_on = city.devices.find(COMMUNITY_A, "hands-on")
    assert hands_on is not None
    oracle.held.connection_ended(hands_on[1])
    return oracle


def _at(figures: list[TruthFigure], indicator: str, scope: str, code: str) -> tuple[int, int]:
    found = [f for f in figures if f[:3] == (indicator, scope, code)]
    assert len(found) == 1
    return found[0].numerator, found[0].denominator


def _cameras(city: City, community: str) -> list[int]:
    return [
        row.offset + n
        for row in city.devices.ranges
        if row.kind == "camera" and row.community == community
        for n in range(len(row.ids))
    ]


def test_ports_count_by_technology_at_every_level(city: City) -> None:
    figures = _sampled(city).figures(T_MS)
    for indicator in ("pon.ports_10g", "pon.port_share_10g"):
        assert _at(figures, indicator, "city", "371600") == (18, 24)
        assert _at(figures, indicator, "area", AREA_A) == (6, 8)
        assert _at(figures, indicator, "area", AREA_B) == (4, 8)
        assert _at(figures, indicator, "area", ZONE) == (8, 8)
        assert _at(figures, indicator, "olt", "olt-b") == (4, 8)


@pytest.mark.parametrize(
    ("admin", "oper", "tech"),
    [("up", "down", "xgs-pon"), ("down", "down", "xgs-pon"), ("up", "up", "gpon")],
)
def test_a_port_that_does_not_serve_10g_does_not_count(
    city: City, admin: str, oper: str, tech: str
) -> None:
    oracle = _sampled(city)
    _port_sampled(oracle, 0, T_MS, tech=tech, admin=admin, oper=oper)
    assert _at(oracle.figures(T_MS), "pon.ports_10g", "city", "371600") == (17, 24)


def test_an_upgrade_counts_once(city: City) -> None:
    oracle = _sampled(city)
    epon = port_index(city, "olt-b", 1, 4)
    _port_sampled(oracle, epon, T_MS, tech="10g-epon+epon", admin="up", oper="up")
    assert _at(oracle.figures(T_MS), "pon.ports_10g", "area", AREA_B) == (5, 8)


@pytest.mark.parametrize(("age_ms", "count"), [(PON_WINDOW_MS - 1, 18), (PON_WINDOW_MS, 0)])
def test_a_port_sampled_a_window_ago_is_not_known_to_serve(
    city: City, age_ms: int, count: int
) -> None:
    figures = _sampled(city, due_ms=T_MS - age_ms).figures(T_MS)
    assert _at(figures, "pon.ports_10g", "city", "371600") == (count, 24)


def test_homes_count_once_and_only_urban_ones(city: City) -> None:
    figures = _sampled(city).figures(T_MS)
    assert _at(figures, "home.gigabit_access", "city", "371600") == (320, 320)
    assert _at(figures, "home.gigabit_access", "area", AREA_A) == (200, 200)
    assert _at(figures, "home.gigabit_access", "community", COMMUNITY_ZONE) == (120, 120)
    # The county's only community is a village: no urban households, so no figure.
    assert not [f for f in figures if f.indicator == "home.gigabit_access" and f.code == AREA_B]


def test_a_building_is_served_while_one_of_its_ports_is(city: City) -> None:
    oracle = _sampled(city)
    for key in (PortKey("olt-a", 1, 0), PortKey("olt-a", 1, 1)):
        _port_sampled(oracle, port_index(city, *key), T_MS, tech="xgs-pon", admin="up", oper="down")
    # Port 1/4 still passes building 1.
    assert _at(oracle.figures(T_MS), "home.gigabit_access", "area", AREA_A) == (200, 200)
    shared = port_index(city, "olt-z", 1, 0)
    _port_sampled(oracle, shared, T_MS, tech="xg-pon", admin="up", oper="down")
    # It was the only 10G port of a building in each of two areas.
    figures = oracle.figures(T_MS)
    assert _at(figures, "home.gigabit_access", "area", AREA_A) == (160, 200)
    assert _at(figures, "home.gigabit_access", "area", ZONE) == (0, 120)
    assert _at(figures, "home.gigabit_access", "city", "371600") == (160, 320)


def test_one_community_of_three_is_smart(city: City) -> None:
    """The village reports no 5G surface; the zone's 5G covers only half of it."""
    figures = _sampled(city).figures(T_MS)
    assert _at(figures, "community.smart_coverage", "city", "371600") == (1, 3)
    assert _at(figures, "community.smart_coverage", "area", AREA_A) == (1, 1)
    assert _at(figures, "community.smart_coverage", "area", ZONE) == (0, 1)


def test_items_that_nobody_reports_leave_a_community_open_unless_another_fails(
    tmp_path: Path,
) -> None:
    folder = write_city(tmp_path / "open")
    table = folder / "communities.csv"
    # The first community no longer reports its 5G surface; the village never did, and fails.
    table.write_text(table.read_text().replace("200000,190000,150,10", "200000,,150,10"))
    figures = _sampled(load_city(folder)).figures(T_MS)
    found = {f.code: f[3:] for f in figures if f.indicator == "community.smart_coverage"}
    assert found == {"371600": (0, 3, 1), AREA_A: (0, 1, 1), AREA_B: (0, 1, 0), ZONE: (0, 1, 0)}


@pytest.mark.parametrize(
    ("blind", "damaged", "offline", "is_smart"),
    [
        (2, 0, 0, 1),
        (3, 0, 0, 0),
        (0, 1, 0, 1),
        (0, 2, 0, 0),
        (0, 0, 1, 1),
        (0, 0, 2, 0),
        (2, 1, 1, 0),
    ],
)
def test_thresholds_of_cameras_include_the_number(
    city: City, blind: int, damaged: int, offline: int, is_smart: int
) -> None:
    """Of ten cameras at least 8 show a picture, 9 are intact and 9 online; offline is neither."""
    oracle = _sampled(city)
    cameras = _cameras(city, COMMUNITY_A)
    for device in cameras[:blind]:
        oracle.held.device_sampled(device, T_MS, Camera(intact=True, picture=False))
    for device in cameras[3 : 3 + damaged]:
        oracle.held.device_sampled(device, T_MS, Camera(intact=False, picture=True))
    for device in cameras[6 : 6 + offline]:
        oracle.held.device_sampled(device, T_MS - CAMERA_WINDOW_MS, _well("camera"))
    figures = oracle.figures(T_MS)
    assert _at(figures, "community.smart_coverage", "area", AREA_A) == (is_smart, 1)


def test_a_community_needs_its_homes_served(city: City) -> None:
    oracle = _sampled(city)
    for port in range(4):
        _port_sampled(oracle, port, T_MS, tech="xgs-pon", admin="up", oper="down")
    combo = port_index(city, "olt-a", 1, 4)
    _port_sampled(oracle, combo, T_MS, tech="gpon+xgs-pon", admin="down", oper="down")
    # Building 3 of 40 households is left of 200.
    figures = oracle.figures(T_MS)
    assert _at(figures, "home.gigabit_access", "area", AREA_A) == (40, 200)
    assert _at(figures, "community.smart_coverage", "city", "371600") == (0, 3)


def test_devices_are_online_by_their_own_kind_s_window(city: City) -> None:
    registered = len(city.devices)
    oracle = _sampled(city)
    figures = oracle.figures(T_MS)
    assert _at(figures, "device.online", "city", "371600") == (registered - 1, registered)
    assert _at(figures, "device.online.camera", "city", "371600") == (28, 28)
    assert _at(figures, "device.online", "community", COMMUNITY_ZONE) == (26, 26)
    assert _at(figures, "device.online.smoke_detector", "area", AREA_A) == (12, 13)
    later = oracle.figures(T_MS + CAMERA_WINDOW_MS)
    assert _at(later, "device.online.camera", "city", "371600") == (0, 28)
    assert _at(later, "device.online.water_meter", "city", "371600") == (8, 8)


def test_an_ended_connection_is_offline_until_the_next_sample(city: City) -> None:
    oracle = _sampled(city)
    found = city.devices.find(COMMUNITY_A, "elevator-1")
    assert found is not None
    oracle.held.connection_ended(found[1])
    assert _at(oracle.figures(T_MS), "device.online.elevator", "city", "371600") == (0, 1)
    oracle.held.device_sampled(found[1], T_MS, _well("elevator"))
    assert _at(oracle.figures(T_MS), "device.online.elevator", "city", "371600") == (1, 1)


def test_nothing_sampled_means_nothing_in(city: City) -> None:
    figures = Oracle(city).figures(T_MS)
    assert {f.numerator for f in figures} == {0}
    assert all(f.denominator > 0 for f in figures)


@pytest.mark.parametrize(
    ("tech", "counts"),
    [
        ("epon", False),
        ("gpon", False),
        ("10g-epon", True),
        ("xg-pon", True),
        ("xgs-pon", True),
        ("gpon+xgs-pon", True),
        ("25gs-pon", True),
        ("50g-pon", True),
        ("ng-pon2", True),
    ],
)
def test_which_technologies_are_10g(tech: str, counts: bool) -> None:
    assert is_ten_gig(tech) is counts


def test_a_truth_line_can_be_read_while_the_file_is_open(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    file = TruthWriter(path)
    figures = [TruthFigure("device.online", "city", "371600", 3, 4)]
    for n in range(2):
        file.write(
            T_MS + n, is_complete=n == 1, complete_for=("x",), cut_olts=("olt-a",), figures=figures
        )
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    file.close()
    assert lines[1] == {
        "t": T_MS + 1,
        "complete": True,
        "complete_for": ["x"],
        "cut": ["olt-a"],
        "figures": [["device.online", "city", "371600", 3, 4, 0]],
    }
    assert lines[0]["complete"] is False
