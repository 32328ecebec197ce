"""Figures of random cities against what is true of them.

``GIGACITY_RANDOM_CITIES=1000 pytest tests/properties/test_cities.py`` tries a thousand; the suite a
few, always the same. A failure names the seed: ``GIGACITY_RANDOM_SEED=17`` tries that one alone.
"""

import os
import random
from collections import Counter
from functools import lru_cache

import pytest

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.subjects.community.standard import (
    SmartLevel,
    communities_against_standard,
)
from gigacity_api.indicators.subjects.port.in_service import CapacityIndicator, ports_in_service
from gigacity_api.indicators.verdicts import BY_NAME, NAMES
from tests.support.random_city import random_city
from tests.support.random_lives import INSTANTS, SETTLE_MS, World, random_world
from tests.support.random_rows import Rows, offer, rows_of
from tests.support.random_truth import Parts, Truth, serves_10g, truth_at
from tests.support.simulators_truth import simulators_truth

pytestmark = pytest.mark.timeout(3600)

COUNT = int(os.environ.get("GIGACITY_RANDOM_CITIES", "25"))
SEEDS = (
    [int(os.environ["GIGACITY_RANDOM_SEED"])]
    if "GIGACITY_RANDOM_SEED" in os.environ
    else range(COUNT)
)
TOLERANCE = 1e-12
"""Of two divisions in another order; every count is compared exactly."""
VERDICT = {True: BY_NAME["in"], False: BY_NAME["out"], None: BY_NAME["unknown"]}


def dice_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a city, not a secret


@lru_cache(maxsize=1)
def city_of(seed: int) -> tuple[World, Evaluator, list[int]]:
    """A world, an evaluator of its city, and some instants."""
    dice = dice_of(seed)
    world = random_world(dice, random_city(dice))
    return world, Evaluator(Inventory(world.city)), sorted(dice.sample(INSTANTS, 4))


def evaluate(evaluator: Evaluator, rows: Rows, at_ms: int) -> Evaluation:
    inventory = evaluator.inventory
    return evaluator.evaluate(offer(CityState.empty(inventory), inventory, rows, at_ms), at_ms)


def true_of(world: World, at_ms: int) -> Truth:
    """Two independent truths: they agree where both know a figure, and complete each other."""
    truth, other = truth_at(world, at_ms), simulators_truth(world, at_ms)
    both = truth.figures.keys() & other.keys()
    assert {key: truth.figures[key] for key in both} == {key: other[key] for key in both}
    truth.figures = other | truth.figures
    return truth


def faults_of_bounds(found: Evaluation, truth: Truth) -> list[str]:
    """Figures whose bounds do not hold the truth."""
    faults = []
    for place, parts in truth.figures.items():
        figure = found.by_key.get(place)
        if parts.whole == 0 and (figure is None or figure.lower is None):
            continue
        if figure is None or figure.lower is None or figure.upper is None:
            faults.append(f"{place}: {parts}, but {figure}")
            continue
        whole = parts.whole if REGISTRY[place[0]].is_ratio else 1
        least = parts.inside / whole if whole else figure.lower
        most = (parts.inside + parts.unreported) / whole if whole else figure.upper
        if not (figure.lower <= least + TOLERANCE and most <= figure.upper + TOLERANCE):
            faults.append(f"{place}: {parts} not within {figure.lower}..{figure.upper}")
    return faults


def faults_of_value(figure: Figure, parts: Parts) -> bool:
    """Whether a figure of which everything has arrived says anything but the truth."""
    counts = parts.inside, parts.whole, parts.unreported
    if not REGISTRY[figure.indicator].is_ratio:
        return (figure.value, figure.denominator, figure.unknown) != counts
    known = parts.whole - parts.unreported
    value = parts.inside / known if known else None
    exact = (figure.numerator, figure.denominator, figure.unknown, figure.value)
    return exact != (*counts, value)


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds_hold_the_truth_whatever_has_arrived(seed: int) -> None:
    """Outages, losses, late uploads and missing fields only widen the bounds."""
    world, evaluator, instants = city_of(seed)
    for instant in instants:
        found = evaluate(evaluator, rows_of(world, instant + SETTLE_MS), instant)
        truth = true_of(world, instant)
        smart = communities_against_standard(found.instant).smart
        assert faults_of_bounds(found, truth) == []
        for row, code in enumerate(evaluator.inventory.community_index):
            verdict = int(smart[row])
            assert verdict in {VERDICT[truth.smart[code]], BY_NAME["unknown"]}, code


@pytest.mark.parametrize("seed", SEEDS)
def test_what_bounds_do_not_cover_is_never_older_than_a_window(seed: int) -> None:
    """Ports that change unheard: what is said of one was true at some moment of its window."""
    dice = dice_of(seed)
    world = random_world(dice, random_city(dice), hides_changes=True)
    evaluator = Evaluator(Inventory(world.city))
    window_ms = world.city.cadence.pon_window_ms()
    for instant in INSTANTS[::3]:
        found = evaluate(evaluator, rows_of(world, instant + SETTLE_MS), instant)
        for verdict, reports in zip(
            ports_in_service(found.instant).verdicts, world.ports, strict=True
        ):
            recent = [r for r in reports if instant - window_ms < r.due_ms <= instant]
            said = {VERDICT[serves_10g(report)] for report in recent}
            assert int(verdict) in said | {BY_NAME["unknown"]}


