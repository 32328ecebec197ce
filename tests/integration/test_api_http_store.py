"""Reports, forecasts and counts against a real InfluxDB; the stream and the end of the process."""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_api.evaluator.refusals import dead_letter_growth, refusals
from gigacity_api.forecasting.daily_values import DailyLastRow
from gigacity_api.keys import hash_key
from gigacity_api.reports.checking import Draft
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.storage.influx import InfluxStore
from gigacity_api.storage.queries.daily import DAILY_FIELDS, daily_last
from gigacity_api.storage.queries.query import Query
from gigacity_api.storage.queries.rollups import figure_means, figure_statistics
from gigacity_contract.clock import SystemClock
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.local_time import DAY_MS
from gigacity_contract.measurements import DEAD_LETTER, GIGACITY_WORKER, INDICATOR
from tests.integration.test_api_evaluation import endpoint_of
from tests.integration.test_api_process import Api, start
from tests.support.mqtt_probe import wait_until
from tests.support.processes_influx import InfluxServer

pytestmark = pytest.mark.integration

EAST_MS = 8 * 3_600_000
NOW = SystemClock().now_ms()
TODAY = (NOW + EAST_MS) // DAY_MS * DAY_MS - EAST_MS
"""The start of this day in the city."""

KEY = "gck_store_test"


@pytest.fixture
def store(database: InfluxServer) -> Iterator[InfluxStore]:
    made = InfluxStore(endpoint_of(database, "api"))
    yield made
    made.close()


def write(database: InfluxServer, rp: str, *lines: bytes) -> None:
    assert database.write(b"\n".join(lines), rp=rp).status == 204


def test_entries_are_kept_and_read_back_as_they_were(store: InfluxStore) -> None:
    log = DeclarationLog(store, SystemClock())
    draft = Draft(
        "home.gigabit_access", "area", "371602", NOW - 1000, 0.975, 975, 1000,
        '滨数发〔2026〕12号 "附件\\1", a=b', "市大数据局 (bureau)",
    )  # fmt: skip
    log.add([draft, draft._replace(value=0.98, numerator=980)])
    log.add([draft._replace(indicator="brain.scenarios", numerator=None, denominator=None)])
    found = DeclarationLog(store, SystemClock()).refresh()
    assert set(found.entries) == set(log.known.entries)
    latest = found.latest("home.gigabit_access", "area", "371602")
    assert latest is not None
    assert (latest.value, latest.revision, latest.source) == (0.98, 1, draft.source)


def test_days_begin_at_midnight_in_the_city(store: InfluxStore, database: InfluxServer) -> None:
    tags = {"indicator": "pon.ports_10g", "scope": "city", "code": "371600"}

    def line(at_ms: int, value: float) -> bytes:
        return encode_point(INDICATOR, tags, {"value": value, "lower": value - 1}, at_ms)

    yesterday = TODAY - DAY_MS
    write(
        database, "figures", line(yesterday - 1, 1), line(yesterday, 2), line(TODAY - 1, 3),
        line(TODAY, 4), encode_point(INDICATOR, tags | {"code": "371601"}, {"value": 9.0}, TODAY),
    )  # fmt: skip
    place = ("pon.ports_10g", "city", "371600")

    def days(field: str) -> dict[int, float | None]:
        query = daily_last(field, place, after_ms=TODAY - 9 * DAY_MS, until_ms=TODAY + DAY_MS)
        return {row.time: row.last for rows in store.rows(query, DailyLastRow) for row in rows}

    assert days("value") == {yesterday - DAY_MS: 1, yesterday: 3, TODAY: 4}
    assert days("lower") == {yesterday - DAY_MS: 0, yesterday: 2, TODAY: 3}
    assert days("upper") == {}
    assert set(DAILY_FIELDS) == {"value", "lower", "upper"}


