"""Roll-ups: what is kept of a field, which windows are made, when, and again for what came late."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.metrics import ApiMetrics
from gigacity_api.rollups.accumulator import Accumulator
from gigacity_api.rollups.levels import DAY, FIVE_MINUTES, oldest_whole_ms
from gigacity_api.rollups.pending import Pending, Unit
from gigacity_api.rollups.roller import Roller
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT
from gigacity_contract.rollup_measurements import DAY_MS, FIVE_MINUTES_MS, ROLLUPS
from tests.support.city import AREA_A, COMMUNITY_A
from tests.unit.api.doubles import FakeCities, FakeStore

MIDNIGHT = 1_800_028_800_000
"""A midnight in Shanghai: 16:00 UTC."""
NOON = MIDNIGHT + DAY_MS // 2
PORT_TAGS = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": "0", "tech": "xgs-pon"}
DUE_MS = 130_000


def put_port(store: FakeStore, ts: int, **fields: Any) -> None:
    store.put("pon_port", ts, PORT_TAGS, **({"admin": "up", "oper": "up"} | fields))


def announce(store: FakeStore, at_ms: int, from_ms: int, to_ms: int, **tags: str) -> None:
    named = {"area": AREA_A, "measurement": "pon_port", "worker": "w-0"} | tags
    store.put("arrival", at_ms, named, from_ms=from_ms, to_ms=to_ms, points=1)


class Running:
    """A roller over a store in memory."""

    def __init__(self, city: City, now_ms: int) -> None:
        self.store = FakeStore()
        self.clock = ManualClock(now_ms)
        self.cities = FakeCities(city)
        self.metrics = ApiMetrics()
        self.restart()

    def restart(self) -> None:
        """Another process over the same store."""
        self.roller = Roller(self.store, self.cities, self.clock, self.metrics)

    def work(self) -> int:
        """Until nothing is left; returns how many queries of telemetry it took."""
        self.store.asked.clear()
        self.clock.elapsed_s += 60
        self.drain()
        return sum("pon_port" in q.text or "device_" in q.text for q in self.store.asked)

    def drain(self) -> None:
        while self.roller.step():
            pass

    def work_at(self, now_ms: int) -> int:
        self.clock.wall_ms = now_ms
        return self.work()

    def rows(self, policy: str = "r5m", name: str = "pon_port") -> dict[int, dict[str, Any]]:
        return {p.time: p.fields for p in self.store.found(f"{policy}/{name}")}


@pytest.fixture
def running(city: City) -> Running:
    made = Running(city, NOON + DUE_MS)
    made.work()
    return made


# ---- what is kept ----------------------------------------------------------------------------


def test_a_number_gives_minimum_maximum_mean_and_count(running: Running) -> None:
    for offset, rx_dbm, onus in ((0, -20.0, 10), (60_000, -22.5, 12), (299_999, -18.5, None)):
        put_port(running.store, NOON + offset, rx_dbm=rx_dbm, onu_online=onus)
    running.work_at(NOON + FIVE_MINUTES_MS + DUE_MS)

    row = running.rows()[NOON]
    rx = [row[f"rx_dbm_{part}"] for part in ("min", "max", "mean", "count")]
    counts = [row[f"onu_online_{part}"] for part in ("min", "max", "mean", "count")]
    assert rx == [-22.5, -18.5, pytest.approx(-61 / 3), 3]
    assert counts == [10, 12, 11.0, 2]
    assert "temp_c_count" not in row


def test_a_state_gives_its_share_and_its_last(running: Running) -> None:
    for offset, oper in ((0, "down"), (1, "up"), (2, "up"), (3, "down")):
        put_port(running.store, NOON + offset, oper=oper)
    tags = {"area": AREA_A, "community": COMMUNITY_A, "device": "camera-1"}
    for offset, intact in ((0, True), (1, True), (2, True), (3, False)):
        running.store.put("device_camera", NOON + offset, tags, intact=intact)
    running.work_at(NOON + FIVE_MINUTES_MS + DUE_MS)

    port, camera = running.rows()[NOON], running.rows(name="device_camera")[NOON]
    assert [port["oper_up_share"], port["oper_last"], port["oper_count"]] == [0.5, "down", 4]
    assert [camera["intact_share"], camera["intact_last"]] == [0.75, False]


def test_a_report_belongs_to_the_window_that_starts_with_it(running: Running) -> None:
    for ts in (NOON - 1, NOON, NOON + FIVE_MINUTES_MS - 1, NOON + FIVE_MINUTES_MS):
        put_port(running.store, ts)
    running.work_at(NOON + 2 * FIVE_MINUTES_MS + DUE_MS)
    counts = {time: row["oper_count"] for time, row in running.rows().items()}
    assert counts == {NOON: 2, NOON + FIVE_MINUTES_MS: 1}


def test_a_day_is_that_of_shanghai_and_weighs_by_count(running: Running) -> None:
    put_port(running.store, NOON, rx_dbm=-10.0, oper="down")
    put_port(running.store, NOON + 1, rx_dbm=-10.0)
    put_port(running.store, NOON + 2, rx_dbm=-10.0)
    put_port(running.store, MIDNIGHT + DAY_MS - 1, rx_dbm=-20.0)
    put_port(running.store, MIDNIGHT + DAY_MS, rx_dbm=-30.0)
    running.work_at(MIDNIGHT + DAY_MS + FIVE_MINUTES_MS + DUE_MS)

    assert list(running.rows("r1d")) == [MIDNIGHT]
    row = running.rows("r1d")[MIDNIGHT]
    assert [row[f"rx_dbm_{p}"] for p in ("min", "max", "mean", "count")] == [-20, -10, -12.5, 4]
    assert [row["oper_up_share"], row["oper_last"]] == [0.75, "up"]


numbers = st.lists(
    st.tuples(st.integers(0, 11), st.none() | st.integers(0, 2**53 - 1)), min_size=1, max_size=40
)


@given(reports=numbers)
def test_a_day_from_windows_is_as_if_made_from_reports(
    reports: list[tuple[int, int | None]],
) -> None:
    """Minimum, maximum, count exactly; the mean to the last digits; in any order and batches."""
    field = next(i for i, f in enumerate(PON_PORT.fields) if f.name == "rx_bytes")
    source = ROLLUPS["r5m", "pon_port"]
    day = Accumulator(DAY, "pon_port")
    for window in {window for window, _ in reports}:
        joined = Accumulator(FIVE_MINUTES, "pon_port")
        for number, (mine, value) in enumerate(reports):
            if mine == window:
                report: list[Any] = [number, *PORT_TAGS.values(), *[None] * len(PON_PORT.fields)]
                report[1 + len(PORT_TAGS) + field] = value
                joined.take([report])
        store = FakeStore()
        store.write(source, list(joined.lines(window)))
        for point in store.found("r5m/pon_port"):
            names = [f.name for f in source.fields]
            day.take([[point.time, *PORT_TAGS.values(), *map(point.fields.get, names)]])
    store = FakeStore()
    store.write(ROLLUPS["r1d", "pon_port"], list(day.lines(0)))
    values = [value for _, value in reports if value is not None]
    found = [p.fields for p in store.found("r1d/pon_port")]

    assert len(found) == bool(values)
    for row in found:
        assert (min(values), max(values), len(values)) == (
            row["rx_bytes_min"], row["rx_bytes_max"], row["rx_bytes_count"],
        )  # fmt: skip
        assert row["rx_bytes_mean"] == pytest.approx(sum(values) / len(values), rel=1e-9)


@pytest.mark.parametrize("raw", [PON_PORT, *DEVICE_MEASUREMENTS.values()], ids=lambda m: m.name)
def test_every_measurement_is_rolled_up_at_both_levels(raw: Any) -> None:
    for policy in ("r5m", "r1d"):
        target = ROLLUPS[policy, raw.name]
        assert target.tags == raw.tags
        assert len(target.fields) == len({f.name for f in target.fields})


# ---- which windows, and when -----------------------------------------------------------------


def test_a_window_is_due_when_what_comes_later_is_announced(running: Running) -> None:
    put_port(running.store, NOON)
    assert running.work_at(NOON + FIVE_MINUTES_MS + DUE_MS - 1) == 0
    assert running.work_at(NOON + FIVE_MINUTES_MS + DUE_MS) > 0
    assert list(running.rows()) == [NOON]


def test_after_a_stop_every_missed_window_is_made(running: Running) -> None:
    put_port(running.store, NOON)
    running.work_at(NOON + FIVE_MINUTES_MS + DUE_MS)
    for number in range(1, 13):
        put_port(running.store, NOON + number * FIVE_MINUTES_MS)
    running.restart()
    running.work_at(NOON + 13 * FIVE_MINUTES_MS + DUE_MS)
    assert len(running.rows()) == 13


def test_a_stop_within_a_window_makes_it_again(running: Running) -> None:
    put_port(running.store, NOON)
    running.clock.wall_ms = NOON + FIVE_MINUTES_MS + DUE_MS
    for _ in range(3):
        running.roller.step()
    running.restart()
    running.work()
    first = running.rows()
    running.restart()
    running.work()
    assert first == running.rows()
    assert list(first) == [NOON]


def test_windows_whose_reports_may_have_expired_are_left(running: Running) -> None:
    running.restart()
    later = NOON + 31 * DAY_MS
    running.clock.wall_ms = later
    running.roller.step()
    assert running.roller.minutes.done_ms == oldest_whole_ms(later)


def test_a_failure_is_tried_again_and_loses_nothing(running: Running) -> None:
    put_port(running.store, NOON)
    running.clock.wall_ms = NOON + FIVE_MINUTES_MS + DUE_MS
    running.store.write_failure = StoreUnavailableError("gone")
    with pytest.raises(StoreUnavailableError):
        running.drain()
    running.store.write_failure = None
    running.work()
    assert list(running.rows()) == [NOON]


# ---- late data -------------------------------------------------------------------------------


def test_exactly_the_announced_windows_are_made_again(running: Running) -> None:
    for number in range(4):
        put_port(running.store, NOON + number * FIVE_MINUTES_MS, rx_dbm=-20.0)
    now = NOON + 4 * FIVE_MINUTES_MS + DUE_MS
    running.work_at(now)
    from_ms, to_ms = NOON + FIVE_MINUTES_MS, NOON + 3 * FIVE_MINUTES_MS - 1
    put_port(running.store, from_ms + 1, rx_dbm=-30.0)
    put_port(running.store, to_ms, rx_dbm=-30.0)
    announce(running.store, now, from_ms + 1, to_ms)

    assert running.work_at(now + 1000) == 2
    minima = [row["rx_dbm_min"] for row in running.rows().values()]
    assert minima == [-20, -30, -30, -20]
    assert running.work_at(now + 60_000) == 0


def test_late_data_of_a_finished_day_makes_the_day_again(running: Running) -> None:
    put_port(running.store, NOON, rx_dbm=-20.0)
    now = MIDNIGHT + DAY_MS + FIVE_MINUTES_MS + DUE_MS
    running.work_at(now)
    put_port(running.store, NOON + 1, rx_dbm=-30.0)
    announce(running.store, now, NOON + 1, NOON + 1)
    running.work_at(now + 1000)
    assert running.rows("r1d")[MIDNIGHT]["rx_dbm_min"] == -30


def test_what_was_announced_during_a_stop_is_made_again(running: Running) -> None:
    put_port(running.store, NOON, rx_dbm=-20.0)
    now = NOON + FIVE_MINUTES_MS + DUE_MS
    running.work_at(now)
    put_port(running.store, NOON + 1, rx_dbm=-30.0)
    announce(running.store, now + 10_000, NOON + 1, NOON + 1)
    running.restart()
    running.work_at(now + 60_000)
    assert running.rows()[NOON]["rx_dbm_min"] == -30


def test_late_data_that_could_not_be_worked_in_survives_a_stop(running: Running) -> None:
    put_port(running.store, NOON, rx_dbm=-20.0)
    now = NOON + FIVE_MINUTES_MS + DUE_MS
    running.work_at(now)
    put_port(running.store, NOON + 1, rx_dbm=-30.0)
    announce(running.store, now, NOON + 1, NOON + 1)
    running.store.write_failure = StoreUnavailableError("gone")
    running.clock.elapsed_s += 60
    with pytest.raises(StoreUnavailableError):
        running.drain()
    running.store.write_failure = None
    running.restart()
    running.work_at(now + 60_000)
    assert running.rows()[NOON]["rx_dbm_min"] == -30


def test_late_presence_and_late_data_of_windows_to_come_need_nothing(running: Running) -> None:
    now = NOON + DUE_MS
    announce(running.store, now, NOON - DAY_MS, NOON, measurement="presence")
    announce(running.store, now, NOON + 1, NOON + 2)
    assert running.work_at(now + 1000) == 0


def test_a_unit_waits_once_and_remembers_its_first_announcement() -> None:
    pending = Pending()
    old, new = Unit(1, "pon_port", "a"), Unit(2, "pon_port", "a")
    for unit, announced in ((new, 50), (old, 70), (new, 60), (old, 40)):
        pending.add(unit, announced)
    assert len(pending) == 2
    assert pending.oldest_announced_ms == 40
    assert [pending.take(), pending.take()] == [(old, 40), (new, 50)]
    assert pending.oldest_announced_ms is None
