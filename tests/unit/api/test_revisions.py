"""Late data: exactly the touched instants are evaluated again, and what changed is a revision."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.errors import StoreRefusedError, StoreUnavailableError
from gigacity_api.evaluator import revision_progress, revision_writer
from gigacity_api.evaluator.change_only import StoredQuarter
from gigacity_api.evaluator.daily_figures import DailyFigures
from gigacity_api.evaluator.dirty_instants import BLOCK_TICKS, DirtyInstants, instants
from gigacity_api.evaluator.intervals import IntervalSet
from gigacity_api.evaluator.lines import FigureLines
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.recompute_job import GATHER_INTERVALS, RecomputeJob
from gigacity_api.evaluator.revision_writer import LiveEvaluation
from gigacity_api.evaluator.rewriting import changed_figures, revised_lines
from gigacity_api.evaluator.set_aside import FAILURES, FIRST_WAIT_S, MAX_SET_ASIDE, SetAside
from gigacity_api.evaluator.stored import quarter_around
from gigacity_api.http.app import create_app
from gigacity_api.http.context import Context
from gigacity_api.indicators.figures import Figure
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.storage.key_file import KeyFile
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.query import Query
from gigacity_city.model import City
from gigacity_contract.influx import Series
from gigacity_contract.line_protocol import MAX_STRING_BYTES
from gigacity_contract.local_time import DAY_MS, rfc3339
from gigacity_contract.measurements import INDICATOR, Measurement
from tests.support.city import AREA_A
from tests.unit.api.conftest import TICKS, Running, T, keys_text, report_everything
from tests.unit.api.doubles import Point

MINUTE = 60_000
R = TypeVar("R")


class Revising:
    """A reviser beside a running evaluator."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.store, self.clock = running.store, running.clock
        self.daily = DailyFigures(running.store, running.clock)
        self.announced = 0
        """No two markers have one time."""
        self.restart()

    def restart(self, store: Store | None = None) -> None:
        core = self.running.core
        self.reviser = RecomputeJob(
            store=store or self.store, cities=self.running.cities, settings=TICKS, clock=self.clock,
            live=LiveEvaluation(
                self.running.cache, core.publisher, core.timestamps, lambda: core.done_ms
            ),
            daily=self.daily, metrics=self.running.metrics,
        )  # fmt: skip
        self.reviser.step()

    def step_at(self, as_of_ms: int) -> None:
        self.clock.wall_ms = as_of_ms + 30_000
        while self.running.core.step():
            pass

    def late_port(self, ts: int, oper: str, *, port: int = 0, at_ms: int | None = None) -> None:
        tags = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": str(port), "tech": "xgs-pon"}
        self.store.put("pon_port", ts, tags, admin="up", oper=oper)
        named = {"area": AREA_A, "measurement": "pon_port", "worker": "w-0"}
        self.announced += 1
        moment = self.clock.wall_ms + self.announced if at_ms is None else at_ms
        self.store.put("arrival", moment, named, from_ms=ts, to_ms=ts, points=1)

    def work(self) -> None:
        """Look, gather, and do everything."""
        self.clock.elapsed_s += 60
        self.reviser.step()
        self.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
        self.drain()

    def drain(self) -> None:
        while self.reviser.step():
            pass

    def of_city(self, name: str = "indicator") -> list[Point]:
        return [
            p
            for p in self.store.found(name)
            if p.tags["scope"] == "city" and p.tags["indicator"] == "pon.ports_10g"
        ]


@pytest.fixture
def revising(evaluated: Running, city: City) -> Revising:
    """Eleven instants, everything up, evaluated."""
    made = Revising(evaluated)
    for number in range(1, 11):
        report_everything(made.store, city, T + number * MINUTE - 1000)
        made.step_at(T + number * MINUTE)
    return made


