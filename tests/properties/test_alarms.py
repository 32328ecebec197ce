"""Alarms of random networks against the fault that was put into them.

``GIGACITY_RANDOM_ALARMS=1000 pytest tests/properties/test_alarms.py`` tries a thousand networks;
the suite a few, always the same. ``GIGACITY_RANDOM_SEED=17`` tries that one alone.
"""

import os
from collections.abc import Iterable

import numpy as np
import pytest

from gigacity_api.alarms.book import AlarmBook
from gigacity_api.alarms.correlation import LossCounts
from gigacity_api.alarms.detector import LossReader
from gigacity_api.alarms.engine import AlarmEngine
from gigacity_api.alarms.model import Act, Alarm, AlarmEvent
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.row_loader import load_devices, load_ports, load_presence
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.verdicts import Flags
from gigacity_city.model import City
from tests.support.alarm_city import MINUTE_MS, START_MS, Fault, World

pytestmark = pytest.mark.timeout(3600)

COUNT = int(os.environ.get("GIGACITY_RANDOM_ALARMS", "40"))
SEEDS = (
    [int(os.environ["GIGACITY_RANDOM_SEED"])]
    if "GIGACITY_RANDOM_SEED" in os.environ
    else range(COUNT)
)
HEALTHY, ILL = 12, 22
"""Minutes before the fault, and of the fault."""
AGAIN = 40
"""Minutes after it, until everything must be well: devices on slow meters come back late."""


class Player:
    """Plays a world to an engine, minute by minute."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.inventory = Inventory(world.city)
        self.state = CityState.empty(self.inventory)
        self.events: list[AlarmEvent] = []
        self.engine = AlarmEngine(AlarmBook(self.events.append), self.inventory)
        self.minute = 0
        self.reasons: LossReader | None = None
        self.fault: Fault | None = None
        self.late_ms = 30_000

    def use(self, city: City) -> None:
        """Another city version; the state begins with whole windows."""
        self.inventory = Inventory(city)
        state = CityState.empty(self.inventory)
        for minute in range(self.minute - 2, self.minute + 1):
            at_ms = START_MS + minute * MINUTE_MS
            load_ports(state, self.inventory, self.world.port_rows(minute, self.fault), at_ms)
            for kind, rows in self.world.device_rows(minute, self.fault).items():
                load_devices(state, self.inventory, kind, rows, at_ms)
        self.state = state

    def play(self, minutes: int, fault: Fault | None = None) -> None:
        began_ms = START_MS + self.minute * MINUTE_MS + 1_000
        self.fault = fault
        for _ in range(minutes):
            self.minute += 1
            at_ms = START_MS + self.minute * MINUTE_MS
            load_ports(self.state, self.inventory, self.world.port_rows(self.minute, fault), at_ms)
            for kind, rows in self.world.device_rows(self.minute, fault).items():
                load_devices(self.state, self.inventory, kind, rows, at_ms)
            presence = self.world.presence(fault, began_ms)
            load_presence(self.state, self.inventory, presence, at_ms)
            instant = CityInstant(self.inventory, self.state.copy(), at_ms)
            self.engine.step(instant, (), at_ms + self.late_ms, reasons=self.reasons)

    def back(self, fault: Fault) -> None:
        """Whoever had been cut off begins a new session."""
        if fault.ended is None:
            return
        at_ms = START_MS + self.minute * MINUTE_MS + 1_000
        for row in self.world.presence(None, at_ms):
            if (row.object, row.id) == fault.ended:
                row.time = row.online_ms = at_ms
                load_presence(self.state, self.inventory, [row], at_ms)

    @property
    def open(self) -> list[Alarm]:
        """Alarms of the network; what figures make of the fault is a symptom of it."""
        found = self.engine.book.active.values()
        return [a for a in found if a.is_open and not a.type.startswith("figure.")]

    @property
    def told(self) -> list[tuple[str, Act]]:
        """Of the network, what is raised and cleared in sight of those whom the list is for."""
        return [
            (event.alarm.type, event.act)
            for event in self.events
            if event.act in {Act.RAISE, Act.CLEAR}
            and not is_silent(event.alarm)
            and not event.alarm.type.startswith("figure.")
        ]


def is_silent(alarm: Alarm) -> bool:
    """Whether nobody is told of it: part of another one, shelved, planned, or it flaps."""
    return alarm.parent is not None or alarm.is_shelved or alarm.is_planned or alarm.is_flapping


def explains(alarm: Alarm, causes: Iterable[str]) -> bool:
    """Confirmed is the cause; suspected has it among its candidates."""
    assert alarm.cause is not None
    if alarm.cause.certainty == "confirmed":
        return alarm.cause.slug in causes
    return bool(set(alarm.cause.candidates) & set(causes))


def test_networks_have_every_kind_of_fault() -> None:
    """Once, forty throws of the dice had no broken branch among them."""
    kinds = {World(seed).fault().kind for seed in range(10)}
    assert len(kinds) == 10
    assert "branch" in kinds


@pytest.mark.parametrize("seed", SEEDS)
def test_one_fault_is_one_alarm_with_its_cause_and_its_homes(seed: int) -> None:
    """The injected cause, the households that really lost gigabit, and nothing for the rest."""
    world = World(seed)
    player, fault = Player(world), world.fault()
    player.play(HEALTHY)
    assert player.events == []
    player.play(ILL, fault)

    if not fault.types:
        assert player.events == [], fault.kind
    else:
        assert len(player.open) == 1, (fault.kind, [a.text.en for a in player.open])
        (alarm,) = player.open
        assert (alarm.type in fault.types, alarm.resource.id in fault.resources) == (True, True)
        assert explains(alarm, fault.causes), (fault.kind, alarm.cause)
        least, most = alarm.impact.households, alarm.impact.households_at_most
        if not fault.is_heard:
            assert (least, most) == (0, fault.homes)
        elif fault.is_exact:
            assert least == most == fault.homes, fault.kind
        else:
            assert least <= fault.homes <= most, fault.kind
        raised = [type_ for type_, act in player.told if act is Act.RAISE]
        assert len(raised) == 1, raised

    player.back(fault)
    player.play(AGAIN)
    assert player.engine.book.active == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_restart_raises_nothing_twice_and_clears_nothing_unseen(seed: int) -> None:
    """A process that begins with the log goes on as if it had never stopped."""
    world = World(seed)
    player, fault = Player(world), world.fault()
    player.play(HEALTHY)
    player.play(ILL, fault)
    open_before = {(a.type, a.resource) for a in player.open}

    again = Player(world)
    again.engine.restore(player.engine.book.all())
    again.minute = player.minute
    again.play(ILL, fault)
    assert {(a.type, a.resource) for a in again.open} == open_before
    assert again.told == []
    again.back(fault)
    again.play(AGAIN)
    assert again.engine.book.active == {}


@pytest.mark.parametrize(("said", "slug"), [("power", "power"), ("signal", "feeder")])
def test_what_onus_say_themselves_makes_a_cause_certain(said: str, slug: str) -> None:
    """Dying gasps mean power, lost signal means fibre, where an OLT counts them."""
    world = World(3)
    fault = world._feeder()

    def told(lost: Flags) -> LossCounts:
        known = np.where(lost, 60, 0)
        return LossCounts(*((known, known * 0) if said == "power" else (known * 0, known)))

    player = Player(world)
    player.reasons = told
    player.play(HEALTHY)
    player.play(ILL, fault)
    (alarm,) = player.open
    assert alarm.cause is not None
    assert (alarm.cause.slug, alarm.cause.certainty) == (slug, "confirmed")
