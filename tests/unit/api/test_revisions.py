"""Late data: exactly the touched instants are evaluated again, and what changed is a revision."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.daily_figures import DailyFigures
from gigacity_api.evaluator.dirty_instants import DirtyInstants, instants
from gigacity_api.evaluator.lines import FigureLines
from gigacity_api.evaluator.recompute_job import GATHER_INTERVALS, LiveEvaluation, RecomputeJob
from gigacity_api.evaluator.rewriting import changed_figures, revised_lines
from gigacity_api.evaluator.stored import quarter_around
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.text import Query
from gigacity_city.model import City
from gigacity_contract.influx import Series
from gigacity_contract.local_time import DAY_MS
from gigacity_contract.measurements import INDICATOR, Measurement
from tests.support.city import AREA_A
from tests.unit.api.conftest import TICKS, Running, T, report_everything
from tests.unit.api.doubles import Point

MINUTE = 60_000
R = TypeVar("R")


class Revising:
    """A reviser beside a running evaluator."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.store, self.clock = running.store, running.clock
        self.daily = DailyFigures(running.store, running.clock)
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
        moment = self.clock.wall_ms if at_ms is None else at_ms
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
        self._wait(blocks=self.blocks_reads and f'FROM "{INDICATOR.name}"' in query.text)
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


def test_beyond_its_bound_the_oldest_are_given_up() -> None:
    touched = DirtyInstants(limit=3)
    assert touched.add(range(0, 50, 10), 7) == 2
    assert touched.add(range(50, 60, 10), 5) == 1
    assert (touched.first(), len(touched), touched.oldest_announced_ms) == (30, 3, 5)
    touched.done(30)
    assert touched.first() == 40
