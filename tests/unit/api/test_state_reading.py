"""However a state was reached, it gives the same figures: grown, cold, swept through the past.

Random reports of a small city arrive in time, or late and announced; the evaluator runs all the
while. At each instant its figures must be those of a process that has just started, and in the end
those of a reader that goes through the past, and those that stand in the database once what came
late has been worked in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gigacity_api.evaluator.backfill import Backfill
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.daily_figures import DailyFigures
from gigacity_api.evaluator.lines import is_as_stored, key_of
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.reading import StateReader
from gigacity_api.evaluator.recompute_job import GATHER_INTERVALS, RecomputeJob
from gigacity_api.evaluator.revision_writer import LiveEvaluation
from gigacity_api.evaluator.stored import quarter_around
from gigacity_api.indicators.city_state import DEVICE_VALUES, PORT_VALUES, SESSION_VALUES
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.latest_state import NEVER, LatestState
from gigacity_api.metrics import ApiMetrics
from gigacity_contract.clock import ManualClock
from tests.support.city import AREA_A, COMMUNITY_A
from tests.unit.api.conftest import TICKS, T
from tests.unit.api.doubles import FakeCities, FakeStore

MINUTE = 60_000
START = T - 3 * MINUTE
INSTANTS = [START + number * MINUTE for number in range(6)]
"""The fourth begins a quarter of an hour."""

pytestmark = pytest.mark.timeout(180)
profile = settings(
    max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip


class Report(NamedTuple):
    """A point, and when it can be read."""

    arrived_ms: int
    measurement: str
    ts: int
    tags: dict[str, str]
    fields: dict[str, Any]


_times = st.integers(START - 4 * 86_400_000, START) | st.integers(START - 5 * MINUTE, INSTANTS[-1])
_recent = st.integers(START - MINUTE, INSTANTS[-2])
_delays = st.just(0) | st.integers(121_000, 5 * MINUTE)
_ports = st.tuples(
    st.just("pon_port"),
    st.sampled_from("0123").map(
        lambda port: {
            "area": AREA_A, "olt": "olt-a", "slot": "1", "port": port, "tech": "xgs-pon",
        }
    ),
    st.fixed_dictionaries({"admin": st.just("up"), "oper": st.sampled_from(("up", "down"))}),
)  # fmt: skip
_DEVICES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("device_camera", "camera-1", {"intact": True, "picture": True}),
    ("device_camera", "camera-2", {"intact": False}),
    ("device_elevator", "elevator-1", {"floor": 3}),
    ("device_smoke_detector", "smoke-1", {"alarm": False}),
    ("device_smoke_detector", "a-reporter", {"alarm": False}),
)
_devices = st.sampled_from(_DEVICES).map(
    lambda d: (d[0], {"area": AREA_A, "community": COMMUNITY_A, "device": d[1]}, d[2])
)


_OTHER_FIELDS: dict[str, list[dict[str, Any]]] = {
    "pon_port": [{"oper": "down"}, {"oper": "up"}, {"admin": "down"}],
    "device_camera": [{"intact": False}, {"picture": False, "intact": True}],
}
"""What a second report of one time says: less, or something worse."""


@st.composite
def _reports(draw: st.DrawFn, again: st.SearchStrategy[int] = _delays) -> list[Report]:
    found = []
    for _ in range(draw(st.integers(1, 25))):
        measurement, tags, fields = draw(_ports | _devices)
        is_twice = measurement in _OTHER_FIELDS and draw(st.booleans())
        ts = draw(_recent if is_twice else _times)
        found.append(Report(ts + draw(_delays), measurement, ts, tags, fields))
        if is_twice:
            other = draw(st.sampled_from(_OTHER_FIELDS[measurement]))
            found.append(Report(ts + draw(again), measurement, ts, tags, other))
    return sorted(found, key=lambda report: report.arrived_ms)


@dataclass
class Running:
    """An evaluator, a reviser and the reports that are still under way."""

    inventory: Inventory
    reports: list[Report]

    def __post_init__(self) -> None:
        self.store, self.clock = FakeStore(), ManualClock(START)
        self.cache, self.metrics = PublicationCache(self.inventory), ApiMetrics()
        self.restart()

    def restart(self, cities: FakeCities | None = None) -> None:
        """Another process over the same database."""
        cities = cities or FakeCities(self.inventory.city)
        self.core = core = EvaluatorCore(
            store=self.store, cache=self.cache, cities=cities, settings=TICKS, clock=self.clock,
            metrics=self.metrics,
        )  # fmt: skip
        self.reviser = RecomputeJob(
            store=self.store, cities=cities, settings=TICKS, clock=self.clock,
            live=LiveEvaluation(self.cache, core.publisher, core.timestamps, lambda: core.done_ms),
            daily=DailyFigures(self.store, self.clock), metrics=self.metrics,
        )  # fmt: skip

    def arrive(self, now_ms: int) -> None:
        """What has arrived by now is stored, and announced if it is late."""
        while self.reports and self.reports[0].arrived_ms <= now_ms:
            report = self.reports.pop(0)
            self.store.put(report.measurement, report.ts, report.tags, **report.fields)
            if report.arrived_ms - report.ts > 120_000:
                tags = {"area": AREA_A, "measurement": report.measurement, "worker": "w-0"}
                self.store.put(
                    "arrival", report.arrived_ms, tags, from_ms=report.ts, to_ms=report.ts,
                    points=1,
                )  # fmt: skip

    def evaluate(self, instant: int) -> Evaluation:
        """The evaluator at an instant; its reviser looks at what was announced, too."""
        self.clock.wall_ms = instant + 30_000
        self.arrive(self.clock.wall_ms)
        self.reviser.step()
        evaluation = self.core.evaluate(instant).evaluation
        self.core.publisher.flush()
        assert evaluation is not None
        return evaluation

    def revise(self) -> None:
        """Everything has arrived and been gathered."""
        self.arrive(2**62)
        for _ in range(2):
            self.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
            while self.reviser.step():
                pass

    def cold(self, instant: int) -> Evaluation:
        """As a process that starts now."""
        reader = StateReader(self.store, self.inventory, TICKS, self.clock, is_live=False)
        reader.advance(instant)
        return Evaluator(self.inventory).evaluate(reader.state, instant)


def _within(newest: LatestState, columns: Iterable[str], since: Any) -> list[list[Any]]:
    """Of the objects whose report counts; NaN as none, since it equals nothing."""
    fresh = newest.ts > since
    found = [np.where(fresh, newest.ts, NEVER).tolist()]
    for name in columns:
        values = newest[name]
        found.append(np.where(fresh & (values == values), values, 0).tolist())  # noqa: PLR0124
    return found


def _essence(inventory: Inventory, evaluation: Evaluation) -> tuple[Any, ...]:
    """Figures, and the state as far as it counts."""
    instant, state = evaluation.as_of_ms, evaluation.state
    return (
        evaluation.figures,
        _within(state.ports, PORT_VALUES, instant - inventory.city.cadence.pon_window_ms()),
        _within(state.devices, DEVICE_VALUES, instant - inventory.device_window_ms),
        {name: _within(newest, SESSION_VALUES, NEVER) for name, newest in state.sessions.items()},
    )


@profile
@given(reports=_reports(again=_delays | st.integers(31_000, 119_000)))
def test_a_grown_state_a_cold_start_and_a_sweep_are_equal(
    inventory: Inventory, reports: list[Report]
) -> None:
    running = Running(inventory, reports)
    for instant in INSTANTS:
        warm, cold = running.evaluate(instant), running.cold(instant)
        assert _essence(inventory, warm) == _essence(inventory, cold)

    running.arrive(2**62)
    sweep = StateReader(running.store, inventory, TICKS, running.clock, is_live=False)
    for instant in INSTANTS:
        sweep.advance(instant)
        swept = Evaluator(inventory).evaluate(sweep.state, instant)
        assert _essence(inventory, swept) == _essence(inventory, running.cold(instant))


def _stored(figures: tuple[Figure, ...]) -> list[Figure]:
    """Without the number of unregistered reporters, which is not stored: it makes no revision."""
    return [f._replace(quality=f.quality._replace(unregistered=None)) for f in figures]


@profile
@given(reports=_reports())
def test_in_the_end_the_figures_are_those_of_everything_that_arrived(
    inventory: Inventory, reports: list[Report]
) -> None:
    running = Running(inventory, reports)
    for instant in INSTANTS:
        running.evaluate(instant)
    running.revise()

    _assert_stored_as_recomputed(running, INSTANTS)
    newest = running.cache.newest()
    assert newest is not None
    assert _stored(newest.figures) == _stored(running.cold(INSTANTS[-1]).figures)


@profile
@given(
    reports=_reports(), restarts=st.sets(st.sampled_from(INSTANTS)),
    skipped=st.sets(st.sampled_from(INSTANTS)),
)  # fmt: skip
def test_what_stands_is_right_where_instants_are_missing_or_published_later(
    inventory: Inventory, reports: list[Report], restarts: set[int], skipped: set[int]
) -> None:
    """Below the areas only changes are stored: none may speak of an instant that it is not of."""
    running = Running(inventory, reports)
    for instant in INSTANTS:
        if instant in restarts:
            running.restart()
        if instant not in skipped - {INSTANTS[-1]}:
            running.evaluate(instant)
    # Nothing that was announced to a process that has ended: its mark is older than the tests.
    running.restart()
    running.core.done_ms = INSTANTS[-1]
    running.store.put(
        "progress", START - 1, {"task": "revision"}, done_ms=START, arrivals_ms=START - 1
    )
    running.revise()

    published = {point.time for point in running.store.found("indicator")}
    assert published >= set(INSTANTS) - skipped
    _assert_stored_as_recomputed(running, sorted(published & set(INSTANTS)))


def _assert_stored_as_recomputed(running: Running, instants: list[int]) -> None:
    for instant in instants:
        stands = quarter_around(running.store, instant).at(instant)
        figures = running.cold(instant).figures
        assert len(figures) == len(stands)
        for figure in figures:
            assert is_as_stored(figure, stands[key_of(figure)]), key_of(figure)


# ---- whatever happens while a revision runs ----------------------------------------------------


class _End(NamedTuple):
    """A device's session ended so long before the newest instant, and it is stored now."""

    device: str
    before_ms: int


