"""A state that follows what workers tell says what one says that is made from what is stored.

The reports of ``test_state_reading``, each told once as its worker stored it. Workers begin anew
and lose what they had not told, are of a release that tells nothing, or write nothing of
themselves for a while; the database fails in between.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.reading import StateReader
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.evaluator.told_reports import FOLLOWED_MS
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.storage.late_data import LateDataMarker
from gigacity_api.storage.queries.query import Query
from gigacity_contract.fresh_points import told_lines
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import FRESH_POINTS, MEASUREMENTS, RAW
from gigacity_ingest.encode.body import Body
from tests.unit.api.conftest import TICKS
from tests.unit.api.test_state_reading import (
    INSTANTS,
    START,
    Report,
    Running,
    _delays,
    _essence,
    _reports,
    profile,
)

pytestmark = pytest.mark.timeout(180)


@dataclass
class Telling(Running):
    """A worker that tells, and one that may be of another release."""

    since_ms: int | None = START - 600_000
    told_ms: int = START
    lives: int = 0
    untold: list[bytes] = field(default_factory=list)

    def arrive(self, now_ms: int) -> None:
        before = list(self.reports)
        super().arrive(now_ms)
        for report in before[: len(before) - len(self.reports)]:
            if report.arrived_ms - report.ts <= 120_000:
                self.untold.append(
                    encode_point(
                        MEASUREMENTS[report.measurement], report.tags, report.fields, report.ts
                    )
                )

    def say(self, *, is_all: bool = True) -> None:
        """The worker's row, and what it has to tell; without the last, if it is not all."""
        now_ms = self.clock.wall_ms
        tags = {"worker": "w-0"}
        self.store.put("gigacity_worker", now_ms, tags, started_ms=1)
        if self.since_ms is None:
            self.untold = []
            return
        self.store.put("gigacity_worker", now_ms, tags, fresh_since_ms=self.since_ms)
        kept = [] if is_all else self.untold[-1:]
        for line in self.untold[: len(self.untold) - len(kept)]:
            self.told_ms = max(self.told_ms + 1, now_ms - 5000)
            packed = Body.of_lines(RAW, [line]).packed()
            self.store.write(
                FRESH_POINTS,
                told_lines(packed, worker="w-0", since_ms=self.since_ms, at_ms=self.told_ms),
            )
        self.untold = kept

    def began_anew(self) -> None:
        """The worker was killed: what it had not told is told by nobody."""
        self.lives += 1
        self.since_ms = self.clock.wall_ms + self.lives
        self.untold = []

    def evaluate(self, instant: int) -> Evaluation:
        self.clock.wall_ms = instant + 30_000
        self.arrive(self.clock.wall_ms)
        self.say()
        return super().evaluate(instant)

    def raw_questions(self) -> list[Query]:
        return [q for q in self.store.asked if q.policy == "raw"]


@profile
@given(
    reports=_reports(again=_delays | st.integers(31_000, 119_000)),
    killed=st.sets(st.sampled_from(INSTANTS), max_size=2),
    silent=st.sets(st.sampled_from(INSTANTS), max_size=2),
    failing=st.sets(st.sampled_from(INSTANTS), max_size=2),
)
def test_a_told_state_is_that_of_a_cold_start(
    inventory: Inventory,
    reports: list[Report],
    killed: set[int],
    silent: set[int],
    failing: set[int],
) -> None:
    running = Telling(inventory, reports)
    for instant in INSTANTS:
        if instant in killed:
            running.arrive(instant - 10_000)
            running.began_anew()
        if instant in silent:
            running.since_ms = None
            running.evaluate(instant)
            running.began_anew()
        if instant in failing:
            running.clock.wall_ms = instant + 30_000
            running.arrive(running.clock.wall_ms)
            running.say()
            running.store.failure = StoreUnavailableError("away")
            with pytest.raises(StoreUnavailableError):
                running.core.evaluate(instant)
            running.store.failure = None
        warm, cold = running.evaluate(instant), running.cold(instant)
        assert _essence(inventory, warm) == _essence(inventory, cold)


def _port(arrived_ms: int, ts: int, **fields: str) -> Report:
    tags = {"area": "371602", "olt": "olt-a", "slot": "1", "port": "0", "tech": "xgs-pon"}
    return Report(arrived_ms, "pon_port", ts, tags, fields)


def test_each_point_is_read_once_and_no_series_is_asked(inventory: Inventory) -> None:
    reports = [_port(instant - 5000, instant - 6000, admin="up", oper="up") for instant in INSTANTS]
    running = Telling(inventory, reports)
    for instant in INSTANTS:
        running.evaluate(instant)
        if instant == INSTANTS[0]:
            running.store.asked.clear()
        told = running.core._reader.state.ports.ts.max()
        assert told == instant - 6000
    assert running.raw_questions() == []


