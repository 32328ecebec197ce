"""What holds for every city, whatever arrives and in whichever order."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.row_loader import DeviceReportRow, PortRow, load_devices, load_ports
from gigacity_api.indicators.subjects.port.in_service import CapacityIndicator
from tests.unit.api.worlds import AREAS, WINDOW_MS, T, World, worlds

pytestmark = pytest.mark.timeout(120)
profile = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ADDITIVE = [d for d in REGISTRY.values() if Level.AREA in d.levels]
# The denominator of a capacity is households, not the ports that its evidence lists.
OF_OBJECTS = [d.id for d in REGISTRY.values() if not isinstance(d, CapacityIndicator)]


def evaluate(
    world: World, ports: Sequence[PortRow], cameras: Sequence[DeviceReportRow], as_of_ms: int = T
) -> Evaluation:
    inventory = Inventory(world.city)
    state = CityState.empty(inventory)
    load_ports(state, inventory, ports, as_of_ms)
    load_devices(state, inventory, "camera", cameras, as_of_ms)
    return Evaluator(inventory).evaluate(state, as_of_ms)


def ratio(inside: int, total: int) -> float | None:
    return inside / total if total else None


@profile
@given(world=worlds())
def test_with_every_report_the_figures_are_the_truth(world: World) -> None:
    """All has arrived: value, numerator, denominator and both bounds equal the truth."""
    found = evaluate(world, world.port_rows(), world.camera_rows()).by_key
    for scope, code, areas in (
        ("city", "371600", set(AREAS)),
        *(("area", area, {area}) for area in AREAS),
    ):
        inside, total = world.true_ports(T, areas)
        count = found["pon.ports_10g", scope, code]
        assert (inside, inside, inside, total, 0) == (
            count.value, count.lower, count.upper, count.denominator, count.unknown,
        )  # fmt: skip
        assert ratio(inside, total) == found["pon.port_share_10g", scope, code].value
        inside, total = world.true_homes(T, areas)
        homes = found.get(("home.gigabit_access", scope, code))
        assert (inside, total) == ((homes.numerator, homes.denominator) if homes else (0, 0))
        assert ratio(inside, total) == (homes.value if homes else None)


@profile
@given(world=worlds(), data=st.data())
def test_bounds_hold_the_truth_whatever_has_not_arrived(world: World, data: st.DataObject) -> None:
    """Some objects are not heard of at all: the truth still lies between the bounds."""
    heard = data.draw(st.sets(st.sampled_from(sorted(world.ports))))
    found = evaluate(world, world.port_rows(heard), []).by_key
    everywhere = set(AREAS)
    for indicator, (inside, total) in (
        ("pon.port_share_10g", world.true_ports(T, everywhere)),
        ("home.gigabit_access", world.true_homes(T, everywhere)),
    ):
        figure = found[indicator, "city", "371600"]
        if total:
            assert figure.lower is not None
            assert figure.upper is not None
            assert figure.lower <= inside / total <= figure.upper
            assert figure.numerator <= inside <= figure.numerator + figure.unknown


@profile
@given(world=worlds(), data=st.data())
def test_order_and_repetition_do_not_matter(world: World, data: st.DataObject) -> None:
    """Rows in another order, in several batches and some twice, give the same figures."""
    ports, cameras = world.port_rows(), world.camera_rows()
    once = evaluate(world, ports, cameras)
    again = data.draw(st.permutations(ports + ports[: len(ports) // 2]))
    other = evaluate(world, again, data.draw(st.permutations(cameras)) * 2)

    assert once.figures == other.figures


@profile
@given(world=worlds())
def test_areas_add_up_to_the_city(world: World) -> None:
    """Numerators, denominators and unknowns of the areas sum to the city's."""
    evaluation = evaluate(world, world.port_rows({0}), world.camera_rows())
    for definition in ADDITIVE:
        if not definition.is_computable(world.city):
            continue
        city = evaluation.by_key[definition.id, "city", "371600"]
        parts = [
            figure
            for figure in evaluation.figures
            if figure.indicator == definition.id and figure.scope == "area"
        ]

        assert _sums([city]) == _sums(parts), definition.id


def _sums(figures: list[Figure]) -> tuple[int, int, int, int]:
    return (
        sum(f.numerator for f in figures), sum(f.denominator for f in figures),
        sum(f.known_out for f in figures), sum(f.unknown for f in figures),
    )  # fmt: skip


@profile
@given(world=worlds())
def test_evidence_sums_to_the_figure(world: World) -> None:
    """The weights of the entries add up to numerator, known out, unknown and denominator."""
    evaluation = evaluate(world, world.port_rows({0, 1}), world.camera_rows())
    for figure in evaluation.figures:
        definition = REGISTRY[figure.indicator]
        objects = objects_of(evaluation, definition, Level(figure.scope), figure.code)
        entries = list(page(evaluation, definition, objects, offset=0, limit=1000).entries)
        unheard = sum(entry.weight for entry in entries if entry.verdict == "unknown")

        assert figure.numerator == sum(entry.adds for entry in entries), figure
        assert figure.unknown == unheard, figure
        if figure.indicator in OF_OBJECTS:
            assert figure.denominator == sum(entry.weight for entry in entries), figure


@profile
@given(world=worlds(), steps=st.integers(1, 5))
def test_a_grown_state_equals_one_built_from_the_window(world: World, steps: int) -> None:
    """A state carried through several instants gives the figures of a cold start at the last."""
    inventory = Inventory(world.city)
    evaluator = Evaluator(inventory)
    grown = CityState.empty(inventory)
    for number in range(1, steps + 1):
        at_ms = T + number * 60_000
        load_ports(grown, inventory, world.port_rows(), at_ms)
        load_devices(grown, inventory, "camera", world.camera_rows(), at_ms)
        window = CityState.empty(inventory)
        recent = [row for row in world.port_rows() if row.time > at_ms - WINDOW_MS]
        load_ports(window, inventory, recent, at_ms)
        cameras = [row for row in world.camera_rows() if row.time > at_ms - WINDOW_MS]
        load_devices(window, inventory, "camera", cameras, at_ms)

        warm, cold = evaluator.evaluate(grown, at_ms), evaluator.evaluate(window, at_ms)
        assert warm.figures == cold.figures
