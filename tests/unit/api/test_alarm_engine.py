"""The engine over small networks: what is quiet, comes and goes, and what a new city changes."""

from dataclasses import replace

import numpy as np
import pytest

from gigacity_api.alarms.book import FLAP_RAISES, AlarmBook
from gigacity_api.alarms.debounce import Debouncer
from gigacity_api.alarms.figure_conditions import BudgetBurn, FigureConditions
from gigacity_api.alarms.maintenance import MaintenanceWindow
from gigacity_api.alarms.model import (
    Act,
    Alarm,
    AlarmEvent,
    AlarmResource,
    AlarmText,
    ResourceKind,
    Severity,
)
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.quality import Quality
from gigacity_city.model import City
from tests.properties.test_alarms import HEALTHY, ILL, Player
from tests.support.alarm_city import START_MS, Fault, World


def test_a_reboot_of_two_minutes_is_no_alarm() -> None:
    world = World(5)
    player, fault = Player(world), world._olt()
    player.play(HEALTHY)
    player.play(2, fault)
    player.back(fault)
    player.play(10)

    assert player.told == []


@pytest.mark.parametrize("seed", range(8))
def test_light_that_comes_back_is_no_new_loss(seed: int) -> None:
    """A whole city went dark: what was one alarm stays one until it ends, and then is gone."""
    world = World(seed)
    player = Player(world)
    player.play(HEALTHY)
    player.play(ILL, Fault("dark", ports=dict(world.onus)))
    told = len([act for _, act in player.told if act is Act.RAISE])
    assert 0 < told <= len(world.city.olts)
    player.play(10)

    assert len([act for _, act in player.told if act is Act.RAISE]) == told
    assert player.open == []


def test_a_port_that_comes_and_goes_is_one_alarm() -> None:
    """Every other minute dark, for half an hour: told once, and once more when it rests."""
    world = World(7)
    player, fault = Player(world), world._feeder()
    player.play(HEALTHY)
    for _ in range(15):
        player.play(1, fault)
        player.play(1)
    raised = [each for each in player.told if each[1] is Act.RAISE]
    assert raised == [("pon.flapping", Act.RAISE)]
    player.play(70)
    assert player.told[-1] == ("pon.flapping", Act.CLEAR)
    assert player.engine.book.active == {}


def test_what_is_replayed_a_day_late_raises_nothing() -> None:
    """An instant of the past is passed over, whatever it shows."""
    world = World(9)
    player, fault = Player(world), world._card()
    player.late_ms = 86_400_000
    player.play(HEALTHY)
    player.play(ILL, fault)

    assert player.events == []


def test_a_new_city_version_keeps_what_is_known_and_clears_what_is_gone() -> None:
    """The card's alarm goes on over the new version; once its OLT is not listed, it is cleared."""
    world = World(11)
    player, fault = Player(world), world._card()
    player.play(HEALTHY)
    player.play(6, fault)
    assert [a.type for a in player.open] == ["pon.card_down"]
    raised = len(player.events)

    player.use(replace(world.city, version="another"))
    player.play(6, fault)
    assert [a.type for a in player.open] == ["pon.card_down"]
    assert len(player.events) == raised

    olt = player.open[0].resource.id.split("/")[0]
    player.engine.use(Inventory(_without(world, olt)), START_MS + player.minute * 60_000)
    assert [(e.alarm.type, e.act) for e in player.events][-1] == ("pon.card_down", Act.CLEAR)
    assert player.events[-1].alarm.history[0].why == "no longer registered"


def _without(world: World, olt: str) -> City:
    city = world.city
    kept = [i for i, p in enumerate(city.ports) if p.key.olt != olt]
    number = {port: i for i, port in enumerate(kept)}
    return replace(
        city, version="smaller", olts=tuple(o for o in city.olts if o.id != olt),
        ports=tuple(city.ports[i] for i in kept),
        coverage=tuple((b, number[p]) for b, p in city.coverage if p in number),
    )  # fmt: skip


def test_two_faults_far_apart_are_two_alarms() -> None:
    world = World(13)
    player = Player(world)
    first = world._olt()
    player.play(HEALTHY)
    player.play(6, first)
    gateway = world._gateway()
    both = replace(first, devices=gateway.devices, ended=gateway.ended or first.ended)
    player.play(22, both)

    found = {a.type for a in player.open}
    assert found == {"pon.olt_offline", "gateway.silent"}