def test_a_report_of_the_time_after_an_instant_waits_for_the_next_one(inventory: Inventory) -> None:
    after = INSTANTS[1] + 10_000
    running = Telling(inventory, [_port(after, after, admin="up", oper="up")])
    for instant in INSTANTS[:2]:
        running.evaluate(instant)
    assert running.core._reader.state.ports.ts.max() < INSTANTS[1]
    running.evaluate(INSTANTS[2])
    assert running.core._reader.state.ports.ts.max() == after


def test_parts_of_one_time_add_up(inventory: Inventory) -> None:
    ts = INSTANTS[1] - 20_000
    running = Telling(
        inventory,
        [
            _port(ts + 1000, ts, admin="up"), _port(ts + 2000, ts, oper="down"),
            _port(ts + 70_000, ts, oper="up"),
        ],
    )  # fmt: skip
    for instant, expected in zip(INSTANTS[:3], [(-1, -1), (1, 0), (1, 1)], strict=True):
        running.evaluate(instant)
        ports = running.core._reader.state.ports
        place = inventory.port_of_tags["olt-a", "1", "0"]
        assert (ports["admin"][place], ports["oper"][place]) == expected
        assert running.core._reader._told._is_followed


def test_what_no_worker_writes_is_not_followed_for_a_while(inventory: Inventory) -> None:
    running = Telling(inventory, [])
    running.evaluate(INSTANTS[0])
    running.store.write(
        FRESH_POINTS,
        told_lines(
            Body.of_lines(RAW, [b"what is this"]).packed(), worker="w-0",
            since_ms=running.since_ms or 0, at_ms=INSTANTS[0] + 40_000,
        ),
    )  # fmt: skip
    running.reports = [_port(INSTANTS[1] - 5000, INSTANTS[1] - 6000, admin="up", oper="up")]
    running.evaluate(INSTANTS[1])
    assert running.core._reader.state.ports.ts.max() == INSTANTS[1] - 6000
    assert not running.core._reader._told._is_followed


def test_instants_that_lie_too_far_apart_are_not_followed(inventory: Inventory) -> None:
    running = Telling(inventory, [])
    slow = EvaluationSettings(3600, 30)
    reader = StateReader(running.store, inventory, slow, running.clock)
    running.say()
    reader.advance(INSTANTS[0])
    assert not reader._told._is_followed
    reader = StateReader(running.store, inventory, TICKS, running.clock)
    reader.advance(INSTANTS[0])
    assert reader._told._is_followed


@pytest.mark.parametrize(
    ("said_ms", "is_followed"), [(-45_000, True), (-45_001, False), (5000, True), (5001, False)]
)
def test_a_worker_that_fell_silent_or_whose_clock_is_ahead_is_not_followed(
    inventory: Inventory, said_ms: int, is_followed: bool
) -> None:
    running = Telling(inventory, [])
    running.clock.wall_ms = INSTANTS[0] + 30_000 + said_ms
    running.say()
    running.clock.wall_ms = INSTANTS[0] + 30_000
    reader = StateReader(running.store, inventory, TICKS, running.clock)
    reader.advance(INSTANTS[0])
    assert reader._told._is_followed == is_followed


def test_instants_of_a_while_ago_are_read_as_they_are_stored(inventory: Inventory) -> None:
    """What is stored since then would all be kept, and what came late of it is not told."""
    running = Telling(inventory, [])
    for behind_ms, is_followed in ((FOLLOWED_MS, True), (FOLLOWED_MS + 1, False)):
        running.clock.wall_ms = INSTANTS[0] + behind_ms
        running.say()
        reader = StateReader(running.store, inventory, TICKS, running.clock)
        reader.advance(INSTANTS[0])
        assert reader._told._is_followed == is_followed


def test_a_worker_with_nothing_to_tell_keeps_nobodys_rows_in_the_question(
    inventory: Inventory,
) -> None:
    running = Telling(inventory, [])
    for instant in INSTANTS:
        running.evaluate(instant)
    spans = [q for q in running.store.asked if q.measurement is FRESH_POINTS and q.until_ms]
    assert running.core._reader._told._is_followed
    assert spans[-1].after_ms >= INSTANTS[-1] - 60_000 - 30_000


def test_what_came_late_of_the_time_to_come_is_read_with_its_instant(inventory: Inventory) -> None:
    """A replay of fresh dead letters announces what it stores, and no worker tells it."""
    running = Telling(inventory, [])
    for instant in INSTANTS[:2]:
        running.evaluate(instant)
    ts = INSTANTS[1] + 5000
    report = _port(ts, ts, admin="up", oper="up")
    running.store.put("pon_port", ts, report.tags, **report.fields)
    marker = LateDataMarker(ts, "pon_port", "371602", "replay", ts, ts, 1)
    running.core._reader.announce([marker])
    running.evaluate(INSTANTS[1] + 5_000 - 1)
    running.evaluate(INSTANTS[2])
    assert running.core._reader.state.ports.ts.max() == ts
