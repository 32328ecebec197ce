"""The evaluator over a store in memory: schedule, reading, publishing, resuming, following."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gigacity_api.errors import StoreRefusedError, StoreUnavailableError
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.driver import FIRST_PAUSE_S, LONGEST_PAUSE_S, Driver
from gigacity_api.evaluator.follower import FollowerCore
from gigacity_api.evaluator.late_ranges import MAX_RANGES, LateRanges, TimeSpan
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import KEPT, PublicationCache
from gigacity_api.evaluator.publishing import MAX_PENDING, FigurePublisher, MonotonicTimestamps
from gigacity_api.evaluator.rewriting import changed_figures
from gigacity_api.evaluator.schedule import Due, EvaluationSettings, newest_due_ms, next_due, wait_s
from gigacity_api.evaluator.stored import quarter_until
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.storage.queries.query import Query, tag_equals
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import ConfigError
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, Measurement
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.mqtt_probe import wait_until
from tests.unit.api.conftest import TICKS, Running, T, report_everything
from tests.unit.api.doubles import FakeStore

MINUTE = 60_000


def put_port(
    store: FakeStore, ts: int, oper: str = "up", port: int = 0, tech: str = "xgs-pon"
) -> None:
    tags = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": str(port), "tech": tech}
    store.put("pon_port", ts, tags, admin="up", oper=oper)


def ports_of(running: Running, index: int = 0) -> Figure:
    newest = running.cache.newest()
    assert newest is not None
    return newest.by_key["pon.ports_10g", "olt", "olt-a"]


def step_at(running: Running, as_of_ms: int) -> None:
    running.clock.wall_ms = as_of_ms + 30_000
    while running.core.step():
        pass
    assert as_of_ms == running.core.done_ms


# ---- schedule --------------------------------------------------------------------------------


def test_an_instant_is_due_once_its_settle_time_has_passed() -> None:
    assert newest_due_ms(TICKS, T + 30_000) == T
    assert newest_due_ms(TICKS, T + 29_999) == T - MINUTE


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (None, Due(T, 0)),
        (T, None),
        (T - MINUTE, Due(T, 0)),
        (T - 3 * MINUTE, Due(T - 2 * MINUTE, 0)),
        (T - 61 * MINUTE, Due(T - 60 * MINUTE, 0)),
        (T - 100 * MINUTE, Due(T - 60 * MINUTE, 39)),
    ],
)
def test_missed_instants_come_one_after_another_within_reach(
    done: int | None, expected: Due | None
) -> None:
    assert expected == next_due(TICKS, T + 31_000, done)


def test_the_wait_is_until_the_next_instant_has_settled() -> None:
    assert wait_s(TICKS, T + 31_000, T) == 59.0
    assert wait_s(TICKS, T + 10 * MINUTE, T) == 0.0


@pytest.mark.parametrize(("grid", "settle"), [(0.5, 1), (2.5, 1), (60, -1)])
def test_a_grid_is_whole_seconds_and_settling_never_negative(grid: float, settle: float) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_EVALUATE_"):
        EvaluationSettings(grid, settle)


# ---- reading ---------------------------------------------------------------------------------


def test_a_first_evaluation_reads_whole_windows(evaluated: Running) -> None:
    newest = evaluated.cache.newest()
    assert newest is not None
    ports = newest.by_key["pon.ports_10g", "city", "371600"]
    assert (ports.numerator, ports.denominator, ports.unknown) == (18, 24, 0)
    assert newest.by_key["device.online", "city", "371600"].known_in == 60


def test_a_report_at_the_instant_counts_and_one_after_it_does_not(running: Running) -> None:
    put_port(running.store, T, port=0)
    put_port(running.store, T + 1, port=1)
    step_at(running, T)
    assert (ports_of(running).known_in, ports_of(running).unknown) == (1, 7)


def test_later_evaluations_read_only_what_is_new_and_an_overlap(evaluated: Running) -> None:
    evaluated.store.asked.clear()
    step_at(evaluated, T + MINUTE)
    meters = DEVICE_MEASUREMENTS["water_meter"]
    asked = [q.after_ms for q in evaluated.store.asked if q.measurement == meters]
    # 120 s in which late data is not announced, less the allowed lateness, and slack.
    assert asked == [T - 100_000]


def test_a_report_that_missed_its_instant_unannounced_is_read_with_the_next(
    evaluated: Running,
) -> None:
    """It arrives 119 s late, so nobody announces it; its instant was evaluated 90 s after it."""
    put_port(evaluated.store, T - 60, oper="down")
    step_at(evaluated, T + MINUTE)
    assert ports_of(evaluated).known_in == 5


def test_the_oldest_report_that_nobody_announces_is_read_with_the_next_instant(
    running: Running,
) -> None:
    """Stored just after its instant was read, 120 s old by a worker's clock that is 9 s behind."""
    step_at(running, T)
    put_port(running.store, T + 30_000 - 120_000 - 9_000)
    step_at(running, T + MINUTE)
    assert (ports_of(running).known_in, ports_of(running).unknown) == (1, 7)


