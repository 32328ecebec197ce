"""A change of the city file changes figures from its date on, and none before.

Random cities through the evaluator itself, over a store in memory.
"""

import random
from dataclasses import replace

import pytest

from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.methods import method_of
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.metrics import ApiMetrics
from gigacity_city.model import City, Parameter, Target
from gigacity_contract.clock import ManualClock
from gigacity_contract.fields import KIND_FIELDS
from tests.support.random_city import SOURCE, random_city
from tests.support.random_lives import GRID_MS, INSTANTS, SETTLE_MS, World, random_world
from tests.support.random_rows import Rows, offer, rows_of
from tests.unit.api.doubles import FakeCities, FakeStore

pytestmark = pytest.mark.timeout(600)


def changed(city: City, dice: random.Random) -> City:
    """Other parameters, thresholds, targets and urban classes; the objects are the same."""
    double = tuple(
        Parameter(p.name, p.value * 2 if p.value > 0 else p.value / 2, SOURCE)
        for p in city.parameters
    )
    items = tuple(replace(item, threshold=1 - item.threshold) for item in city.smart_items)
    target = Target("pon.port_share_10g", "city", "", 0.5, "at_least", "", SOURCE)
    return replace(
        city, version=f"{dice.getrandbits(64):016x}", parameters=double, smart_items=items,
        targets=(target,), urban=replace(city.urban, everywhere=frozenset({111, 210, 220})),
    )  # fmt: skip


def stored(rows: Rows) -> FakeStore:
    store = FakeStore()
    for row in rows.ports:
        names = ("olt", "slot", "port", "tech", "area")
        tags = {name: getattr(row, name) for name in names}
        fields = {n: getattr(row, n) for n in row.__struct_fields__[1:] if n not in names}
        store.put("pon_port", row.time, tags, **fields)
    for kind, found in rows.devices.items():
        for report in found:
            tags = {"area": report.area or "", "community": report.community,
                    "device": report.device}  # fmt: skip
            fields = {n: getattr(report, n) for n in report.__struct_fields__[4:]}
            store.put(
                f"device_{kind}", report.time, tags, **(fields or {KIND_FIELDS[kind][0].name: 1})
            )
    for presence in rows.presence:
        ends = {} if presence.ended_ms is None else {"ended_ms": presence.ended_ms}
        tags = {"object": presence.object, "id": presence.id, "area": "371602"}
        if presence.community:
            tags["community"] = presence.community
        store.put("presence", presence.time, tags, online_ms=presence.online_ms, **ends)
    return store


def figures(city: City, rows: Rows, at_ms: int) -> tuple[Figure, ...]:
    inventory = Inventory(city)
    state = offer(CityState.empty(inventory), inventory, rows, at_ms)
    return Evaluator(inventory).evaluate(state, at_ms).figures


def lived(seed: int) -> tuple[World, random.Random]:
    dice = random.Random(seed)  # noqa: S311 - a city, not a secret
    return random_world(dice, random_city(dice)), dice


@pytest.mark.parametrize("seed", range(6))
def test_a_change_of_the_city_file_holds_from_its_date_on(seed: int) -> None:
    """Every instant is published as the version of its time makes it, and names that version."""
    world, dice = lived(seed)
    old, new = world.city, changed(world.city, dice)
    rows = rows_of(world, None)
    instants = INSTANTS[:6]
    date_ms = instants[3] - dice.randrange(1, GRID_MS)
    clock = ManualClock(instants[0])
    cache = PublicationCache(Inventory(old))
    core = EvaluatorCore(
        store=stored(rows), cache=cache, cities=FakeCities(new, [(date_ms, old)]),
        settings=EvaluationSettings(60, 30), clock=clock, metrics=ApiMetrics(),
    )  # fmt: skip
    for instant in instants:
        clock.wall_ms = instant + SETTLE_MS
        assert core.step()
        publication = cache.at(instant)
        assert publication is not None
        city = old if instant < date_ms else new
        assert publication.city_version == city.version
        assert publication.figures == figures(city, rows, instant)
        assert publication.figures != figures(new if city is old else old, rows, instant)


@pytest.mark.parametrize("seed", range(6))
def test_the_method_of_a_figure_changes_with_its_numbers_alone(seed: int) -> None:
    """Another building is no other method; another threshold is one, where it is used."""
    world, dice = lived(seed)
    old, new = world.city, changed(world.city, dice)
    moved = replace(old, version="0" * 16, buildings=old.buildings[1:], coverage=())
    for definition in REGISTRY.values():
        assert method_of(old, definition) == method_of(moved, definition)
    for name in (
        "home.gigabit_capacity",
        "onu.online",
        "pon.optical_health",
        "home.gigabit_access",
    ):
        assert method_of(old, REGISTRY[name]) != method_of(new, REGISTRY[name]), name
    for name in ("pon.ports_10g", "device.online", "pon.port_availability"):
        assert method_of(old, REGISTRY[name]) == method_of(new, REGISTRY[name]), name