@pytest.mark.parametrize("seed", range(10))
def test_a_fault_that_grows_takes_over_what_was_raised(seed: int) -> None:
    """A port first, then its whole card: the port's alarm becomes part of the card's."""
    world = World(seed)
    player, card = Player(world), world._card()
    port = next(iter(card.ports))
    player.play(HEALTHY)
    player.play(6, Fault("port", ports={port: "down"}))
    before = [a.id for a in player.open]
    player.play(8, card)

    assert len(before) == 1
    (alarm,) = player.open
    assert alarm.type in {"pon.card_down", "pon.olt_service_lost"}
    assert player.engine.book.active[before[0]].parent == alarm.id


def test_delays_count_only_what_is_known() -> None:
    debouncer = Debouncer(1, on_s=120, off_s=180)
    yes, no = np.array([True]), np.array([False])
    seen = []
    script = ((yes, no), (yes, no), (no, no), (yes, no), (no, no), (no, yes), (no, no), (no, yes))
    for minute, (holds, good) in enumerate((*script, (no, yes), (no, yes)), start=1):
        debouncer.step(minute * 60_000, holds, good)
        seen.append(bool(debouncer.active[0]))

    assert seen == [False, False, False, True, True, True, True, True, False, False]


def _alarm(at_ms: int) -> Alarm:
    resource = AlarmResource(ResourceKind.PORT, "olt-1/1/1", "371602")
    return Alarm(
        id="a", type="pon.port_down", resource=resource, severity=Severity.MINOR,
        first_raised_ms=at_ms, raised_ms=at_ms, reported_ms=at_ms, changed_ms=at_ms,
        text=AlarmText("", ""),
    )  # fmt: skip


def test_an_alarm_that_flaps_says_so_until_it_rests() -> None:
    events: list[AlarmEvent] = []
    book = AlarmBook(events.append)
    for number in range(FLAP_RAISES + 4):
        book.raise_(_alarm(number * 120_000))
        book.clear("a", number * 120_000 + 60_000)
    steady = [e.act for e in events if not e.alarm.is_flapping]
    assert steady == [Act.RAISE, Act.CLEAR] * FLAP_RAISES
    assert all(e.alarm.is_flapping for e in events[2 * FLAP_RAISES :])
    book.rest(number * 120_000 + 2_000_000)
    assert (events[-1].act, events[-1].alarm.is_flapping) == (Act.CHANGE, False)
    assert len(events[-1].alarm.history) <= 32


def _figure(verdict: str) -> Figure:
    return Figure(
        "pon.ports_10g", "city", "371600", 1.0, 1, 2, 0.5, 1.0, 1, 1, 0, 1.0, verdict,  # type: ignore[arg-type]
        Quality(1.0, 0, "A"),
    )  # fmt: skip


def test_a_figure_falls_only_from_where_it_stood() -> None:
    conditions = FigureConditions()
    seen = []
    for minute, verdict in enumerate(("missed", "met", "undetermined", "missed", "met")):
        holds, _ = conditions.step(minute * 60_000, [_figure(verdict)])
        seen.append([f.type for f in holds])

    assert seen == [[], [], ["figure.undetermined"], ["figure.below_target"], []]


def test_the_budget_burns_when_both_windows_say_so() -> None:
    burn, found = BudgetBurn(), []
    for minute in range(1, 240):
        lost = 0.05 if 100 <= minute < 160 else 0.0
        finding = burn.step(minute * 60_000, lost, 0.999, "371600")
        found.append(None if finding is None else finding.members)
    fast = [minute for minute, rate in enumerate(found, start=1) if rate == 0]

    assert min(fast) >= 100
    assert max(fast) <= 165
    assert found[:99] == [None] * 99
    assert found[-1] is None or found[-1] > 0


def test_memory_of_unregistered_states_is_not_kept() -> None:
    """A state copies its events: what an evaluation keeps does not change any more."""
    world = World(1)
    state = CityState.empty(Inventory(world.city))
    copied = state.copy()
    state.events.offer(np.array([0]), np.array([5]), {})

    assert (int(state.events.ts[0]), int(copied.events.ts[0])) == (5, -(2**62))


def test_planned_work_is_recorded_and_tells_nobody() -> None:
    """A window on the OLT covers its card; the households that are hit are counted all the same."""
    world = World(11)
    player, fault = Player(world), world._card()
    olt = next(iter(fault.resources)).split("/")[0]
    player.engine.windows = (
        MaintenanceWindow(
            id="mw-1", resource=AlarmResource(ResourceKind.OLT, olt, ""), starts_ms=START_MS,
            ends_ms=START_MS + 86_400_000, who="noc", why="exchange",
        ),
    )  # fmt: skip
    player.play(HEALTHY)
    player.play(6, fault)

    (alarm,) = player.open
    assert (alarm.is_planned, alarm.impact.households) == (True, fault.homes)
    assert player.told == []