def test_late_data_that_was_announced_is_read_again(evaluated: Running, city: City) -> None:
    """A water meter's report of yesterday comes now; its window is three days long."""
    device = "wmeter-1"
    day_ago = T - 86_400_000
    tags = {"area": "371690", "community": "371602010001", "device": device}
    for point in list(evaluated.store.points["device_water_meter"]):
        if ("device", device) in point:
            del evaluated.store.points["device_water_meter"][point]
    fresh = EvaluatorCore(
        store=evaluated.store, cache=PublicationCache(evaluated.cache.inventory),
        cities=evaluated.cities, settings=TICKS, clock=evaluated.clock, metrics=evaluated.metrics,
    )  # fmt: skip
    fresh.evaluate(T)
    figure = ("device.online.water_meter", "city", "371600")
    assert fresh._cache.newest().by_key[figure].known_in == 7  # type: ignore[union-attr]

    evaluated.store.put("device_water_meter", day_ago, tags, valve_open=True)
    evaluated.store.put(
        "arrival", T + 20_000,
        {"area": "371690", "measurement": "device_water_meter", "worker": "w-0"},
        from_ms=day_ago, to_ms=day_ago, points=1,
    )  # fmt: skip
    evaluated.clock.wall_ms = T + 90_000
    fresh.evaluate(T + MINUTE)
    assert fresh._cache.newest().by_key[figure].known_in == 8  # type: ignore[union-attr]