def test_exactly_the_touched_instants_get_a_revision(revising: Revising) -> None:
    """Down for 30 s between two reports: one instant saw the port up, and should not have."""
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.work()
    revisions = {(p.time - T) // MINUTE: p.fields["revision"] for p in revising.of_city()}
    values = {(p.time - T) // MINUTE: p.fields["value"] for p in revising.of_city()}
    assert revisions == {number: int(number == 3) for number in range(11)}
    assert values == {number: 17 if number == 3 else 18 for number in range(11)}


def test_an_instant_whose_city_is_lost_is_not_revised_by_another(revising: Revising) -> None:
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.running.cities.lost_until_ms = T + 4 * MINUTE
    revising.work()
    assert {p.fields["revision"] for p in revising.of_city()} == {0}
    assert revising.running.metrics.revisions_given_up._value.get() > 0


def test_the_log_keeps_both(revising: Revising) -> None:
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.work()
    said = [
        (p.fields["revision"], p.fields["value"])
        for p in revising.of_city("indicator_log")
        if p.fields["as_of_ms"] == T + 3 * MINUTE
    ]
    assert said == [(0, 18), (1, 17)]


def test_only_what_changed_is_written_again_and_the_city_always(revising: Revising) -> None:
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.work()
    revised = [p.tags for p in revising.store.found("indicator") if p.fields["revision"] == 1]
    below = {(t["indicator"], t["code"]) for t in revised if t["scope"] not in {"city", "area"}}
    assert {code for _, code in below} == {"olt-a"}
    newest = revising.running.cache.newest()
    assert newest is not None
    whole = {f.indicator for f in newest.figures if f.scope == "city"}
    assert {t["indicator"] for t in revised if t["scope"] == "city"} == whole


def test_late_data_that_changes_nothing_is_no_revision(revising: Revising) -> None:
    before = len(revising.store.found("indicator_log"))
    revising.late_port(T + 3 * MINUTE - 500, "up")
    revising.work()
    assert before == len(revising.store.found("indicator_log"))
    assert {p.fields["revision"] for p in revising.of_city()} == {0}


def test_announcements_are_gathered_before_the_first_is_acted_upon(revising: Revising) -> None:
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.clock.elapsed_s += 60
    assert not revising.reviser.step()
    revising.late_port(T + 5 * MINUTE - 500, "down")
    revising.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
    revising.drain()
    revised = [(p.time - T) // MINUTE for p in revising.of_city() if p.fields["revision"]]
    assert revised == [3, 5]


def test_the_figure_after_a_revised_one_is_logged_though_it_is_as_before(
    revising: Revising, city: City
) -> None:
    """So that what held at a moment is the newest row before it."""
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.work()
    before = len(revising.store.found("indicator_log"))
    report_everything(revising.store, city, T + 11 * MINUTE - 1000)
    revising.step_at(T + 11 * MINUTE)
    added = revising.store.found("indicator_log")[before:]
    assert {p.tags["code"] for p in added if p.tags["scope"] == "olt"} == {"olt-a"}


def test_the_instant_after_a_revised_newest_one_does_not_stand_on_it(
    revising: Revising, city: City
) -> None:
    """Below the areas it would have no row of its own, since nothing changed for the evaluator."""
    revising.late_port(T + 10 * MINUTE - 500, "down")
    revising.work()
    report_everything(revising.store, city, T + 11 * MINUTE - 1000)
    revising.step_at(T + 11 * MINUTE)
    place = ("pon.ports_10g", "olt", "olt-a")
    stand = [
        quarter_around(revising.store, at).at(at)[place].value
        for at in (T + 9 * MINUTE, T + 10 * MINUTE, T + 11 * MINUTE)
    ]
    assert stand == [stand[0], (stand[0] or 0) - 1, stand[0]]


def test_the_instant_after_a_revised_one_stands_as_it_did(revising: Revising) -> None:
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.work()
    quarter = quarter_around(revising.store, T)
    place = ("pon.ports_10g", "olt", "olt-a")
    rows = [quarter.at(T + number * MINUTE)[place] for number in range(2, 6)]
    usual = rows[0].value or 0
    assert [row.value for row in rows] == [usual, usual - 1, usual, usual]
    assert [row.revision for row in rows] == [0, 1, 0, 0]


def test_what_is_kept_after_a_revised_instant_names_the_method_of_its_time(
    revising: Revising,
) -> None:
    for point in revising.store.found("indicator"):
        if point.tags["scope"] == "olt":
            point.fields["method_version"] = 7
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.work()
    quarter = quarter_around(revising.store, T)
    place = ("pon.ports_10g", "olt", "olt-a")
    found = [quarter.at(T + number * MINUTE)[place] for number in range(2, 5)]
    assert [(row.time - T) // MINUTE for row in found] == [0, 3, 4]
    assert [row.method_version for row in found] == [7, 1, 7]


def test_an_indicator_that_only_another_release_knows_stops_no_revision(
    revising: Revising, city: City
) -> None:
    tags = {"indicator": "pon.of_yesterday", "scope": "olt", "code": "olt-a"}
    version = {"city_version": city.version}
    revising.store.put("indicator", T, tags, numerator=1, revision=0, **version)
    quarter = quarter_around(revising.store, T)
    publication = revising.running.cache.at(T + 10 * MINUTE)
    assert publication is not None
    other = replace(publication, as_of_ms=T + 3 * MINUTE, city_version="f" * 16)
    below, _ = revised_lines(other, list(other.figures), quarter, FigureLines())
    assert len(below) > len(other.figures)
    assert not any(b"of_yesterday" in line for line in below)


def test_a_revision_of_an_instant_that_is_still_served_is_served(revising: Revising) -> None:
    revising.late_port(T + 9 * MINUTE - 500, "down")
    revising.work()
    revised = revising.running.cache.at(T + 9 * MINUTE)
    newest = revising.running.cache.newest()
    assert revised is not None
    assert newest is not None
    assert (revised.revision, revised.by_key["pon.ports_10g", "city", "371600"].value) == (1, 17)
    assert newest.as_of_ms == T + 10 * MINUTE


def test_a_revision_is_logged_at_the_millisecond_at_which_it_is_served(
    revising: Revising, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the database takes to write it."""
    store, clock, write = revising.store, revising.clock, revising.store.write
    served: list[int] = []
    replaced = revising.running.cache.replace

    def seen(publication: Publication) -> None:
        served.append(clock.wall_ms)
        replaced(publication)

    def slow(measurement: Measurement, lines: list[bytes]) -> None:
        clock.wall_ms += 700
        write(measurement, lines)

    monkeypatch.setattr(store, "write", slow)
    monkeypatch.setattr(revising.running.cache, "replace", seen)
    revising.late_port(T + 10 * MINUTE - 500, "down")
    revising.work()
    (logged,) = {
        p.time // 1_000_000
        for p in store.found("indicator_log")
        if p.fields["revision"] == 1 and p.fields["as_of_ms"] == T + 10 * MINUTE
    }
    assert served == [logged]


def test_what_was_announced_while_the_process_was_down_is_revised(revising: Revising) -> None:
    revising.clock.wall_ms += 400_000
    revising.work()
    revising.late_port(T + 3 * MINUTE - 500, "down", at_ms=revising.clock.wall_ms + 1000)
    revising.clock.wall_ms += 2000
    revising.restart()
    revising.work()
    assert [p.time for p in revising.of_city() if p.fields["revision"]] == [T + 3 * MINUTE]


class _BlockingStore:
    """The job's store: it does not answer while it is told to block."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.blocks_reads = self.blocks_writes = False
        self.is_blocked = threading.Event()
        self.released = threading.Event()

    def _wait(self, *, blocks: bool) -> None:
        if blocks:
            self.is_blocked.set()
            assert self.released.wait(10)

    def rows(self, query: Query, row: type[R]) -> Iterator[list[R]]:
        self._wait(blocks=self.blocks_reads and query.measurement == INDICATOR)
        return self._store.rows(query, row)

    def series(self, query: Query) -> list[Series]:
        return self._store.series(query)

    def write(self, measurement: Measurement, lines: list[bytes]) -> None:
        self._wait(blocks=self.blocks_writes)
        self._store.write(measurement, lines)


@pytest.mark.parametrize("blocks", ["blocks_reads", "blocks_writes"])
def test_a_slow_database_of_a_revision_delays_no_live_publication(
    revising: Revising, city: City, blocks: str
) -> None:
    """And what is published meanwhile rests on nothing that the revision rewrites."""
    slow = _BlockingStore(revising.store)
    revising.restart(slow)
    revising.late_port(T + 10 * MINUTE - 500, "down")
    revising.clock.elapsed_s += 60
    revising.reviser.step()
    revising.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
    setattr(slow, blocks, True)
    with ThreadPoolExecutor(2) as threads:
        revision = threads.submit(revising.reviser.step)
        try:
            assert slow.is_blocked.wait(10)
            report_everything(revising.store, city, T + 11 * MINUTE - 1000)
            threads.submit(revising.step_at, T + 11 * MINUTE).result(timeout=5)
        finally:
            slow.released.set()
        revision.result(timeout=10)
    revising.drain()
    key = ("pon.ports_10g", "olt", "olt-a")
    found = [
        quarter_around(revising.store, at).at(at)[key].value
        for at in (T + 9 * MINUTE, T + 10 * MINUTE, T + 11 * MINUTE)
    ]
    assert found == [found[0], (found[0] or 0) - 1, found[0]]
    assert [p.time for p in revising.of_city() if p.fields["revision"]] == [T + 10 * MINUTE]


def test_nothing_is_revised_while_a_publication_waits_to_be_written(
    revising: Revising, city: City
) -> None:
    revising.late_port(T + 10 * MINUTE - 500, "down")
    report_everything(revising.store, city, T + 11 * MINUTE - 1000)
    revising.clock.wall_ms = T + 11 * MINUTE + 30_000
    revising.running.core.evaluate(T + 11 * MINUTE)
    revising.work()
    assert not any(p.fields["revision"] for p in revising.of_city())
    revising.running.core.publisher.flush()
    revising.work()
    assert [p.time for p in revising.of_city() if p.fields["revision"]] == [T + 10 * MINUTE]


def test_a_failure_on_the_way_loses_nothing(revising: Revising) -> None:
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.store.write_failure = StoreUnavailableError("gone")
    revising.clock.elapsed_s += 60
    with pytest.raises(StoreUnavailableError):
        revising.work()
    revising.store.write_failure = None
    revising.work()
    assert [p.time for p in revising.of_city() if p.fields["revision"]] == [T + 3 * MINUTE]


def test_the_city_tells_of_a_revision_once_the_rest_of_it_is_stored(
    revising: Revising, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a revision that failed before that is made whole by the next attempt."""
    store, write = revising.store, revising.store.write

    def fail_at_the_city(measurement: Measurement, lines: list[bytes]) -> None:
        if measurement is INDICATOR and b"scope=city" in lines[-1]:
            raise StoreUnavailableError("gone")
        write(measurement, lines)

    revising.late_port(T + 3 * MINUTE - 500, "down")
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", fail_at_the_city)
        with pytest.raises(StoreUnavailableError):
            revising.work()
    below = [p for p in store.found("indicator") if p.fields["revision"]]
    assert {p.tags["scope"] for p in below} == {"area", "olt"}
    revising.work()
    assert [p.time for p in revising.of_city() if p.fields["revision"]] == [T + 3 * MINUTE]


def test_rows_of_an_unfinished_revision_are_still_to_be_published(revising: Revising) -> None:
    instant = T + 3 * MINUTE
    publication = revising.running.cache.at(T + 10 * MINUTE)
    assert publication is not None
    figures = publication.figures
    quarter = quarter_around(revising.store, instant)
    assert not changed_figures(figures, quarter, instant)
    for point in revising.store.found("indicator"):
        if point.time == instant and point.tags["scope"] == "area":
            point.fields["revision"] = 1
    found = changed_figures(figures, quarter_around(revising.store, instant), instant)
    assert {f.scope for f in found} == {"area"}


def test_an_instant_that_was_never_published_is_published(revising: Revising, city: City) -> None:
    """The database was away for longer than instants are made up for; then the spool drained."""
    revising.step_at(T + 100 * MINUTE)
    missing = T + 20 * MINUTE
    assert missing not in {p.time for p in revising.of_city()}
    revising.late_port(missing - 500, "up")
    revising.work()
    found = {p.time: p.fields for p in revising.of_city()}
    assert (found[missing]["value"], found[missing]["revision"]) == (1, 0)


def test_instants_whose_reports_may_have_expired_are_given_up(revising: Revising) -> None:
    revising.clock.wall_ms += 40 * DAY_MS
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.work()
    assert {p.fields["revision"] for p in revising.of_city()} == {0}
    assert revising.running.metrics.revisions_given_up._value.get() == 3


def test_a_finished_day_that_was_revised_is_written_again(revising: Revising) -> None:
    revising.daily.step()
    revising.clock.wall_ms += DAY_MS
    while revising.daily.step():
        pass

    def low() -> float:
        rows = revising.store.found("r1d/indicator")
        return min(
            float(p.fields["value_min"])
            for p in rows
            if (p.tags["indicator"], p.tags["scope"]) == ("pon.ports_10g", "city")
        )

    assert low() == 18
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.work()
    assert low() == 17


# ---- which instants --------------------------------------------------------------------------


@given(
    from_ms=st.integers(0, 10**6), more=st.integers(0, 10**6), window=st.integers(1, 10**6),
    probe=st.integers(0, 60),
)  # fmt: skip
def test_an_instant_is_touched_if_a_report_of_the_range_counts_at_it(
    from_ms: int, more: int, window: int, probe: int
) -> None:
    to_ms, grid = from_ms + more, 60_000
    instant = probe * grid
    counts = any(instant - window < ts <= instant for ts in (from_ms, to_ms)) or (
        from_ms <= instant <= to_ms
    )
    assert counts == (instant in instants(from_ms, to_ms, window, grid))


def test_two_readings_of_one_batch_touch_their_own_instants(revising: Revising) -> None:
    """One of a minute before another, and one of weeks ago: not what lies between them."""
    day_ago = T - DAY_MS
    for ts in (day_ago - 500, T + 3 * MINUTE - 500):
        revising.late_port(ts, "down")
    revising.clock.elapsed_s += 60
    revising.reviser.step()
    assert revising.reviser.backlog.waiting == 6
    assert revising.reviser.backlog.oldest_ms == day_ago


def test_nothing_is_made_for_times_before_the_first_city_version(revising: Revising) -> None:
    revising.running.cities.in_force_since_ms = T
    revising.late_port(T - 8 * MINUTE, "down")
    revising.late_port(T - MINUTE + 500, "down")
    revising.work()
    assert min(p.time for p in revising.of_city()) == T
    assert [p.time for p in revising.of_city() if p.fields["revision"]] == []
    assert revising.running.metrics.revisions_given_up._value.get() == 0


def test_a_flood_of_26_days_gives_nothing_up_and_begins_with_the_newest(
    revising: Revising,
) -> None:
    """Formerly a week of instants could wait, and the touched ones were the first to go."""
    now_ms = T + 10 * MINUTE
    named = {"area": AREA_A, "measurement": "pon_port", "worker": "w-0"}
    revising.store.put("arrival", now_ms, named, from_ms=now_ms - 26 * DAY_MS, to_ms=now_ms)
    revising.clock.elapsed_s += 60
    revising.reviser.step()
    assert revising.reviser.backlog.waiting == 26 * 1440 + 1
    revising.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
    before = {p.time for p in revising.of_city()}
    for _ in range(5):
        assert revising.reviser.step()
    made = {p.time for p in revising.of_city()} - before
    assert min(made) == T - 229 * MINUTE
    assert len(made) == 5
    assert revising.reviser.backlog.waiting == 26 * 1440 - 4
    assert revising.running.metrics.revisions_given_up._value.get() == 0


def test_a_restart_goes_on_and_does_nothing_twice(revising: Revising) -> None:
    for number in (2, 5, 8):
        revising.late_port(T + number * MINUTE - 500, "down", port=number % 3)
    revising.clock.elapsed_s += 60
    revising.reviser.step()
    revising.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
    for _ in range(4):
        revising.clock.elapsed_s += 30
        assert revising.reviser.step()
    waiting = revising.reviser.backlog.waiting
    written = len(revising.store.found("indicator_log"))
    revising.clock.wall_ms += 1000
    revising.restart()
    assert 0 < revising.reviser.backlog.waiting == waiting
    revising.work()
    added = revising.store.found("indicator_log")[written:]
    assert {p.fields["as_of_ms"] for p in added} == {T + 8 * MINUTE}
    revising.clock.wall_ms += 1000
    revising.restart()
    assert revising.reviser.backlog.waiting == 0


def test_a_stop_between_a_revision_and_its_day_leaves_no_old_day(revising: Revising) -> None:
    revising.daily.step()
    revising.clock.wall_ms += DAY_MS
    while revising.daily.step():
        pass
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.clock.elapsed_s += 60
    revising.reviser.step()
    revising.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
    revising.reviser.step()
    assert [p.time for p in revising.of_city() if p.fields["revision"]] == [T + 3 * MINUTE]
    revising.clock.wall_ms += 1000
    revising.daily = DailyFigures(revising.store, revising.clock)
    revising.restart()
    revising.work()
    days = {
        p.fields["value_min"]
        for p in revising.store.found("r1d/indicator")
        if (p.tags["indicator"], p.tags["scope"]) == ("pon.ports_10g", "city")
    }
    assert days == {17}


def test_what_waits_is_told(revising: Revising) -> None:
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.clock.elapsed_s += 60
    revising.reviser.step()
    metrics, backlog = revising.running.metrics, revising.reviser.backlog
    assert (backlog.waiting, backlog.oldest_ms, backlog.left_s) == (3, T + 3 * MINUTE, None)
    assert metrics.revisions_waiting._value.get() == 3
    assert metrics.revisions_oldest._value.get() == (T + 3 * MINUTE) / 1000
    (mark,) = [
        p for p in revising.store.found("progress")
        if p.tags["task"] == "revision" and p.fields["waiting"]
    ][-1:]  # fmt: skip
    assert (mark.fields["waiting"], mark.fields["oldest_ms"]) == (3, T + 3 * MINUTE)
    revising.work()
    backlog = revising.reviser.backlog
    assert (backlog.waiting, backlog.oldest_ms, backlog.left_s) == (0, None, 0)
    assert metrics.revisions_oldest._value.get() == 0


def test_an_instant_whose_revision_always_fails_holds_up_no_other(
    revising: Revising, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is set aside, told of, tried again later, and done once it can be."""
    bad = T + 9 * MINUTE

    def fail(figures: Iterable[Figure], stored: StoredQuarter, as_of_ms: int) -> list[Figure]:
        if as_of_ms == bad:
            raise StoreRefusedError("a row that nobody can read")
        return changed_figures(figures, stored, as_of_ms)

    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.late_port(bad - 500, "down")
    with monkeypatch.context() as patch:
        patch.setattr(revision_writer, "changed_figures", fail)
        for _ in range(FAILURES):
            with pytest.raises(StoreRefusedError):
                revising.work()
        revising.work()
        assert [p.time for p in revising.of_city() if p.fields["revision"]] == [T + 3 * MINUTE]
        backlog, metrics = revising.reviser.backlog, revising.running.metrics
        assert (backlog.waiting, backlog.set_aside) == (0, 1)
        assert metrics.revisions_set_aside._value.get() == 1
        (mark,) = [p for p in revising.store.found("progress") if p.tags["task"] == "revision"][-1:]
        assert [bad, bad] in msgspec.json.decode(mark.fields["backlog"])["ranges"]
        revising.clock.elapsed_s += FIRST_WAIT_S
        with pytest.raises(StoreRefusedError):
            revising.work()
        assert revising.reviser.backlog.set_aside == 1
        revising.clock.elapsed_s += FIRST_WAIT_S
        revising.work()
        assert revising.reviser.backlog.set_aside == 1
    revising.clock.elapsed_s += FIRST_WAIT_S
    revising.work()
    assert [p.time for p in revising.of_city() if p.fields["revision"]] == [T + 3 * MINUTE, bad]
    assert revising.reviser.backlog.set_aside == 0


def test_where_everything_fails_only_so_many_are_set_aside() -> None:
    aside = SetAside()
    for instant in range(MAX_SET_ASIDE + 5):
        for _ in range(FAILURES):
            aside.failed(instant, 0.0)
    assert len(aside) == MAX_SET_ASIDE
    assert len(aside.due(FIRST_WAIT_S)) == MAX_SET_ASIDE
    assert not len(aside)
    assert aside.failed(3, 1000.0)
    assert aside.due(1000.0 + FIRST_WAIT_S) == []
    assert aside.drop_before(4) == 1


def test_readiness_tells_what_waits(revising: Revising, tmp_path: Path) -> None:
    running, keys = revising.running, tmp_path / "keys.jsonl"
    keys.write_text(keys_text())
    context = Context.over(
        cache=running.cache, store=revising.store, cities=running.cities,
        keys=KeyFile(keys, revising.clock), clock=revising.clock, metrics=running.metrics,
        evaluation=TICKS, declarations=DeclarationLog(revising.store, revising.clock),
        revision_backlog=lambda: revising.reviser.backlog,
    )  # fmt: skip
    running.app = create_app(context)
    revising.late_port(T + 3 * MINUTE - 500, "down")
    revising.clock.elapsed_s += 60
    revising.reviser.step()
    oldest = rfc3339(T + 3 * MINUTE)
    said = running.get("/readyz").json()["revisions"]
    assert said == {"waiting": 3, "oldest": oldest, "left_s": None, "set_aside": 0}


def test_the_largest_mark_fits_into_one_field() -> None:
    dirty = DirtyInstants(1000)
    for number in range(0, 40_000_000, 2000):
        dirty.add(1_800_000_000_000 + number, 1_800_000_000_000 + number)
    ranges = dirty.ranges(revision_progress.MAX_RANGES)
    taken = "A" * (revision_progress.MAX_TAKEN * 8 * 4 // 3 + 4)
    durable = revision_progress._Durable(ranges, [1_800_000_000_000] * 31, taken)
    assert len(ranges) <= revision_progress.MAX_RANGES
    assert len(msgspec.json.encode(durable)) < MAX_STRING_BYTES


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 60), st.integers(0, 8)), max_size=60),
    st.integers(2, 30),
)
def test_intervals_hold_what_a_set_holds_and_beyond_their_bound_more(
    steps: list[tuple[bool, int, int]], limit: int
) -> None:
    kept, narrow, model = IntervalSet(), IntervalSet(limit), set[int]()
    for is_added, first, more in steps:
        numbers = set(range(first, first + more + 1))
        if is_added:
            kept.add(first, first + more)
            narrow.add(first, first + more)
            model |= numbers
            assert len(list(narrow)) <= limit
        else:
            assert kept.remove(first, first + more) == len(model & numbers)
            narrow.remove(first, first + more)
            model -= numbers
    assert {n for a, b in kept for n in range(a, b + 1)} == model
    assert len(kept) == len(model)
    assert model <= {n for a, b in narrow for n in range(a, b + 1)}
    assert all(b.first - a.last > 1 for a, b in pairwise(kept))
    for probe in range(-1, 72):
        assert kept.next_from(probe) == min((n for n in model if n >= probe), default=None)
        assert kept.last_until(probe) == max((n for n in model if n <= probe), default=None)


@given(st.sets(st.integers(0, 2000), min_size=1, max_size=80), st.integers(0, 2000))
def test_every_instant_has_its_turn_the_newest_block_first(found: set[int], until: int) -> None:
    dirty = DirtyInstants(10)
    for number in found:
        dirty.add(number * 10, number * 10)
    order = []
    while (instant := dirty.next(until * 10)) is not None:
        assert dirty.next(until * 10) == instant
        order.append(instant // 10)
        dirty.done(instant)
    assert set(order) == {number for number in found if number <= until}
    assert len(order) == len(set(order))
    if order:
        assert max(order[:BLOCK_TICKS]) == max(order)
    backward = [b for a, b in pairwise(order) if b < a]
    assert len(backward) <= (2000 // BLOCK_TICKS) + 1
