"""Late uploads through a real InfluxDB: revisions, roll-ups, daily figures, the recomputed past."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_api.evaluator.as_of import Recomputer
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.daily_figures import DailyFigures
from gigacity_api.evaluator.histories import Every, current
from gigacity_api.evaluator.lines import figure_of_row, is_as_stored
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.published import (
    announced_since,
    differences,
    first_publication_ms,
    published_at,
)
from gigacity_api.evaluator.recompute_job import GATHER_INTERVALS, RecomputeJob
from gigacity_api.evaluator.revision_writer import LiveEvaluation
from gigacity_api.evaluator.stored import quarter_around
from gigacity_api.http.streaming.revisions import RevisionLog
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.metrics import ApiMetrics
from gigacity_api.rollups.daily_rollups import GATHER_MS, LOOK_FOR_LATE_DATA_S, DailyRollups
from gigacity_api.storage.influx import InfluxStore
from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.local_time import DAY_MS, day_start_ms
from gigacity_contract.measurements import ARRIVAL, DEVICE_MEASUREMENTS, PRESENCE
from tests.integration.test_api_evaluation import NOW, TICKS, endpoint_of, port
from tests.support.city import AREA_A, COMMUNITY_A, write_city
from tests.support.processes_influx import InfluxServer
from tests.unit.api.doubles import FakeCities

pytestmark = pytest.mark.integration

MINUTE = 60_000
YESTERDAY = day_start_ms(NOW) - DAY_MS
T = YESTERDAY + 12 * 3_600_000
"""Noon of yesterday in Shanghai: a day that is over, well within raw retention."""


class Running:
    """Everything that evaluates, over a real database."""

    def __init__(self, server: InfluxServer, city: City) -> None:
        self.server, self.city = server, city
        self.clock = ManualClock(T)
        self.store = InfluxStore(endpoint_of(server, "api"))
        self.cities = FakeCities(city)
        self.metrics = ApiMetrics()
        cache = self.cache = PublicationCache(Inventory(city))
        self.core = EvaluatorCore(
            store=self.store, cache=cache, cities=self.cities, settings=TICKS, clock=self.clock,
            metrics=self.metrics,
        )  # fmt: skip
        self.daily = DailyFigures(self.store, self.clock)
        self.reviser = RecomputeJob(
            store=self.store, cities=self.cities, live=LiveEvaluation.of(self.core, cache),
            daily=self.daily, settings=TICKS, clock=self.clock, metrics=self.metrics,
        )  # fmt: skip
        self.rollups = DailyRollups(self.store, self.cities, self.clock, self.metrics)

    def evaluate(self, as_of_ms: int) -> None:
        self.clock.wall_ms = as_of_ms + 30_000
        self.core.evaluate(as_of_ms)
        self.core.publisher.flush()
        self.reviser.step()
        self.daily.step()

    def write(self, rp: str, *lines: bytes) -> None:
        assert self.server.write(b"\n".join(lines), rp=rp).status == 204

    def upload_late(self, number: int, ts: int, oper: str) -> None:
        """A report that comes now; its worker announces it."""
        tags = {"area": AREA_A, "measurement": "pon_port", "worker": "w-0"}
        fields = {"from_ms": ts, "to_ms": ts, "points": 1}
        self.write("raw", port(number, ts, oper))
        self.write("ops", encode_point(ARRIVAL, tags, fields, self.clock.wall_ms))

    def revise(self) -> None:
        self.clock.elapsed_s += 60
        self.reviser.step()
        self.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
        while self.reviser.step():
            pass

    def roll_up(self) -> None:
        self.clock.elapsed_s += LOOK_FOR_LATE_DATA_S
        while self.rollups.step():
            pass

    def rows(self, what: str, measurement: str, rp: str, where: str = "") -> list[dict[str, Any]]:
        text = f"SELECT {what} FROM {measurement} WHERE time > 0 {where}"  # noqa: S608 - our own
        return self.server.query(text, rp)

    def of_city(self, what: str, measurement: str, rp: str) -> list[dict[str, Any]]:
        where = "AND scope = 'city' AND indicator = 'pon.ports_10g'"
        return self.rows(what, measurement, rp, where)


@pytest.fixture
def running(database: InfluxServer, tmp_path: Path) -> Iterator[Running]:
    made = Running(database, load_city(write_city(tmp_path / "city")))
    for number in range(8):
        lines = [port(p, T + number * MINUTE - 500) for p in range(4)]
        made.write("raw", *lines)
        made.evaluate(T + number * MINUTE)
    yield made
    made.store.close()


def test_a_late_upload_revises_exactly_the_touched_instants(running: Running) -> None:
    running.upload_late(0, T + 3 * MINUTE - 100, "down")
    running.revise()
    current = running.of_city("value, revision", "indicator", "figures")
    assert [(row["value"], row["revision"]) for row in current] == [
        (3, 1) if number == 3 else (4, 0) for number in range(8)
    ]
    log = running.of_city("value, revision, as_of_ms", "indicator_log", "forever")
    revised = [(r["value"], r["revision"]) for r in log if r["as_of_ms"] == T + 3 * MINUTE]
    assert sorted(revised, key=lambda r: r[1]) == [(4, 0), (3, 1)]
    assert len(log) == 9
    revisions = RevisionLog(running.store, running.clock)
    running.clock.wall_ms += 5_000
    revisions.refresh()
    told = [(r.as_of_ms, r.revision, r.figures) for r in revisions.after(0)]
    assert [(as_of, revision) for as_of, revision, _ in told] == [(T + 3 * MINUTE, 1)]
    assert "pon.ports_10g" in revisions.after(0)[0].indicators


def test_a_session_that_ends_while_a_revision_runs_is_no_longer_online(running: Running) -> None:
    """The row of its end stands at its beginning, long before the instants that are revised.

    And a restart neither revises again what was, nor forgets what waits.
    """
    newest = T + 7 * MINUTE
    session = {"area": AREA_A, "community": COMMUNITY_A, "id": "elevator-1", "object": "device"}
    started = encode_point(PRESENCE, session, {"online_ms": T - DAY_MS}, T - DAY_MS)
    running.write("forever", started)
    tags = {"area": AREA_A, "community": COMMUNITY_A, "device": "elevator-1"}
    elevator = DEVICE_MEASUREMENTS["elevator"]
    running.write("raw", encode_point(elevator, tags, {"floor": 3}, newest - 1000))
    running.upload_late(0, T + 3 * MINUTE - 100, "down")
    running.clock.wall_ms += 1
    running.upload_late(0, newest - 100, "down")
    running.clock.elapsed_s += 60
    running.reviser.step()
    assert running.reviser.backlog.waiting == 4
    running.clock.elapsed_s += GATHER_INTERVALS * TICKS.tick_s
    assert running.reviser.step()
    running.write(
        "forever", encode_point(PRESENCE, session, {"ended_ms": newest - 500}, T - DAY_MS)
    )
    while running.reviser.step():
        pass
    where = f"AND scope = 'city' AND indicator = 'device.online.elevator' AND time = {newest}ms"
    text = f"SELECT known_in, revision FROM indicator WHERE {where.removeprefix('AND ')}"  # noqa: S608
    (row,) = running.server.query(text, "figures")
    again = Recomputer(running.store, running.cities, TICKS, running.clock)
    running.clock.wall_ms += MINUTE
    expected = again.at(newest, lambda: True).by_key[
        "device.online.elevator", "city", running.city.code
    ]
    assert (row["known_in"], row["revision"]) == (expected.known_in, 1)
    assert expected.known_in == 0

    log = len(running.rows("value", "indicator_log", "forever"))
    restarted = RecomputeJob(
        store=running.store, cities=running.cities, daily=running.daily, settings=TICKS,
        live=LiveEvaluation.of(running.core, running.cache), clock=running.clock,
        metrics=running.metrics,
    )  # fmt: skip
    running.reviser = restarted
    restarted.step()
    assert restarted.backlog.waiting == 0
    running.revise()
    assert len(running.rows("value", "indicator_log", "forever")) == log


def test_a_figure_without_a_value_is_read_as_such_though_its_row_had_one(
    running: Running,
) -> None:
    """A rewritten point keeps the fields that it no longer has."""
    newest = running.cache.newest()
    assert newest is not None
    empty = next(f for f in newest.figures if f.value is None and f.denominator)
    tags = f"code={empty.code},indicator={empty.indicator},scope={empty.scope}"
    running.write("figures", f"indicator,{tags} value=1 {newest.as_of_ms}".encode())
    row = quarter_around(running.store, newest.as_of_ms).at(newest.as_of_ms)[empty[:3]]
    assert row.value == 1
    assert is_as_stored(empty, row)
    assert figure_of_row(row).value is None


def test_the_past_is_recomputed_published_and_compared(running: Running) -> None:
    instant = T + 3 * MINUTE
    running.clock.wall_ms += MINUTE
    running.upload_late(0, instant - 100, "down")
    recomputer = Recomputer(running.store, running.cities, TICKS, running.clock)
    again = recomputer.at(instant, lambda: True)
    assert again.by_key["pon.ports_10g", "city", "371600"].value == 3

    now_ms = running.clock.wall_ms
    moment_ms = first_publication_ms(running.store, running.city, instant, now_ms)
    assert moment_ms == instant + 30_000
    said = published_at(running.store, Level.CITY, None, moment_ms + 1)
    assert said["pon.ports_10g", "city", "371600"].value == 4
    announced = announced_since(running.store, running.city, instant, moment_ms, now_ms)
    found = differences(
        said, (f for f in again.figures if f.scope == "city"), running.city.version, announced
    )
    assert {(d.recomputed.indicator, d.cause) for d in found} >= {("pon.ports_10g", "late_data")}
    below = published_at(running.store, Level.OLT, "olt-a", moment_ms + 1)
    assert below["pon.ports_10g", "olt", "olt-a"].as_of_ms == T


def test_days_are_rolled_up_and_revised(running: Running) -> None:
    running.clock.wall_ms = T + 15 * MINUTE
    running.roll_up()
    running.clock.wall_ms = YESTERDAY + DAY_MS + 16 * MINUTE
    running.roll_up()
    while running.daily.step():
        pass

    ports = running.rows("oper_count, oper_up_share, oper_last", "pon_port", "r1d")
    assert {row["time"] for row in ports} == {YESTERDAY}
    assert {(row["oper_up_share"], row["oper_last"]) for row in ports} == {(1, "up")}
    assert sum(row["oper_count"] for row in ports) == 32
    what = "value, value_min, value_max, value_count, as_of_ms"
    (day,) = running.of_city(what, "indicator", "r1d")
    assert (day["value"], day["value_min"], day["value_count"]) == (4, 4, 8)
    assert day["as_of_ms"] == T + 7 * MINUTE

    running.upload_late(0, T + 3 * MINUTE - 100, "down")
    running.revise()
    running.roll_up()
    running.clock.wall_ms += GATHER_MS
    running.roll_up()
    (day,) = running.of_city(what, "indicator", "r1d")
    assert (day["value"], day["value_min"], day["value_count"]) == (4, 3, 8)
    place = ("pon.ports_10g", "city", running.city.code)
    counts_by: dict[Every, list[int | None]] = {"1d": [8], "instant": [None] * 8, "1h": [8]}
    for every, counts in counts_by.items():
        told = current(running.store, place, every, YESTERDAY, YESTERDAY + DAY_MS)
        assert [sample.instants for sample in told] == counts
    (whole_day,) = current(running.store, place, "1d", YESTERDAY, YESTERDAY + DAY_MS)
    assert (whole_day.row.value, whole_day.low) == (4, 3)
    assert whole_day.as_of_ms == T + 7 * MINUTE
    again = running.rows("oper_count, oper_up_share", "pon_port", "r1d")
    assert sorted((r["oper_count"], round(r["oper_up_share"], 3)) for r in again) == [
        (8, 1), (8, 1), (8, 1), (9, 0.889),
    ]  # fmt: skip
