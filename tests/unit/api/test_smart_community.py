"""Communities against the smart-community standard, item by item."""

from dataclasses import replace
from typing import Any

import pytest

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.entries import Entry
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.row_loader import PortRow, load_devices, load_ports
from gigacity_api.indicators.subjects.community.smart import COMMUNITY_SMART_COVERAGE
from gigacity_city.model import (
    Building,
    City,
    Community,
    PortKey,
    RegisteredPort,
    Threshold,
)
from tests.support.camera_rows import camera_row
from tests.unit.api.worlds import AREAS, SOURCE, T, build_city

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
    inventory = Inventory(city)
    state = CityState.empty(inventory)
    rows = [
        PortRow(T - 1000, OLT, "1", str(n), "xgs-pon", AREAS[0], "up", oper)
        for n, oper in enumerate(ports)
        if oper is not None
    ]
    load_ports(state, inventory, rows, T)
    cameras = [
        camera_row(T - 1000, CODE, f"camera-{n}", AREAS[0], n > broken, n > blind)
        for n in range(1, len(city.devices) + 1 - silent)
    ]
    load_devices(state, inventory, "camera", cameras, T)
    return Evaluator(inventory).evaluate(state, T)


def community_entry(evaluation: Evaluation) -> Entry:
    return COMMUNITY_SMART_COVERAGE.entry(evaluation.instant, 0)


def item(evaluation: Evaluation, name: str) -> tuple[str, int | None, int | None]:
    found = next(i for i in community_entry(evaluation).items if i.item.id == name)
    return found.verdict, found.numerator, found.denominator


def test_a_community_that_passes_every_item_is_in() -> None:
    evaluation = evaluate(city_of(community()))
    entry = community_entry(evaluation)
    assert (entry.verdict, entry.reason.slug) == ("in", "community_all_items_pass")
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
    entry = next(i for i in community_entry(evaluation).items if i.item.id == "gigabit_homes")
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
    assert expected[0] == community_entry(evaluation).verdict


def test_the_three_camera_ratios_have_three_numerators() -> None:
    evaluation = evaluate(city_of(community()), broken=2, blind=3)
    assert item(evaluation, "camera_online") == ("in", 10, 10)
    assert item(evaluation, "camera_intact") == ("out", 8, 10)
    assert item(evaluation, "camera_picture") == ("out", 7, 10)
    assert community_entry(evaluation).reason.slug == "community_item_fails"


def test_a_silent_camera_counts_against_all_three() -> None:
    evaluation = evaluate(city_of(community()), silent=3)
    for name in ("camera_online", "camera_intact", "camera_picture"):
        assert item(evaluation, name) == ("out", 7, 10)


def test_without_cameras_their_ratios_are_unknown() -> None:
    evaluation = evaluate(city_of(community(), cameras=0))
    assert item(evaluation, "camera_online") == ("unknown", None, None)
    assert community_entry(evaluation).reason.slug == "community_item_fails"


def test_an_item_that_is_not_required_decides_nothing() -> None:
    city = city_of(community(tv_households=1))
    items = tuple(replace(i, required=i.id != "tv_households") for i in city.smart_items)
    evaluation = evaluate(replace(city, smart_items=items))
    assert item(evaluation, "tv_households")[0] == "out"
    assert community_entry(evaluation).verdict == "in"


def test_an_item_that_nothing_here_measures_stays_unknown() -> None:
    city = city_of(community())
    extra = replace(city.smart_items[0], id="access_control")
    evaluation = evaluate(replace(city, smart_items=(*city.smart_items, extra)))
    assert item(evaluation, "access_control") == ("unknown", None, None)
    assert community_entry(evaluation).reason.slug == "community_items_unknown"


def figure(evaluation: Evaluation, name: str, scope: str = "community", code: str = CODE) -> Figure:
    return evaluation.by_key[f"community.{name}", scope, code]


