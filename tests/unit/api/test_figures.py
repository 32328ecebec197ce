"""Figures: targets, bounds, quality, levels."""

import numpy as np
import pytest

from gigacity_api.indicators.city_state import (
    MAX_UNREGISTERED,
    CityState,
    UnregisteredReporter,
    UnregisteredReporters,
)
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.figures import against_target
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level, by_level, every
from gigacity_api.indicators.quality import Quality, grade
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.row_loader import PortRow, load_ports
from gigacity_api.indicators.subjects.building.gigabit_access import (
    HOME_GIGABIT_ACCESS,
    UrbanIndicator,
)
from gigacity_api.indicators.subjects.port.in_service import PON_PORT_SHARE_10G, PON_PORTS_10G
from gigacity_city.model import City, Direction, Target
from gigacity_contract.kinds import CATALOGUE
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, RETIRED_A, ZONE
from tests.unit.api.conftest import T
from tests.unit.api.worlds import SOURCE


def up(olt: str, slot: int, port: int, tech: str, area: str = AREA_A, ago_ms: int = 1) -> PortRow:
    return PortRow(T - ago_ms, olt, str(slot), str(port), tech, area, "up", "up")


def evaluate(inventory: Inventory, rows: list[PortRow]) -> Evaluation:
    state = CityState.empty(inventory)
    load_ports(state, inventory, rows, T)
    return Evaluator(inventory).evaluate(state, T)


@pytest.mark.parametrize(
    ("lower", "upper", "direction", "verdict"),
    [
        (10.0, 12.0, "at_least", "met"),
        (9.0, 12.0, "at_least", "undetermined"),
        (8.0, 9.9, "at_least", "missed"),
        (8.0, 10.0, "at_most", "met"),
        (9.0, 12.0, "at_most", "undetermined"),
        (10.1, 12.0, "at_most", "missed"),
        (None, None, "at_least", "undetermined"),
    ],
)
def test_a_target_is_judged_by_both_bounds(
    lower: float | None, upper: float | None, direction: Direction, verdict: str
) -> None:
    target = Target("x", "city", "", 10.0, direction, "", SOURCE)
    assert verdict == against_target(lower, upper, target)


def test_objects_are_grouped_at_a_level_only_by_a_column_of_their_places() -> None:
    """All would stand in the first group else, whoever they are."""
    index, area = every(3), np.array([1, 0, 1], np.int32)
    levels = by_level(index, (Level.CITY, Level.AREA), area=area)
    assert {level: found.group.tolist() for level, found in levels.items()} == {
        Level.CITY: [0, 0, 0], Level.AREA: [1, 0, 1],
    }  # fmt: skip
    with pytest.raises(KeyError, match="community"):
        by_level(index, (Level.CITY, Level.COMMUNITY), area=area)


def test_no_target_no_verdict() -> None:
    assert against_target(1.0, 1.0, None) == "no_target"


@pytest.mark.parametrize(
    ("fresh", "expected", "unregistered", "quality"),
    [
        (98, 100, 0, "A"),
        (97, 100, 0, "B"),
        (89, 100, None, "C"),
        (69, 100, 0, "D"),
        (100, 100, 1, "A"),
        (100, 100, 2, "B"),
        (10, 100, 50, "D"),
    ],
)
def test_the_grade_follows_the_fresh_share_and_the_unregistered(
    fresh: int, expected: int, unregistered: int | None, quality: str
) -> None:
    assert Quality(fresh / expected, unregistered, quality) == grade(fresh, expected, unregistered)


@pytest.mark.parametrize(
    ("unregistered", "implausible", "expected"),
    [(0, 0, "A"), (0, 10, "A"), (0, 11, "B"), (11, 0, "B"), (11, 11, "C"), (None, 11, "B")],
)
def test_what_contradicts_itself_lowers_the_grade(
    unregistered: int | None, implausible: int, expected: str
) -> None:
    assert grade(1000, 1000, unregistered, implausible).grade == expected
    assert grade(100, 1000, 500, 100).grade == "D"


def test_without_expected_reporters_there_is_no_grade() -> None:
    assert Quality(None, 3, "none") == grade(0, 0, 3)