@pytest.mark.parametrize("seed", SEEDS)
def test_with_every_report_the_value_is_the_truth(seed: int) -> None:
    """Value, numerator, denominator and what nobody reported, of every figure that there is."""
    world, evaluator, instants = city_of(seed)
    rows = rows_of(world, None)
    for instant in instants:
        found, truth = evaluate(evaluator, rows, instant), true_of(world, instant)
        wanted = {place for place, parts in truth.figures.items() if parts.whole}
        places = {place for place, f in found.by_key.items() if f.denominator}
        assert places == wanted
        assert [
            (found.by_key[place], truth.figures[place])
            for place in sorted(wanted)
            if faults_of_value(found.by_key[place], truth.figures[place])
        ] == []
        communities = communities_against_standard(found.instant)
        levels = communities.levels
        growth = levels[SmartLevel.GROWTH]
        codes = list(evaluator.inventory.community_index)
        assert communities.smart.tolist() == [VERDICT[truth.smart[code]] for code in codes]
        assert levels[SmartLevel.BENCHMARK] is None
        if truth.growth is None:
            assert growth is None
        else:
            assert growth is not None
            assert growth.tolist() == [VERDICT[truth.growth[code]] for code in codes]


def test_every_indicator_is_compared_somewhere() -> None:
    """One that no random city has an object of would pass above with nothing compared."""
    missing = set(REGISTRY)
    for seed in SEEDS if len(SEEDS) > 1 else range(COUNT):
        world, evaluator, instants = city_of(seed)
        found = evaluate(evaluator, rows_of(world, None), instants[0])
        missing -= {figure.indicator for figure in found.figures if figure.denominator}
    assert missing == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_order_repetition_and_lateness_do_not_matter(seed: int) -> None:
    """Shuffled, doubled, in batches, or carried from instant to instant: the figures are the same.

    A state that has seen what came late equals one that is made at once from the window alone.
    """
    world, evaluator, instants = city_of(seed)
    inventory = evaluator.inventory
    dice = dice_of(seed)
    grown = CityState.empty(inventory)
    for instant in instants:
        rows = rows_of(world, instant + SETTLE_MS)
        once = evaluate(evaluator, rows, instant)
        shuffled = CityState.empty(inventory)
        for _ in range(2):
            for batch in batches(dice, rows):
                offer(shuffled, inventory, batch, instant)
        assert evaluator.evaluate(shuffled, instant).figures == once.figures
        offer(grown, inventory, rows, instant)
        assert evaluator.evaluate(grown, instant).figures == once.figures
        window = in_window(world, rows, instant)
        assert evaluate(evaluator, window, instant).figures == once.figures


def batches(dice: random.Random, rows: Rows) -> list[Rows]:
    """The rows in another order, in three batches."""
    parts: list[Rows] = []
    for number in range(3):
        ports = dice.sample(rows.ports, len(rows.ports))[number::3] + rows.ports[:5]
        devices = {k: dice.sample(v, len(v)) for k, v in rows.devices.items()}
        parts.append(Rows(ports, devices, dice.sample(rows.presence, len(rows.presence))))
    rest = Rows(dice.sample(rows.ports, len(rows.ports)), {}, [])
    return [*parts, rest]


def in_window(world: World, rows: Rows, at_ms: int) -> Rows:
    """Only rows that decide anything; sessions whole, as they are read."""
    cadence = world.city.cadence
    after = at_ms - cadence.pon_window_ms()
    return Rows(
        [row for row in rows.ports if row.time > after],
        {
            kind: [row for row in found if row.time > at_ms - cadence.patience_ms(kind)]
            for kind, found in rows.devices.items()
        },
        rows.presence,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_levels_add_up_and_evidence_sums_to_each_figure(seed: int) -> None:
    """Areas and what lies below sum to the city; entries sum to numerator and denominator."""
    world, evaluator, instants = city_of(seed)
    found = evaluate(evaluator, rows_of(world, instants[0] + SETTLE_MS), instants[0])
    sums: dict[tuple[str, str], Counter[str]] = {}
    for figure in found.figures:
        definition = REGISTRY[figure.indicator]
        total = sums.setdefault((figure.indicator, figure.scope), Counter())
        total.update(
            numerator=figure.numerator, denominator=figure.denominator, unknown=figure.unknown,
            out=figure.known_out,
        )  # fmt: skip
        objects = objects_of(found, definition, Level(figure.scope), figure.code)
        entries = list(page(found, definition, objects, offset=0, limit=10_000).entries)
        assert figure.numerator == sum(entry.adds for entry in entries), figure
        assert {entry.verdict for entry in entries} <= set(NAMES.values())
        if not isinstance(definition, CapacityIndicator):
            assert figure.denominator == sum(entry.weight for entry in entries), figure
    for (indicator, scope), total in sums.items():
        if scope != "city" and (indicator, "city") in sums:
            assert +total == +sums[indicator, "city"], (indicator, scope)