def test_what_was_announced_to_a_reading_that_failed_is_still_read(
    evaluated: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = evaluated.store
    tags = {"area": AREA_A, "measurement": "device_smoke_detector", "worker": "w-0"}
    store.put("arrival", T + 20_000, tags, from_ms=T - 600_000, to_ms=T - 590_000, points=1)
    rows = store.rows

    def fail_on_cameras(query: Query, row: type[Any]) -> Iterator[list[Any]]:
        if query.measurement == DEVICE_MEASUREMENTS["camera"]:
            raise StoreUnavailableError("gone")
        return rows(query, row)

    evaluated.clock.wall_ms = T + 90_000
    with monkeypatch.context() as patch:
        patch.setattr(store, "rows", fail_on_cameras)
        with pytest.raises(StoreUnavailableError):
            evaluated.core.step()
    store.asked.clear()
    step_at(evaluated, T + MINUTE)

    smoke = DEVICE_MEASUREMENTS["smoke_detector"]
    asked = [q.where for q in store.asked if q.measurement == smoke]
    assert asked.count((tag_equals("area", AREA_A),)) == 1


def test_an_announcement_is_acted_upon_once(evaluated: Running) -> None:
    store = evaluated.store
    tags = {"area": AREA_A, "measurement": "device_smoke_detector", "worker": "w-0"}
    store.put("arrival", T + 20_000, tags, from_ms=T - 600_000, to_ms=T - 590_000, points=1)
    reads = []
    for number in (1, 2):
        store.asked.clear()
        step_at(evaluated, T + number * MINUTE)
        reads.append(
            [
                q.text
                for q in store.asked
                if '"device_smoke_detector"' in q.text and AREA_A in q.text
            ]
        )
    assert [len(texts) for texts in reads] == [1, 0]
    assert f"time > {T - 600_001}ms AND time <= {T - 590_000}ms" in reads[0][0]


def test_late_ranges_are_kept_by_measurement_and_area() -> None:
    late = LateRanges()
    late.add("pon_port", "1", TimeSpan(10, 20))
    late.add("pon_port", "1", TimeSpan(20, 30))
    late.add("pon_port", "1", TimeSpan(50, 60))
    late.add("pon_port", "2", TimeSpan(1, 5))
    late.add("device_camera", "1", TimeSpan(0, 100))

    assert len(late) == 4
    assert [("1", TimeSpan(15, 30))] == list(late.of("pon_port", TimeSpan(15, 40)))
    whole = [("1", TimeSpan(10, 30)), ("1", TimeSpan(50, 55))]
    assert list(late.of("pon_port", TimeSpan(5, 55)))[:2] == whole
    late.add("pon_port", "1", TimeSpan(100, 110))
    late.add("pon_port", "1", TimeSpan(61, 62))
    late.add("pon_port", "1", TimeSpan(200, 210))
    late.add("pon_port", "1", TimeSpan(300, 310))
    found = [span for area, span in late.of("pon_port", TimeSpan(0, 1000)) if area == "1"]
    assert len(found) <= MAX_RANGES
    assert (found[0].after_ms, found[-1].until_ms) == (10, 310)
    assert list(late.of("pon_port", TimeSpan(70, 80))) == []
    assert late.has("device_camera")
    assert not late.has("presence")


# ---- presence --------------------------------------------------------------------------------


def put_session(store: FakeStore, start: int, **fields: int) -> None:
    tags = {"area": AREA_A, "community": COMMUNITY_A, "id": "elevator-1", "object": "device"}
    store.put("presence", start, tags, **fields)


def elevator(running: Running) -> int:
    newest = running.cache.newest()
    assert newest is not None
    return newest.by_key["device.online.elevator", "city", "371600"].known_in


def test_the_end_of_a_session_of_two_months_ago_is_seen(evaluated: Running, city: City) -> None:
    start = T - 60 * 86_400_000
    put_session(evaluated.store, start, online_ms=start)
    report_everything(evaluated.store, city, T + 50_000)
    step_at(evaluated, T + MINUTE)
    assert elevator(evaluated) == 1
    put_session(evaluated.store, start, ended_ms=T + 2 * MINUTE - 1000)
    report_everything(evaluated.store, city, T + 110_000)
    step_at(evaluated, T + 2 * MINUTE)
    assert elevator(evaluated) == 0


def test_where_whole_readings_are_slow_recent_sessions_are_read(
    evaluated: Running, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole reading that takes 6 s is next due after two minutes; births show meanwhile."""
    series = evaluated.store.series

    def slow(query: object) -> object:
        evaluated.clock.elapsed_s += 2.0
        return series(query)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluated.store, "series", slow)
    put_session(evaluated.store, T - 3_600_000, online_ms=T - 3_600_000)
    step_at(evaluated, T + MINUTE)
    assert evaluated.clock.elapsed_s == 6.0
    put_session(evaluated.store, T - 3_600_000, ended_ms=T + 1)
    put_session(evaluated.store, T + 61_000, online_ms=T + 61_000, ended_ms=T + 119_000)
    report_everything(evaluated.store, city, T + 110_000)
    step_at(evaluated, T + 2 * MINUTE)
    assert (evaluated.clock.elapsed_s, elevator(evaluated)) == (6.0, 0)
    evaluated.clock.elapsed_s = 120.0
    step_at(evaluated, T + 3 * MINUTE)
    assert evaluated.clock.elapsed_s == 126.0


# ---- publishing ------------------------------------------------------------------------------


def test_every_figure_is_published_with_its_instant(evaluated: Running) -> None:
    newest = evaluated.cache.newest()
    assert newest is not None
    rows = evaluated.store.found("indicator")
    assert len(newest.figures) == len(rows)
    assert {T} == {row.time for row in rows}
    row = next(
        r for r in rows if r.tags["indicator"] == "pon.ports_10g" and "371600" in r.tags.values()
    )
    assert (18, 24, 0, "met", evaluated.cache.inventory.city.version) == (
        row.fields["numerator"], row.fields["denominator"], row.fields["revision"],
        row.fields["verdict"], row.fields["city_version"],
    )  # fmt: skip


def test_the_log_grows_by_city_and_areas_always_and_by_others_when_they_change(
    evaluated: Running, city: City
) -> None:
    newest = evaluated.cache.newest()
    assert newest is not None
    always = sum(f.scope in {"city", "area"} for f in newest.figures)
    assert len(newest.figures) == len(evaluated.store.found("indicator_log"))
    report_everything(evaluated.store, city, T + 59_000)
    put_port(evaluated.store, T + 59_500, oper="down")
    step_at(evaluated, T + MINUTE)
    added = evaluated.store.found("indicator_log")[len(newest.figures) :]

    below = {(p.tags["indicator"], p.tags["code"]) for p in added} - {
        (f.indicator, f.code) for f in newest.figures if f.scope in {"city", "area"}
    }
    changed = ("pon.ports_10g", "pon.port_share_10g", "pon.port_availability")
    assert {(indicator, "olt-a") for indicator in changed} == below
    assert always + len(changed) == len(added)
    assert {T + MINUTE} == {p.fields["as_of_ms"] for p in added}
    assert len({p.time for p in added}) == 1
    assert added[0].time // 1_000_000 == evaluated.clock.wall_ms


def test_moments_of_publication_differ_by_a_millisecond_whatever_the_clock_does() -> None:
    clock = ManualClock(T)
    timestamps = MonotonicTimestamps(clock)
    found = [timestamps.next_ns(), timestamps.next_ns()]
    clock.wall_ms -= 5
    found.append(timestamps.next_ns())
    clock.wall_ms += 1000
    found.append(timestamps.next_ns())
    assert [(ns - T * 10**6) / 10**6 for ns in found] == [0, 1, 2, 995]


def publication(inventory: Inventory, as_of_ms: int) -> Publication:
    return Publication(as_of_ms, inventory.city.version, 0, (), inventory, None)


def test_publications_wait_for_the_database_up_to_a_bound(inventory: Inventory) -> None:
    store = FakeStore(write_failure=StoreUnavailableError("gone"))
    publisher = FigurePublisher(store, MonotonicTimestamps(ManualClock(T)))
    for number in range(MAX_PENDING + 2):
        publisher.add(publication(inventory, T + number))
    with pytest.raises(StoreUnavailableError):
        publisher.flush()
    assert publisher.given_up == 2
    store.write_failure = None
    publisher.flush()


def test_figures_are_served_though_they_cannot_be_written(running: Running, city: City) -> None:
    report_everything(running.store, city, T - 1000)
    running.store.write_failure = StoreRefusedError("403: no right to write")
    with pytest.raises(StoreRefusedError):
        running.core.step()
    assert running.core.done_ms == T
    assert running.cache.newest() is not None
    running.store.write_failure = None
    assert not running.core.step()
    assert {T} == {row.time for row in running.store.found("indicator")}


# ---- resuming, missing, following ------------------------------------------------------------


def restarted(running: Running) -> EvaluatorCore:
    return EvaluatorCore(
        store=running.store, cache=PublicationCache(running.cache.inventory),
        cities=running.cities, settings=TICKS, clock=running.clock, metrics=running.metrics,
    )  # fmt: skip


def times(store: FakeStore) -> list[int]:
    return sorted({row.time for row in store.found("indicator")})


def test_a_restarted_evaluator_goes_on_after_what_was_published(evaluated: Running) -> None:
    evaluated.clock.wall_ms = T + 3 * MINUTE + 30_000
    core = restarted(evaluated)
    while core.step():
        pass
    assert [T + n * MINUTE for n in range(4)] == times(evaluated.store)


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_an_instant_that_was_written_half_is_published_after_a_restart(
    running: Running, city: City, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """After any of the writes; the log has every figure of it in any case."""
    report_everything(running.store, city, T - 1000)
    write, left = running.store.write, [None] * writes

    def stops(measurement: Measurement, lines: list[bytes]) -> None:
        if not left:
            raise StoreUnavailableError("gone")
        left.pop()
        write(measurement, lines)

    with monkeypatch.context() as patch:
        patch.setattr(running.store, "write", stops)
        with pytest.raises(StoreUnavailableError):
            running.core.step()
    running.clock.advance_s(1)
    assert restarted(running).step()
    newest = running.cache.newest()
    assert newest is not None
    for name in ("indicator", "indicator_log"):
        found = {(p.tags["indicator"], p.tags["code"]) for p in running.store.found(name)}
        assert found == {(f.indicator, f.code) for f in newest.figures}
    assert {p.fields["revision"] for p in running.store.found("indicator")} == {0}


def test_a_restart_within_an_interval_publishes_nothing_that_is_as_it_was(
    evaluated: Running, city: City
) -> None:
    logged = len(evaluated.store.found("indicator_log"))
    evaluated.clock.advance_s(1)
    core = restarted(evaluated)
    assert core.step()
    assert {(row.fields["revision"], row.time) for row in evaluated.store.found("indicator")} == {
        (0, T)
    }
    assert logged == len(evaluated.store.found("indicator_log"))
    report_everything(evaluated.store, city, T + MINUTE - 1)
    evaluated.clock.wall_ms = T + MINUTE + 30_000
    core.step()
    assert 2 * logged == len(evaluated.store.found("indicator_log")), "the next one is whole"


def test_a_restart_within_an_interval_publishes_what_differs_as_a_further_revision(
    evaluated: Running,
) -> None:
    put_port(evaluated.store, T - 500, oper="down")
    evaluated.clock.advance_s(1)
    core = restarted(evaluated)
    assert core.step()
    newest = core._cache.newest()
    assert newest is not None
    assert newest.revision == 1
    logged = [p for p in evaluated.store.found("indicator_log") if p.fields["revision"]]
    assert {p.tags["indicator"] for p in logged} == {
        "pon.ports_10g", "pon.port_share_10g", "pon.port_availability", "home.gigabit_capacity",
    }  # fmt: skip
    assert {p.tags["code"] for p in logged} == {"371600", AREA_A, "olt-a"}
    at = quarter_until(evaluated.store, T)
    assert at.instants[T].revision == 1
    assert not changed_figures(newest.figures, at, T)


def test_a_restart_after_the_clock_was_set_back_leaves_later_instants_as_they_are(
    evaluated: Running, city: City
) -> None:
    """Below the areas they may stand on rows of the instant that is revised."""
    report_everything(evaluated.store, city, T + MINUTE - 1)
    step_at(evaluated, T + MINUTE)
    place = ("pon.ports_10g", "olt", "olt-a")
    stood = quarter_until(evaluated.store, T + MINUTE).at(T + MINUTE)[place].value
    put_port(evaluated.store, T - 500, oper="down")
    evaluated.clock.wall_ms = T + 31_000
    assert restarted(evaluated).step()
    stands = [quarter_until(evaluated.store, at).at(at)[place].value for at in (T, T + MINUTE)]
    assert stands == [(stood or 0) - 1, stood]


def test_an_instant_missed_while_the_database_was_away_is_evaluated_late(
    evaluated: Running, city: City
) -> None:
    report_everything(evaluated.store, city, T + 50_000)
    evaluated.store.failure = StoreUnavailableError("gone")
    evaluated.clock.wall_ms = T + MINUTE + 31_000
    with pytest.raises(StoreUnavailableError):
        evaluated.core.step()
    newest = evaluated.cache.newest()
    assert newest is not None
    assert newest.as_of_ms == T
    evaluated.store.failure = None
    step_at(evaluated, T + 3 * MINUTE)
    assert [T + n * MINUTE for n in range(4)] == times(evaluated.store)
    missed = evaluated.cache.at(T + MINUTE)
    assert missed is not None
    assert missed.by_key["device.online", "city", "371600"].known_in == 60


def test_instants_beyond_reach_are_given_up_and_counted(evaluated: Running) -> None:
    step_at(evaluated, T + 70 * MINUTE)
    assert evaluated.metrics.given_up._value.get() == 9


def changed(city: City) -> City:
    """The city without its third area's OLT ports: 16 instead of 24."""
    ports = tuple(p for p in city.ports if p.key.olt != "olt-z")
    coverage = tuple((b, p) for b, p in city.coverage if p < len(ports))
    return replace(city, version="f" * 16, ports=ports, coverage=coverage)


def test_a_changed_city_counts_from_its_date_on_and_not_before(
    evaluated: Running, city: City
) -> None:
    evaluated.cities.current = changed(city)
    evaluated.cities.older = [(T + 2 * MINUTE, city)]
    report_everything(evaluated.store, city, T + MINUTE)
    step_at(evaluated, T + 3 * MINUTE)
    found = {}
    for number in range(4):
        publication_ = evaluated.cache.at(T + number * MINUTE)
        assert publication_ is not None
        ports = publication_.by_key["pon.ports_10g", "city", "371600"]
        found[number] = (publication_.city_version == "f" * 16, ports.numerator, ports.denominator)
    assert found == {
        0: (False, 18, 24), 1: (False, 18, 24), 2: (True, 10, 16), 3: (True, 10, 16)
    }  # fmt: skip


def test_an_instant_whose_city_is_lost_has_no_figures_rather_than_those_of_another(
    evaluated: Running,
) -> None:
    evaluated.cities.lost_until_ms = T + 2 * MINUTE
    step_at(evaluated, T + 3 * MINUTE)
    served = [evaluated.cache.at(T + number * MINUTE) is not None for number in range(4)]
    assert served == [True, False, True, True]
    assert evaluated.metrics.given_up._value.get() == 1


def test_the_board_keeps_the_last_few(inventory: Inventory) -> None:
    cache = PublicationCache(inventory)
    for number in range(KEPT + 2):
        cache.put(publication(inventory, T + number))
    assert cache.at(T + 1) is None
    newest = cache.newest()
    assert newest is not None
    assert newest.as_of_ms == T + KEPT + 1


def follower_of(running: Running, cache: PublicationCache) -> FollowerCore:
    return FollowerCore(
        store=running.store, cache=cache, cities=running.cities, settings=TICKS,
        clock=running.clock,
    )  # fmt: skip


def test_a_follower_serves_what_was_published(evaluated: Running) -> None:
    cache = PublicationCache(evaluated.cache.inventory)
    follower = FollowerCore(
        store=evaluated.store,
        cache=cache,
        cities=evaluated.cities,
        settings=TICKS,
        clock=evaluated.clock,
    )
    follower.step()
    newest, original = cache.newest(), evaluated.cache.newest()
    assert newest is not None
    assert original is not None
    assert newest.evaluation is None
    expected = {
        place: figure._replace(quality=figure.quality._replace(unregistered=None))
        for place, figure in original.by_key.items()
    }
    assert expected == newest.by_key
    asked = len(evaluated.store.asked)
    follower.step()
    assert asked + 1 == len(evaluated.store.asked)


def test_a_follower_names_places_by_the_city_of_the_figures(evaluated: Running, city: City) -> None:
    cache = PublicationCache(evaluated.cache.inventory)
    evaluated.cities.current = changed(city)
    follower_of(evaluated, cache).step()
    assert cache.inventory.city.version == "f" * 16


def test_a_follower_says_that_nobody_publishes(running: Running) -> None:
    follower = FollowerCore(
        store=running.store,
        cache=running.cache,
        cities=running.cities,
        settings=TICKS,
        clock=running.clock,
    )
    follower.step()
    assert "--evaluate" in running.cache.trouble


def test_a_follower_takes_a_further_revision_of_the_same_instant(evaluated: Running) -> None:
    cache = PublicationCache(evaluated.cache.inventory)
    follower = FollowerCore(
        store=evaluated.store,
        cache=cache,
        cities=evaluated.cities,
        settings=TICKS,
        clock=evaluated.clock,
    )
    follower.step()
    put_port(evaluated.store, T - 500, oper="down")
    restarted(evaluated).step()
    follower.step()
    newest = cache.newest()
    assert newest is not None
    assert newest.revision == 1


# ---- driver ----------------------------------------------------------------------------------


def driver_of(running: Running) -> Driver:
    return Driver(
        core=running.core, cache=running.cache, settings=TICKS, clock=running.clock,
        metrics=running.metrics,
    )  # fmt: skip


def test_the_driver_asks_again_at_once_then_waits(running: Running) -> None:
    driver = driver_of(running)
    assert driver.tick() == 0.0
    assert driver.tick() == 1.0
    running.clock.wall_ms = T + 89_800
    assert pytest.approx(0.2) == driver.tick()


def test_the_driver_says_which_step_is_under_way(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, seen = driver_of(running), list[int | None]()

    def step() -> bool:
        seen.append(driver.under_way)
        return len(seen) < 3

    monkeypatch.setattr(running.core, "step", step)
    assert driver.under_way is None
    driver.start()
    wait_until(lambda: len(seen) >= 3, "three steps")
    driver.stop()
    assert seen[:3] == [1, 2, 3]
    assert driver.under_way is None


def test_the_driver_backs_off_says_why_and_recovers(running: Running) -> None:
    driver = driver_of(running)
    running.store.failure = StoreUnavailableError("connection refused")
    pauses = [driver.tick() for _ in range(8)]
    assert pauses[0] == FIRST_PAUSE_S
    assert pauses[-1] == LONGEST_PAUSE_S
    assert sorted(pauses) == pauses
    assert running.cache.trouble == "connection refused"
    running.store.failure = None
    assert driver.tick() == 0.0
    assert running.cache.trouble == ""


def test_the_driver_runs_in_a_thread_until_it_is_stopped(
    running: Running, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_everything(running.store, city, T - 1)
    stepped = threading.Event()
    step = running.core.step

    def watched() -> bool:
        more = step()
        if not more:
            stepped.set()
        return more

    monkeypatch.setattr(running.core, "step", watched)
    driver = driver_of(running)
    driver.start()
    assert stepped.wait(20)
    driver.stop()
    newest = running.cache.newest()
    assert newest is not None
    assert newest.as_of_ms == T


def test_the_driver_of_a_follower_with_nothing_to_follow_looks_again(running: Running) -> None:
    driver = Driver(
        core=follower_of(running, running.cache), cache=running.cache, settings=TICKS,
        clock=running.clock, metrics=running.metrics,
    )  # fmt: skip
    assert driver.tick() == 1.0


def test_the_driver_outlives_a_bug(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> bool:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(running.core, "step", broken)
    assert driver_of(running).tick() == FIRST_PAUSE_S
    assert running.cache.trouble == "internal error: ZeroDivisionError: oops"


def test_settings_of_a_faster_clock_keep_the_overlap(inventory: Inventory) -> None:
    fast = replace(TICKS, tick_s=5.0, allowed_lateness_s=2.0)
    assert (fast.tick_ms, fast.allowed_lateness_ms) == (5000, 2000)