def test_a_ratios_city_target_holds_at_every_level_and_a_counts_only_where_set(city: City) -> None:
    def value(definition_id: str, scope: str, code: str) -> float | None:
        target = REGISTRY[definition_id].target(city, scope, code)
        return None if target is None else target.value

    assert value("pon.port_share_10g", "olt", "olt-a") == 0.25
    assert value("pon.ports_10g", "city", city.code) == 15
    assert value("pon.ports_10g", "area", AREA_B) == 4
    assert value("pon.ports_10g", "area", AREA_A) is None


def test_unknown_ports_lie_between_the_bounds(inventory: Inventory) -> None:
    rows = [up("olt-a", 1, n, "xgs-pon") for n in range(4)] + [up("olt-a", 2, 0, "gpon")]
    found = evaluate(inventory, rows).by_key
    count = found["pon.ports_10g", "olt", "olt-a"]
    share = found["pon.port_share_10g", "olt", "olt-a"]

    assert (
        count.value, count.lower, count.upper, count.denominator, count.unknown,
    ) == (4, 4, 7, 8, 3)  # fmt: skip
    assert (share.value, share.lower, share.upper) == (0.8, 0.5, 7 / 8)


def test_an_upgrade_never_counts_twice(inventory: Inventory) -> None:
    """The port's series changes with its technology; the newest report alone counts."""
    rows = [up("olt-a", 2, 0, "gpon", ago_ms=60_000), up("olt-a", 2, 0, "xgs-pon", ago_ms=1)]
    found = evaluate(inventory, rows).by_key
    assert found["pon.ports_10g", "olt", "olt-a"][8:11:2] == (1, 7)


def test_a_home_counts_once_however_many_ports_pass_it(inventory: Inventory) -> None:
    rows = [up("olt-a", 1, 0, "xgs-pon"), up("olt-a", 1, 1, "xgs-pon")]
    figure = evaluate(inventory, rows).by_key["home.gigabit_access", "community", COMMUNITY_A]
    assert (figure.numerator, figure.denominator) == (96, 200)


def test_rural_homes_are_not_counted(inventory: Inventory) -> None:
    evaluation = evaluate(inventory, [])
    assert evaluation.by_key["home.gigabit_access", "city", "371600"].denominator == 320
    assert ("home.gigabit_access", "area", AREA_B) not in evaluation.by_key


def test_a_place_with_nothing_to_count_has_no_figure_but_the_city_has(inventory: Inventory) -> None:
    found = evaluate(inventory, []).by_key
    assert ("device.online.camera", "area", AREA_B) not in found
    empty = found["device.online.ev_charger", "city", "371600"]
    assert (
        empty.value, empty.lower, empty.denominator, empty.quality.grade,
    ) == (None, None, 0, "none")  # fmt: skip


def test_the_unregistered_show_in_their_area_under_its_current_code(inventory: Inventory) -> None:
    found = evaluate(inventory, [up("ghost", 1, 1, "gpon", area=RETIRED_A)]).by_key
    unregistered = {
        code: found["pon.ports_10g", scope, code].quality.unregistered
        for scope, code in (("city", "371600"), ("area", AREA_A), ("area", ZONE))
    }
    assert unregistered == {"371600": 1, AREA_A: 1, ZONE: 0}
    assert found["pon.ports_10g", "olt", "olt-a"].quality.unregistered is None


def test_an_unregistered_reporter_outside_the_window_is_forgotten(inventory: Inventory) -> None:
    found = evaluate(inventory, [up("ghost", 1, 1, "gpon", ago_ms=180_000)]).by_key
    assert found["pon.ports_10g", "city", "371600"].quality.unregistered == 0


def test_a_flood_of_unregistered_reporters_is_bounded() -> None:
    unregistered = UnregisteredReporters()
    for number in range(MAX_UNREGISTERED + 5):
        unregistered.offer(UnregisteredReporter("port", AREA_A, str(number)), T)
    unregistered.offer(UnregisteredReporter("port", AREA_A, "0"), T + 1)

    assert (len(unregistered.seen), unregistered.overflow) == (MAX_UNREGISTERED, 5)


def test_the_registry_has_every_kind_and_both_names() -> None:
    assert {f"device.online.{kind}" for kind in CATALOGUE} <= set(REGISTRY)
    for definition in REGISTRY.values():
        assert definition.name.zh
        assert definition.name.en
        assert definition.formula.zh
        assert definition.levels[0] in {Level.CITY, Level.COMMUNITY}
    assert not PON_PORTS_10G.is_ratio
    assert PON_PORT_SHARE_10G.is_ratio
    assert isinstance(HOME_GIGABIT_ACCESS, UrbanIndicator)