def test_each_item_is_a_figure_of_the_community_with_its_threshold_as_target() -> None:
    evaluation = evaluate(city_of(community()), broken=2, blind=1)
    found = {
        name: (figure(evaluation, name).value, figure(evaluation, name).verdict)
        for name in (i.id for i in evaluation.inventory.city.smart_items)
    }
    assert found == {
        "gigabit_homes": (0.7, "met"), "mobile_5g_area": (0.8, "met"),
        "tv_households": (0.7, "met"), "camera_coverage": (1.0, "met"),
        "camera_online": (1.0, "met"), "camera_intact": (0.8, "missed"),
        "camera_picture": (0.9, "met"),
    }  # fmt: skip
    assert figure(evaluation, "camera_intact").target == 0.9


def test_above_communities_an_item_has_a_sum_and_no_threshold() -> None:
    evaluation = evaluate(city_of(community()))
    for scope, code in (("area", AREAS[0]), ("city", "371600")):
        homes = figure(evaluation, "gigabit_homes", scope, code)
        assert (homes.numerator, homes.denominator, homes.target) == (7, 10, None)
        assert ("community.camera_coverage", scope, code) not in evaluation.by_key


def test_what_was_not_reported_is_unknown_with_its_whole_size() -> None:
    evaluation = evaluate(city_of(community(area_5g_m2=None, tv_households=None)))
    surface = figure(evaluation, "mobile_5g_area")
    assert (surface.value, surface.lower, surface.upper, surface.unknown) == (None, 0.0, 1.0, 1000)
    assert figure(evaluation, "tv_households").unknown == 10
    assert surface.verdict == "undetermined"


def test_without_key_positions_there_is_no_camera_coverage() -> None:
    evaluation = evaluate(city_of(community(key_positions=None)))
    assert ("community.camera_coverage", "community", CODE) not in evaluation.by_key


def raised(city: City, level: str, value: float | None) -> City:
    change: dict[str, Any] = {level: None if value is None else Threshold(value, SOURCE)}
    items = tuple(replace(item, **change) for item in city.smart_items)
    return replace(city, smart_items=items)


def test_a_level_without_thresholds_is_not_assessed() -> None:
    entry = community_entry(evaluate(city_of(community())))
    assert entry.values == {
        "level_basic": "in", "level_growth": "not_assessed", "level_benchmark": "not_assessed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("growth", "benchmark", "levels"),
    [
        (0.7, 0.75, ("in", "in", "out")),
        (0.7, None, ("in", "in", "not_assessed")),
        (0.75, 0.1, ("in", "out", "out")),
        (None, 0.1, ("in", "not_assessed", "not_assessed")),
    ],
)
def test_a_level_asks_for_the_one_below_it(
    growth: float | None, benchmark: float | None, levels: tuple[str, str, str]
) -> None:
    city = raised(raised(city_of(community()), "growth", growth), "benchmark", benchmark)
    entry = community_entry(evaluate(city))
    assert tuple(entry.values.values()) == levels


def test_cameras_say_why_they_do_not_count() -> None:
    evaluation = evaluate(city_of(community()), broken=1, silent=1)
    definition = REGISTRY["community.camera_intact"]
    objects = objects_of(evaluation, definition, Level.COMMUNITY, CODE)
    found = list(page(evaluation, definition, objects, offset=0, limit=99).entries)
    assert found[0].reason.slug == "camera_not_intact"
    assert found[1].reason.slug == "camera_intact"
    assert found[-1].reason.slug == "device_silent"
    assert sum(entry.adds for entry in found) == figure(evaluation, "camera_intact").numerator


def test_reported_items_say_whether_they_were_reported() -> None:
    evaluation = evaluate(city_of(community(area_5g_m2=1000, tv_households=None)))
    for name, reason, adds in (
        ("mobile_5g_area", "community_reported_in_full", 1000),
        ("tv_households", "community_not_reported", 0),
    ):
        definition = REGISTRY[f"community.{name}"]
        objects = objects_of(evaluation, definition, Level.CITY, "371600")
        (entry,) = page(evaluation, definition, objects, offset=0, limit=9).entries
        assert (entry.reason.slug, entry.adds) == (reason, adds)