class _Late(NamedTuple):
    """A report of the past arrives, announced."""

    report: Report
    age_ms: int


class _Fresh(NamedTuple):
    """A report arrives as late as nobody announces."""

    report: Report
    age_ms: int


class _Tick(NamedTuple):
    """Another instant becomes due."""


class _Restart(NamedTuple):
    """Another process takes over."""


class _Version(NamedTuple):
    """Until this instant the city was another version."""

    until_ms: int


_PAST = INSTANTS[0] - 20 * MINUTE
_events = st.lists(
    st.builds(_Tick)
    | st.builds(_End, st.sampled_from(("elevator-1", "camera-1")), st.integers(0, 90_000))
    | st.builds(
        lambda what, age_ms: _Late(Report(0, what[0], 0, what[1], what[2]), age_ms),
        _ports | _devices, st.integers(121_000, 300_000) | st.integers(121_000, 20 * MINUTE),
    )
    | st.builds(
        lambda what, age_ms: _Fresh(Report(0, what[0], 0, what[1], what[2]), age_ms),
        _ports | _devices, st.integers(0, 120_000),
    )
    | st.builds(_Restart)
    | st.builds(_Version, st.sampled_from(INSTANTS)),
    min_size=3, max_size=14,
)  # fmt: skip


class _Interleaved:
    """A reviser at work, and what happens between two of its steps."""

    def __init__(self, inventory: Inventory, other: Inventory) -> None:
        self.running = Running(inventory, [])
        self.inventory, self.other = inventory, other
        self.cities = FakeCities(inventory.city)
        self.now = INSTANTS[0]
        self.announced = 0
        for device in ("elevator-1", "camera-1"):
            tags = {"area": AREA_A, "community": COMMUNITY_A, "id": device, "object": "device"}
            start = INSTANTS[0] - 86_400_000
            self.running.store.put("presence", start, tags, online_ms=start)
        self.running.restart(self.cities)
        self.written = 0
        for instant in INSTANTS:
            self.tick(instant)

    def tick(self, instant: int) -> None:
        self.now = instant
        for device in ("elevator-1", "camera-1"):
            kind, tags, fields = next(d for d in _telemetry() if d[1]["device"] == device)
            if self.end_of(device) is None:
                self.running.store.put(kind, instant - 1000, tags, **fields)
        self.running.evaluate(instant)

    def end_of(self, device: str) -> int | None:
        (session,) = [
            p for p in self.running.store.found("presence") if p.tags["id"] == device
        ]  # fmt: skip
        return session.fields.get("ended_ms")

    def put(self, report: Report, *, is_late: bool) -> None:
        store, clock = self.running.store, self.running.clock
        store.put(report.measurement, report.ts, report.tags, **report.fields)
        if is_late:
            self.announced += 1
            tags = {"area": AREA_A, "measurement": report.measurement, "worker": "w-0"}
            moment = clock.wall_ms + self.announced
            store.put("arrival", moment, tags, from_ms=report.ts, to_ms=report.ts, points=1)

    def happen(self, event: object) -> None:
        """It, and enough time for the reviser to look."""
        clock = self.running.clock
        clock.elapsed_s += 10
        clock.wall_ms += 10
        if isinstance(event, _Tick):
            self.tick(self.now + MINUTE)
        elif isinstance(event, _End) and self.end_of(event.device) is None:
            # As a will: it is stored at once, and stands where its session began.
            tags = {"area": AREA_A, "community": COMMUNITY_A, "id": event.device,
                    "object": "device"}  # fmt: skip
            self.running.store.put(
                "presence", INSTANTS[0] - 86_400_000, tags, ended_ms=self.now - event.before_ms
            )
        elif isinstance(event, _Late | _Fresh):
            report = event.report._replace(ts=clock.wall_ms - event.age_ms)
            self.put(report, is_late=isinstance(event, _Late))
        elif isinstance(event, _Restart):
            # It has marked what it knows, or the one after it looks further back.
            self.running.restart(self.cities)
            self.running.core.done_ms = self.now
        elif isinstance(event, _Version):
            self.cities.older = [(event.until_ms, self.other.city)]

    def step(self) -> bool:
        """One step of the reviser; what it wrote is what a recomputation says now."""
        before = set(self.running.store.points["indicator_log"])
        worked = self.running.reviser.step()
        log = self.running.store.points["indicator_log"]
        for instant in {log[key].fields["as_of_ms"] for key in log.keys() - before}:
            self.check(instant)
            self.written += 1
        return worked

    def check(self, instant: int) -> None:
        inventory = Inventory(self.cities.at(instant))
        reader = StateReader(
            self.running.store, inventory, TICKS, self.running.clock, is_live=False
        )
        reader.advance(instant)
        stands = quarter_around(self.running.store, instant).at(instant)
        for figure in Evaluator(inventory).evaluate(reader.state, instant).figures:
            assert is_as_stored(figure, stands[key_of(figure)]), (instant, key_of(figure))

    def finish(self) -> None:
        for _ in range(2):
            self.running.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
            while self.step():
                pass