def test_means_of_a_day_are_over_time_and_extremes_over_every_row(
    store: InfluxStore, database: InfluxServer
) -> None:
    """Rows of an OLT are written when something changed: a restless minute must not weigh more."""
    tags = {"indicator": "pon.ports_10g", "scope": "olt", "code": "olt-a"}
    other = {"indicator": "pon.port_share_10g", "scope": "olt", "code": "olt-a"}

    def line(minute: int, value: float | None, of: dict[str, str] = tags) -> bytes:
        return encode_point(INDICATOR, of, {"value": value, "unknown": 1}, TODAY + minute * 60_000)

    write(
        database, "figures", line(0, 8), line(1, 2), line(2, 3), line(5, 6), line(10, 4),
        line(0, 0.5, other), line(5, None, other), line(-1, 99),
        line(0, 50, tags | {"scope": "area"}),
    )  # fmt: skip
    end = TODAY + DAY_MS

    def found(query: Query) -> dict[str, list[float]]:
        return {s.tags["indicator"]: s.values[0][1:] for s in store.series(query)}

    means = found(figure_means("olt", TODAY, end, 300_000))
    assert means == {"pon.ports_10g": [6, 3], "pon.port_share_10g": [0.5, 1]}
    extremes = found(figure_statistics("olt", TODAY, end, ("min", "max")))
    assert extremes == {"pon.ports_10g": [2, 8], "pon.port_share_10g": [0.5, 0.5]}


def test_counts_of_workers_are_read(store: InfluxStore, database: InfluxServer) -> None:
    letter = {"reason": "bad_field", "worker": "w0"}
    totals = {"messages_redelivered": 3, "absent_fields": 10, "dead_letters": 4}
    later = {"messages_redelivered": 5, "absent_fields": 70, "dead_letters": 9}
    write(
        database, "ops",
        encode_point(DEAD_LETTER, letter, {"count": 4}, NOW - 120_000),
        encode_point(DEAD_LETTER, letter, {"count": 9}, NOW - 1000),
        encode_point(GIGACITY_WORKER, {"worker": "w0"}, totals, NOW - 120_000),
        encode_point(GIGACITY_WORKER, {"worker": "w0"}, later, NOW - 1000),
    )  # fmt: skip
    since = NOW - 60_000
    assert dead_letter_growth(store, since, NOW)["bad_field", "w0"] == (5, NOW - 1000)
    found = refusals(store, since, NOW)["w0"]
    assert (found.duplicates, found.absent_fields, found.dead_letters) == (2, 60, 5)


# ---- as a process ------------------------------------------------------------------------------


@pytest.fixture
def api(database: InfluxServer, tmp_path: Path) -> Iterator[Api]:
    running = start(database, tmp_path)
    key = {"name": "office", "sha256": hash_key(KEY), "scopes": ["read", "report"]}
    with (tmp_path / "keys.jsonl").open("a") as file:
        file.write(json.dumps(key) + "\n")
    wait_until(lambda: running.get("/readyz")[0] == 200, "the API is ready", timeout_s=30)
    wait_until(lambda: running.get("/api/v1/kinds", KEY)[0] == 200, "the key counts", timeout_s=10)
    yield running
    running.process.kill()
    running.process.wait()


def post(api: Api, entry: dict[str, Any]) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{api.port}/api/v1/reports", json.dumps(entry).encode(),
        {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_a_report_is_entered_and_stands_in_the_scorecard(api: Api) -> None:
    entry = {
        "indicator": "brain.scenarios", "scope": "city", "as_of": "2026-10-31", "value": 32,
        "source": "doc",
    }  # fmt: skip
    assert post(api, entry | {"value": -1})[0] == 422
    assert post(api, entry)[0] == 201
    assert post(api, entry | {"value": 33})[1]["revision"] == 1
    _, card = api.get("/api/v1/scorecard", KEY)
    (line,) = [i for i in card["reported"] if i["definition"]["id"] == "brain.scenarios"]
    assert (line["report"]["value"], line["report"]["revision"]) == (33, 1)
    forecast = "/api/v1/indicators/pon.ports_10g/forecast"
    wait_until(
        lambda: api.get(forecast, KEY)[1]["history_days"] == 1, "today's figures are history"
    )
    assert api.get("/api/v1/quality", KEY)[1]["refused"] is not None


def test_a_subscriber_hears_of_evaluations_and_does_not_hold_up_the_end(api: Api) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{api.port}/api/v1/stream", headers={"Authorization": f"Bearer {KEY}"}
    )
    with urllib.request.urlopen(request, timeout=20) as stream:  # noqa: S310 - loopback
        assert stream.headers["content-type"].startswith("text/event-stream")
        ids: list[bytes] = []
        while len(ids) < 3:
            line = stream.readline()
            if line.startswith(b"id: "):
                ids.append(line)
        assert len(set(ids)) == 3
        api.process.send_signal(signal.SIGTERM)
        assert api.process.wait(timeout=20) == 0
