"""Daily roll-ups: what is kept of a field, which days are made, when, and again for late data."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.metrics import ApiMetrics
from gigacity_api.rollups import pieces
from gigacity_api.rollups.accumulator import Accumulator
from gigacity_api.rollups.daily_rollups import GATHER_MS, LOOK_FOR_LATE_DATA_S, DailyRollups
from gigacity_api.rollups.pieces import _groups, pieces_of
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.lateness import COMPLETE_AFTER_MS
from gigacity_contract.local_time import DAY_MS
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT
from gigacity_contract.rollup_measurements import ROLLUPS
from tests.support.city import AREA_A, COMMUNITY_A
from tests.unit.api.doubles import FakeCities, FakeStore

MIDNIGHT = 1_800_028_800_000
"""A midnight in Shanghai: 16:00 UTC."""
NOON = MIDNIGHT + DAY_MS // 2
DUE = MIDNIGHT + DAY_MS + COMPLETE_AFTER_MS
"""When the day of MIDNIGHT is due."""
PORT_TAGS = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": "0", "tech": "xgs-pon"}
PIECES = 4
"""Queries of what is not registered of a unit, here."""


def put_port(store: FakeStore, ts: int, **fields: Any) -> None:
    store.put("pon_port", ts, PORT_TAGS, **({"admin": "up", "oper": "up"} | fields))


def announce(store: FakeStore, at_ms: int, from_ms: int, to_ms: int, **tags: str) -> None:
    named = {"area": AREA_A, "measurement": "pon_port", "worker": "w-0"} | tags
    store.put("arrival", at_ms, named, from_ms=from_ms, to_ms=to_ms, points=1)


class Running:
    """Roll-ups over a store in memory."""

    def __init__(self, city: City, now_ms: int) -> None:
        self.store = FakeStore()
        self.clock = ManualClock(now_ms)
        self.cities = FakeCities(city)
        self.metrics = ApiMetrics()
        self.restart()

    def restart(self) -> None:
        """Another process over the same store."""
        self.rollups = DailyRollups(self.store, self.cities, self.clock, self.metrics)

    def work(self) -> int:
        """Until nothing is left; returns how many queries of telemetry it took."""
        self.store.asked.clear()
        self.clock.elapsed_s += LOOK_FOR_LATE_DATA_S
        self.drain()
        telemetry = [PON_PORT, *DEVICE_MEASUREMENTS.values()]
        return sum(q.measurement in telemetry for q in self.store.asked)

    def drain(self) -> None:
        while self.rollups.step():
            pass

    def work_at(self, now_ms: int) -> int:
        self.clock.wall_ms = now_ms
        return self.work()

    def rows(self, name: str = "pon_port") -> dict[int, dict[str, Any]]:
        return {p.time: p.fields for p in self.store.found(f"r1d/{name}")}


@pytest.fixture
def running(city: City, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(pieces, "_PIECE_MS", DAY_MS // PIECES)
    made = Running(city, NOON)
    made.work()
    return made


# ---- what is kept ----------------------------------------------------------------------------


def test_a_number_gives_minimum_maximum_mean_and_count(running: Running) -> None:
    for offset, rx_dbm, onus in ((0, -20.0, 10), (60_000, -22.5, 12), (299_999, -18.5, None)):
        put_port(running.store, NOON + offset, rx_dbm=rx_dbm, onu_online=onus)
    running.work_at(DUE)

    row = running.rows()[MIDNIGHT]
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
    running.work_at(DUE)

    port, camera = running.rows()[MIDNIGHT], running.rows("device_camera")[MIDNIGHT]
    assert [port["oper_up_share"], port["oper_last"], port["oper_count"]] == [0.5, "down", 4]
    assert [camera["intact_share"], camera["intact_last"]] == [0.75, False]


def test_a_day_is_that_of_shanghai_and_each_report_counts_once(running: Running) -> None:
    put_port(running.store, MIDNIGHT - 1, rx_dbm=-40.0)
    put_port(running.store, MIDNIGHT, rx_dbm=-10.0, oper="down")
    put_port(running.store, NOON + 1, rx_dbm=-10.0)
    put_port(running.store, NOON + 2, rx_dbm=-10.0)
    put_port(running.store, MIDNIGHT + DAY_MS - 1, rx_dbm=-20.0)
    put_port(running.store, MIDNIGHT + DAY_MS, rx_dbm=-30.0)
    running.work_at(DUE)

    assert list(running.rows()) == [MIDNIGHT]
    row = running.rows()[MIDNIGHT]
    assert [row[f"rx_dbm_{p}"] for p in ("min", "max", "mean", "count")] == [-20, -10, -12.5, 4]
    assert [row["oper_up_share"], row["oper_last"]] == [0.75, "up"]


numbers = st.lists(
    st.tuples(st.integers(0, 11), st.none() | st.integers(0, 2**53 - 1)), min_size=1, max_size=40
)


@given(reports=numbers)
def test_a_day_is_the_same_in_whatever_batches_its_reports_are_read(
    reports: list[tuple[int, int | None]],
) -> None:
    """Minimum, maximum, count exactly; the mean to the last digits."""
    field = next(i for i, f in enumerate(PON_PORT.fields) if f.name == "rx_bytes")
    day = Accumulator("pon_port")
    for batch in {batch for batch, _ in reports}:
        rows: list[list[Any]] = []
        for number, (mine, value) in enumerate(reports):
            if mine == batch:
                report: list[Any] = [number, *PORT_TAGS.values(), *[None] * len(PON_PORT.fields)]
                report[1 + len(PORT_TAGS) + field] = value
                rows.append(report)
        day.take(rows)
    store = FakeStore()
    store.write(ROLLUPS["pon_port"], list(day.lines(0)))
    values = [value for _, value in reports if value is not None]
    found = [p.fields for p in store.found("r1d/pon_port")]

    assert len(found) == bool(values)
    for row in found:
        assert (min(values), max(values), len(values)) == (
            row["rx_bytes_min"], row["rx_bytes_max"], row["rx_bytes_count"],
        )  # fmt: skip
        assert row["rx_bytes_mean"] == pytest.approx(sum(values) / len(values), rel=1e-9)


@pytest.mark.parametrize("raw", [PON_PORT, *DEVICE_MEASUREMENTS.values()], ids=lambda m: m.name)
def test_every_measurement_is_rolled_up(raw: Any) -> None:
    target = ROLLUPS[raw.name]
    assert target.tags == raw.tags
    assert len(target.fields) == len({f.name for f in target.fields})


# ---- which days, and when --------------------------------------------------------------------


def test_a_day_is_due_when_what_comes_later_is_announced(running: Running) -> None:
    put_port(running.store, NOON)
    assert running.work_at(DUE - 1) == 0
    assert running.work_at(DUE) > 0
    assert list(running.rows()) == [MIDNIGHT]
    assert running.work_at(DUE + 1) == 0


def test_after_a_stop_every_missed_day_is_made(running: Running) -> None:
    put_port(running.store, NOON)
    running.work_at(DUE)
    for number in range(1, 4):
        put_port(running.store, NOON + number * DAY_MS)
    running.restart()
    running.work_at(DUE + 3 * DAY_MS)
    assert len(running.rows()) == 4


def test_a_stop_within_a_day_makes_it_again(running: Running) -> None:
    put_port(running.store, NOON)
    running.clock.wall_ms = DUE
    for _ in range(3):
        running.rollups.step()
    running.restart()
    running.work()
    first = running.rows()
    running.restart()
    running.work()
    assert first == running.rows()
    assert list(first) == [MIDNIGHT]


def test_a_stop_before_the_first_day_ended_leaves_no_gap(running: Running) -> None:
    put_port(running.store, NOON)
    running.restart()
    running.work_at(DUE + 3 * DAY_MS)
    assert list(running.rows()) == [MIDNIGHT]


def test_days_whose_reports_may_have_expired_are_left(running: Running) -> None:
    running.restart()
    running.clock.wall_ms = NOON + 31 * DAY_MS
    running.rollups.step()
    assert running.rollups.done_ms == MIDNIGHT + 2 * DAY_MS


def test_a_failure_is_tried_again_and_loses_nothing(running: Running) -> None:
    put_port(running.store, NOON)
    running.clock.wall_ms = DUE
    running.store.write_failure = StoreUnavailableError("gone")
    with pytest.raises(StoreUnavailableError):
        running.drain()
    running.store.write_failure = None
    running.work()
    assert list(running.rows()) == [MIDNIGHT]


MANY = Counter({f"c{number}": number % 40 for number in range(350)})


@given(most=st.integers(1, 500))
def test_groups_hold_every_name_once_and_no_more_than_they_may(most: int) -> None:
    groups = list(_groups(MANY, most))
    assert sorted(name for group in groups for name in group) == sorted(MANY)
    for group in groups:
        assert len(group) == 1 or sum(MANY[name] for name in group) <= most
        assert len(group) <= pieces.MAX_NAMED


def test_every_report_is_in_one_question_whoever_sent_it(running: Running, city: City) -> None:
    """Registered or not, under the code in force or another, and without a community."""
    store = running.store
    devices = [
        {"area": area, "community": community, "device": f"camera-{number}"}
        for area in city.area_of_code
        for community in (*city.community_by_code, "unknown", "")
        for number in range(2)
    ]
    for offset, tags in enumerate(devices):
        store.put("device_camera", MIDNIGHT + offset * 60_000, tags, intact=True)
    found = [
        row
        for area in city.area_of_code
        for query in pieces_of(DEVICE_MEASUREMENTS["camera"], area, MIDNIGHT, city)
        for batch in store.rows(query, list)
        for row in batch
    ]
    assert sorted(row[0] for row in found) == [
        MIDNIGHT + offset * 60_000 for offset in range(len(devices))
    ]


# ---- late data -------------------------------------------------------------------------------


def test_exactly_the_announced_days_are_made_again_once_gathered(running: Running) -> None:
    for number in range(4):
        put_port(running.store, NOON + number * DAY_MS, rx_dbm=-20.0)
    now = DUE + 3 * DAY_MS
    running.work_at(now)
    from_ms, to_ms = NOON + DAY_MS, MIDNIGHT + 3 * DAY_MS - 1
    put_port(running.store, from_ms + 1, rx_dbm=-30.0)
    put_port(running.store, to_ms, rx_dbm=-30.0)
    announce(running.store, now, from_ms + 1, to_ms)
    announce(running.store, now + 60_000, to_ms, to_ms)

    assert running.work_at(now + GATHER_MS - 1) == 0
    assert running.work_at(now + GATHER_MS) == 2 * sum(
        1 for _ in pieces_of(PON_PORT, AREA_A, MIDNIGHT, running.cities.current)
    )
    minima = [row["rx_dbm_min"] for row in running.rows().values()]
    assert minima == [-20, -30, -30, -20]
    assert running.work_at(now + 2 * GATHER_MS) == 0


def test_late_data_of_a_day_that_is_just_being_made_makes_it_again(running: Running) -> None:
    put_port(running.store, NOON, rx_dbm=-20.0)
    running.clock.wall_ms = DUE
    for _ in range(4 * PIECES):
        running.rollups.step()
    put_port(running.store, NOON + 1, rx_dbm=-30.0)
    announce(running.store, DUE, NOON + 1, NOON + 1)
    running.work()
    running.work_at(DUE + GATHER_MS)
    assert running.rows()[MIDNIGHT]["rx_dbm_min"] == -30


def test_what_was_announced_during_a_stop_is_made_again(running: Running) -> None:
    put_port(running.store, NOON, rx_dbm=-20.0)
    running.work_at(DUE)
    put_port(running.store, NOON + 1, rx_dbm=-30.0)
    announce(running.store, DUE + 10_000, NOON + 1, NOON + 1)
    running.restart()
    running.work_at(DUE + 10_000 + GATHER_MS)
    assert running.rows()[MIDNIGHT]["rx_dbm_min"] == -30


@pytest.mark.parametrize("restarts", [True, False])
def test_late_data_that_could_not_be_worked_in_is_tried_again(
    running: Running, *, restarts: bool
) -> None:
    put_port(running.store, NOON, rx_dbm=-20.0)
    running.work_at(DUE)
    put_port(running.store, NOON + 1, rx_dbm=-30.0)
    announce(running.store, DUE, NOON + 1, NOON + 1)
    running.work_at(DUE + 60_000)
    running.clock.wall_ms = DUE + GATHER_MS
    running.store.write_failure = StoreUnavailableError("gone")
    with pytest.raises(StoreUnavailableError):
        running.drain()
    running.store.write_failure = None
    if restarts:
        running.restart()
    running.work()
    assert running.rows()[MIDNIGHT]["rx_dbm_min"] == -30


def test_a_mark_leaves_what_waits_for_the_next_process(running: Running) -> None:
    """The next day ends while late data of the last one is gathered, and then the process."""
    put_port(running.store, NOON, rx_dbm=-20.0)
    running.work_at(DUE)
    put_port(running.store, NOON + 1, rx_dbm=-30.0)
    late_ms = DUE + DAY_MS - 60_000
    announce(running.store, late_ms, NOON + 1, NOON + 1)
    running.work_at(late_ms)
    running.work_at(DUE + DAY_MS)
    running.restart()
    running.work_at(late_ms + GATHER_MS)
    assert running.rows()[MIDNIGHT]["rx_dbm_min"] == -30


def test_late_presence_and_late_data_of_days_to_come_need_nothing(running: Running) -> None:
    announce(running.store, NOON, NOON - DAY_MS, NOON, measurement="presence")
    announce(running.store, NOON, NOON + 1, NOON + 2)
    assert running.work_at(NOON + GATHER_MS + 1000) == 0