def _telemetry() -> Iterable[tuple[str, dict[str, str], dict[str, Any]]]:
    for measurement, device, fields in _DEVICES:
        yield measurement, {"area": AREA_A, "community": COMMUNITY_A, "device": device}, fields


@settings(profile, max_examples=20)
@given(events=_events, late=st.integers(_PAST, INSTANTS[-1]))
def test_what_a_revision_writes_is_what_a_recomputation_says(
    inventory: Inventory, events: list[object], late: int
) -> None:
    """Sessions end, reports and late batches come, processes and city versions change meanwhile.

    Formerly sessions were read once, at the beginning of a sweep: what ended later was online.
    """
    other = Inventory(replace(inventory.city, version="0" * 16))
    scene = _Interleaved(inventory, other)
    scene.running.reviser.step()
    tags = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": "0", "tech": "xgs-pon"}
    for ts in (late, INSTANTS[1], INSTANTS[-1]):
        scene.put(Report(0, "pon_port", ts, tags, {"admin": "up", "oper": "up"}), is_late=True)
    scene.running.clock.elapsed_s += 60
    scene.step()
    scene.running.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
    for event in events:
        scene.step()
        scene.happen(event)
    scene.finish()
    log = len(scene.running.store.found("indicator_log"))
    scene.running.restart(scene.cities)
    scene.running.core.done_ms = scene.now
    scene.finish()
    assert len(scene.running.store.found("indicator_log")) == log


