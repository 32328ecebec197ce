"""Communities against the smart-community standard, item by item."""

from dataclasses import replace

import pytest

from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.evidence import community_entry, item_entries
from gigacity_api.indicators.intake import CameraRow, PortRow, take_devices, take_ports
from gigacity_api.indicators.reasons import Reason
from gigacity_api.indicators.state import State
from gigacity_api.indicators.universe import Universe
from gigacity_contract.city.model import Building, City, Community, PortKey, RegisteredPort
from tests.unit.api.worlds import AREAS, T, build_city

CODE = f"{AREAS[0]}000001"
OLT = f"olt-{AREAS[0]}"


def community(**changes: int | None) -> Community:
    """Ten cameras, eight of ten households with television, 5G over 80 % of the surface."""
    reported: dict[str, int | None] = {
        "area_5g_m2": 800, "tv_households": 7, "key_positions": 10,
    }  # fmt: skip
    values = {**reported, **changes}
    return Community(
        CODE, "社区", AREAS[0], 111, 1000,
        area_5g_m2=values["area_5g_m2"], tv_households=values["tv_households"],
        key_positions=values["key_positions"],
    )  # fmt: skip


def city_of(place: Community, cameras: int = 10) -> City:
    return build_city(
        [place],
        [Building("b1", CODE, 7), Building("b2", CODE, 3)],
        [RegisteredPort(PortKey(OLT, 1, n), "xgs-pon") for n in range(2)],
        [(0, 0), (1, 1)],
        [cameras],
    )


def evaluate(
    city: City,
    *,
    ports: tuple[str | None, ...] = ("up", "down"),
    broken: int = 0,
    blind: int = 0,
    silent: int = 0,
) -> Evaluation:
    """Both ports report (None: not at all), and all cameras but the silent ones."""
    universe = Universe(city)
    state = State.empty(universe)
    rows = [
        PortRow(T - 1000, OLT, "1", str(n), "xgs-pon", AREAS[0], "up", oper)
        for n, oper in enumerate(ports)
        if oper is not None
    ]
    take_ports(state, universe, rows, T)
    cameras = [
        CameraRow(T - 1000, CODE, f"camera-{n}", AREAS[0], n > broken, n > blind)
        for n in range(1, len(city.devices) + 1 - silent)
    ]
    take_devices(state, universe, "camera", cameras, T)
    return Evaluator(universe).evaluate(state, T)


def item(evaluation: Evaluation, name: str) -> tuple[str, int | None, int | None]:
    found = next(i for i in item_entries(evaluation, 0) if i.result.item.id == name)
    return found.verdict, found.numerator, found.denominator


def test_a_community_that_passes_every_item_is_in() -> None:
    evaluation = evaluate(city_of(community()))
    entry = community_entry(evaluation, 0)
    assert (entry.verdict, entry.reason) == ("in", Reason.COMMUNITY_ALL_ITEMS_PASS)
    assert {"in"} == {i.verdict for i in entry.items}


def test_gigabit_homes_weighs_households_of_buildings() -> None:
    assert item(evaluate(city_of(community())), "gigabit_homes") == ("in", 7, 10)
    assert item(evaluate(city_of(community()), ports=("down", "up")), "gigabit_homes") == (
        "out",
        3,
        10,
    )


def test_gigabit_homes_is_unknown_while_the_unheard_could_decide() -> None:
    evaluation = evaluate(city_of(community()), ports=(None, "up"))
    entry = next(i for i in item_entries(evaluation, 0) if i.result.item.id == "gigabit_homes")
    assert (entry.verdict, entry.lower, entry.upper) == ("unknown", 0.3, 1.0)


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("mobile_5g_area", {"area_5g_m2": 800}, ("in", 800, 1000)),
        ("mobile_5g_area", {"area_5g_m2": 799}, ("out", 799, 1000)),
        ("mobile_5g_area", {"area_5g_m2": None}, ("unknown", None, None)),
        ("tv_households", {"tv_households": 7}, ("in", 7, 10)),
        ("tv_households", {"tv_households": 6}, ("out", 6, 10)),
        ("tv_households", {"tv_households": None}, ("unknown", None, None)),
        ("camera_coverage", {"key_positions": 11}, ("in", 10, 11)),
        ("camera_coverage", {"key_positions": 12}, ("out", 10, 12)),
        ("camera_coverage", {"key_positions": 2}, ("in", 2, 2)),
        ("camera_coverage", {"key_positions": None}, ("unknown", None, None)),
        ("camera_coverage", {"key_positions": 0}, ("unknown", None, None)),
    ],
)
def test_reported_items(
    name: str, change: dict[str, int | None], expected: tuple[str, int | None, int | None]
) -> None:
    evaluation = evaluate(city_of(community(**change)))
    assert expected == item(evaluation, name)
    assert expected[0] == community_entry(evaluation, 0).verdict


def test_the_three_camera_ratios_have_three_numerators() -> None:
    evaluation = evaluate(city_of(community()), broken=2, blind=3)
    assert item(evaluation, "camera_online") == ("in", 10, 10)
    assert item(evaluation, "camera_intact") == ("out", 8, 10)
    assert item(evaluation, "camera_picture") == ("out", 7, 10)
    assert community_entry(evaluation, 0).reason == Reason.COMMUNITY_ITEM_FAILS


def test_a_silent_camera_counts_against_all_three() -> None:
    evaluation = evaluate(city_of(community()), silent=3)
    for name in ("camera_online", "camera_intact", "camera_picture"):
        assert item(evaluation, name) == ("out", 7, 10)


def test_without_cameras_their_ratios_are_unknown() -> None:
    evaluation = evaluate(city_of(community(), cameras=0))
    assert item(evaluation, "camera_online") == ("unknown", None, None)
    assert community_entry(evaluation, 0).reason == Reason.COMMUNITY_ITEM_FAILS


def test_an_item_that_is_not_required_decides_nothing() -> None:
    city = city_of(community(tv_households=1))
    items = tuple(replace(i, required=i.id != "tv_households") for i in city.smart_items)
    evaluation = evaluate(replace(city, smart_items=items))
    assert item(evaluation, "tv_households")[0] == "out"
    assert community_entry(evaluation, 0).verdict == "in"


def test_an_item_that_nothing_here_measures_stays_unknown() -> None:
    city = city_of(community())
    extra = replace(city.smart_items[0], id="access_control")
    evaluation = evaluate(replace(city, smart_items=(*city.smart_items, extra)))
    assert item(evaluation, "access_control") == ("unknown", None, None)
    assert community_entry(evaluation, 0).reason == Reason.COMMUNITY_ITEMS_UNKNOWN