def test_a_backfill_near_now_reads_again_what_nobody_announces(inventory: Inventory) -> None:
    """A report that came after the last instant was read, and less than two minutes late."""
    running = Running(inventory, [])
    running.clock.wall_ms = INSTANTS[-1] + 30_000
    backfill = Backfill(running.store, FakeCities(inventory.city), TICKS, running.clock)
    backfill.evaluate(INSTANTS[-2])
    tags = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": "0", "tech": "xgs-pon"}
    running.store.put("pon_port", INSTANTS[-2] - 20_000, tags, admin="up", oper="up")
    found = backfill.evaluate(INSTANTS[-1])
    assert found.figures == running.cold(INSTANTS[-1]).figures
    assert any(f.numerator == 1 for f in found.figures if f.indicator == "pon.ports_10g")


def test_how_long_a_device_is_silent_is_known_after_a_restart(inventory: Inventory) -> None:
    """A device of its own, silent for longer than its window and not yet for its patience."""
    tags = {"area": AREA_A, "community": COMMUNITY_A, "device": "elevator-1"}
    reports = [Report(0, "device_elevator", INSTANTS[0] - 400_000, tags, {"floor": 3})]
    for at in INSTANTS:
        port = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": "0", "tech": "xgs-pon"}
        reports.append(Report(at, "pon_port", at - 10_000, port, {"admin": "up", "oper": "up"}))
    running = Running(inventory, reports)
    unknown = []
    for instant in INSTANTS:
        followed = running.evaluate(instant).by_key["device.online.elevator", "area", AREA_A]
        reader = StateReader(running.store, inventory, TICKS, running.clock, is_live=False)
        reader.advance(instant)
        restarted = Evaluator(inventory).evaluate(reader.state, instant)
        assert restarted.by_key["device.online.elevator", "area", AREA_A] == followed
        unknown.append(followed.unknown)
    assert unknown == [1, 1, 1, 0, 0, 0]
