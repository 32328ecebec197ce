"""The worker's page: ready only with session and database; ledgers from one snapshot."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.adapters.health import STALLED_S, HealthServer, Pages
from gigacity_ingest.adapters.status import HealthState, WorkerStatus
from gigacity_ingest.dead_letters.budget import StoreStatus
from gigacity_ingest.foreign.intake_counts import IntakeCounts
from gigacity_ingest.mapping.counts import SourceCounts
from gigacity_ingest.pipeline.latency import LatencyHistogram
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot, MessageCounts, PointCounts
from tests.support.spooling import make_record, open_small
from tests.unit.ingest.messages import NOW_MS

SNAPSHOT = LedgerSnapshot(
    messages=MessageCounts(
        received=10, acknowledged=7, unacknowledged=2, abandoned=1, redelivered=1, qos0=3,
        qos0_dropped=0,
    ),
    points=PointCounts(decoded=108, confirmed=60, dead_lettered=5, in_flight=35, withdrawn=8),
    dead_letters={"not_json": 4},
    sequence_gaps=8,
)  # fmt: skip


@pytest.fixture
def status() -> WorkerStatus:
    return WorkerStatus("w-1", NOW_MS)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pages(status: WorkerStatus, clock: ManualClock) -> Pages:
    return Pages(status, clock)


def _json(pages: Pages, path: str) -> tuple[int, dict[str, Any]]:
    code, _, body = pages.get(path)
    return code, json.loads(body)


def _readiness(reasons: dict[str, str], *granted: str) -> dict[str, Any]:
    return {
        "ready": not reasons, "reasons": reasons, "warnings": {}, "city_version": "",
        "worker": "w-1", "subscribed": list(granted),
    }  # fmt: skip


def test_a_worker_is_not_ready_until_it_holds_a_session_and_reached_the_database(
    pages: Pages, status: WorkerStatus
) -> None:
    reasons = {"session": "starting", "database": "starting"}
    assert _json(pages, "/readyz") == (503, _readiness(reasons))
    status.session.ok()
    assert _json(pages, "/readyz")[0] == 503
    status.database.ok()
    status.granted = frozenset({"b", "a"})
    assert _json(pages, "/readyz") == (200, _readiness({}, "a", "b"))


def test_a_city_that_is_not_followed_is_a_warning_and_a_metric(
    status: WorkerStatus, pages: Pages
) -> None:
    assert b'gigacity_worker_city_ok{worker="w-1"} 1.0' in pages.get("/metrics")[2]
    status.city.failed("version 1 stays in force")
    status.city_version = "1"
    content = _json(pages, "/readyz")[1]

    assert (content["warnings"]["city"], content["city_version"]) == (status.city.problem, "1")
    assert "city" not in content["reasons"]
    assert b'gigacity_worker_city_ok{worker="w-1"} 0.0' in pages.get("/metrics")[2]


def test_a_worker_without_one_of_its_areas_is_not_ready_and_a_metric_says_so(
    status: WorkerStatus, pages: Pages
) -> None:
    assert b'gigacity_worker_subscriptions_ok{worker="w-1"} 1.0' in pages.get("/metrics")[2]
    status.subscriptions.failed("subscription refused")
    status.session.ok()
    status.database.ok()

    expected = {"subscriptions": "subscription refused"}
    assert _json(pages, "/readyz") == (503, _readiness(expected))
    assert b'gigacity_worker_subscriptions_ok{worker="w-1"} 0.0' in pages.get("/metrics")[2]


def test_readiness_says_why_not(pages: Pages, status: WorkerStatus) -> None:
    status.session.ok()
    status.database.ok()
    status.dead_letter_store.failed("no space")
    status.is_draining = True

    expected = {"dead_letter_store": "no space", "worker": "draining"}
    assert _json(pages, "/readyz") == (503, _readiness(expected))


def test_a_network_thread_that_hangs_is_not_healthy(
    pages: Pages, status: WorkerStatus, clock: ManualClock
) -> None:
    assert _json(pages, "/healthz") == (200, {"status": "ok"})
    clock.advance_s(STALLED_S + 1)
    assert _json(pages, "/healthz")[0] == 503
    status.heartbeat_s = clock.monotonic_s()
    assert _json(pages, "/healthz")[0] == 200


def test_the_ledger_is_the_last_snapshot(pages: Pages, status: WorkerStatus) -> None:
    assert _json(pages, "/ledger")[0] == 503
    status.snapshot = SNAPSHOT
    code, ledger = _json(pages, "/ledger")

    assert code == 200
    assert ledger["balanced"] is True
    assert ledger["messages"] == {
        "received": 10, "acknowledged": 7, "unacknowledged": 2, "abandoned": 1, "redelivered": 1,
        "qos0": 3, "qos0_dropped": 0,
    }  # fmt: skip
    assert ledger["points"] == {
        "decoded": 108, "spooled_at_start": 0, "confirmed": 60, "dead_lettered": 5,
        "spooled": 0, "in_flight": 35, "withdrawn": 8, "damaged": 0,
    }  # fmt: skip


def test_metrics_speak_of_the_same_snapshot(pages: Pages, status: WorkerStatus) -> None:
    status.snapshot = SNAPSHOT
    status.session.ok()
    code, content_type, body = pages.get("/metrics")
    lines = set(body.decode().splitlines())

    assert (code, content_type.split(";")[0]) == (200, "text/plain")
    assert {
        'gigacity_worker_messages_received_total{worker="w-1"} 10.0',
        'gigacity_worker_points_confirmed_total{worker="w-1"} 60.0',
        'gigacity_worker_points_decoded_total{worker="w-1"} 108.0',
        'gigacity_worker_points_in_flight{worker="w-1"} 35.0',
        'gigacity_worker_dead_letters_total{reason="not_json",worker="w-1"} 4.0',
        'gigacity_worker_sequence_gaps_total{worker="w-1"} 8.0',
        'gigacity_worker_connected{worker="w-1"} 1.0',
        'gigacity_worker_database_up{worker="w-1"} 0.0',
        'gigacity_worker_balanced{worker="w-1"} 1.0',
    } <= lines


def test_the_histogram_adds_up_from_bucket_to_bucket(pages: Pages, status: WorkerStatus) -> None:
    clock = LatencyHistogram()
    clock.add(0.4, 90)
    clock.add(4.5, 10)
    status.snapshot = msgspec.structs.replace(SNAPSHOT, latency=clock.figures())
    name = "gigacity_worker_end_to_end_latency_seconds"
    lines = set(pages.get("/metrics")[2].decode().splitlines())

    assert {
        f"# TYPE {name} histogram",
        f'{name}_bucket{{le="0.3",worker="w-1"}} 0.0',
        f'{name}_bucket{{le="0.5",worker="w-1"}} 90.0',
        f'{name}_bucket{{le="5.0",worker="w-1"}} 100.0',
        f'{name}_bucket{{le="+Inf",worker="w-1"}} 100.0',
        f'{name}_count{{worker="w-1"}} 100.0',
        f'{name}_sum{{worker="w-1"}} 81.0',
    } <= lines
    shown = _json(pages, "/ledger")[1]["latency"]
    assert (shown["points"], shown["max_s"], shown["p99_s"]) == (100, 4.5, 4.45)


@pytest.fixture
def server(pages: Pages) -> Iterator[HealthServer]:
    server = HealthServer("127.0.0.1", 0, pages)
    server.start()
    yield server
    server.close()


def test_the_page_is_served_over_http(server: HealthServer) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/healthz?x=1") as response:
        assert json.load(response) == {"status": "ok"}
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz")
    assert caught.value.code == 503
    assert "reasons" in json.loads(caught.value.read())
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/etc/passwd")
    assert caught.value.code == 404
    caught.value.close()


def test_head_is_get_without_a_body_and_errors_are_no_web_page(server: HealthServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    answers = {}
    for method in ("GET", "HEAD", "GET"):
        connection.request(method, "/healthz")
        answer = connection.getresponse()
        answers[method] = (answer.status, answer.headers["Content-Length"], answer.read())
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answers["HEAD"] == (200, answers["GET"][1], b"")
    connection.request("PROPFIND", "/healthz")
    refused = connection.getresponse()
    assert (refused.status, refused.headers["Content-Type"]) == (501, "application/json")
    assert "PROPFIND" in json.load(refused)["error"]
    connection.close()


def test_a_busy_port_is_a_wrong_setting(server: HealthServer, pages: Pages) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_HTTP_LISTEN"):
        HealthServer("127.0.0.1", server.port, pages)


class _Log:
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def warning(self, event: str, **details: str) -> None:
        self.said.append((event, details["problem"]))

    def info(self, event: str, **_details: str) -> None:
        self.said.append((event, ""))


def test_a_loss_each_of_its_reasons_and_the_return_are_said_once() -> None:
    log = _Log()
    health = HealthState("database", log=log)  # type: ignore[arg-type] # a fake
    for problem in ("refused", "refused", "reset", "refused", "reset"):
        health.failed(problem)
    for _ in range(3):
        health.ok()
    health.failed("refused")

    assert log.said == [("lost", "refused"), ("lost", "reset"), ("ready", ""), ("lost", "refused")]
    assert health.failures == 6


def test_an_unbalanced_ledger_is_an_alarm_but_keeps_the_worker_ready(
    pages: Pages, status: WorkerStatus
) -> None:
    for health in (status.session, status.database):
        health.ok()
    wrong = msgspec.structs.replace(
        SNAPSHOT, points=msgspec.structs.replace(SNAPSHOT.points, confirmed=61)
    )
    status.take_snapshot(wrong)
    code, content = _json(pages, "/readyz")

    assert (code, content["ready"]) == (200, True)
    assert "does not balance" in content["warnings"]["ledger"]
    lines = pages.get("/metrics")[2].decode().splitlines()
    assert 'gigacity_worker_imbalances_total{worker="w-1"} 1.0' in lines
    assert 'gigacity_worker_balanced{worker="w-1"} 0.0' in lines
    status.take_snapshot(SNAPSHOT)
    assert _json(pages, "/readyz")[1]["warnings"] == {}


def test_an_alarm_about_refused_input_is_shown(pages: Pages, status: WorkerStatus) -> None:
    status.take_snapshot(msgspec.structs.replace(SNAPSHOT, alarm="most is refused"))

    assert _json(pages, "/readyz")[1]["warnings"] == {"refusals": "most is refused"}
    lines = pages.get("/metrics")[2].decode().splitlines()
    assert 'gigacity_worker_refusal_alarm{worker="w-1"} 1.0' in lines


def test_publishers_with_gaps_are_listed(pages: Pages, status: WorkerStatus) -> None:
    status.sequences.observe("gigacity/v1/371602/olt/olt-a/pon", 5, 9)

    assert _json(pages, "/sequences") == (
        200,
        {
            "gaps": 3,
            "reordered": 0,
            "of_publishers_not_named": 0,
            "publishers": [
                {"publisher": "gigacity/v1/371602/olt/olt-a/pon", "gaps": 3, "reordered": 0}
            ],
        },
    )


def test_sources_show_what_became_of_properties(pages: Pages, status: WorkerStatus) -> None:
    counts = SourceCounts([("smoke_detector", ("alarm", "temp_c"))])
    counts.fields[0][0] = 2
    counts.unmapped.update(iccid=7, rssi=9)
    status.source_counts = {"alink-a": IntakeCounts(mapped=counts), "b": IntakeCounts()}

    counts.empty, counts.unknown_ignored, counts.retained_ignored = 3, 4, 5
    lines = pages.get("/metrics")[2].decode().splitlines()
    for outcome, number in (("empty", 3), ("unknown", 4), ("retained", 5)):
        label = f'outcome="{outcome}",source="alink-a",worker="w-1"'
        assert f"gigacity_worker_source_readings_total{{{label}}} {number}.0" in lines

    code, shown = _json(pages, "/sources")
    assert (code, shown["b"]) == (200, {})
    assert shown["alink-a"] == {
        "absent": {"smoke_detector.alarm": 2},
        "unmapped": {"rssi": 9, "iccid": 7},
    }
    assert list(shown["alink-a"]["unmapped"]) == ["rssi", "iccid"]


def test_a_spool_that_fails_is_a_reason_and_one_that_waits_a_warning(
    pages: Pages, status: WorkerStatus, tmp_path: Path
) -> None:
    spool = open_small(tmp_path / "spool")
    spool.append(make_record(7))
    status.spool_state = spool.status()
    status.spool_notices = {"torn_tail": 1}
    status.spool.failed("the disk is read-only")
    code, content = _json(pages, "/readyz")

    assert (code, content["reasons"]["spool"]) == (503, "the disk is read-only")
    assert content["warnings"] == {"spool_waits": "7 points wait on disk for the database"}
    lines = pages.get("/metrics")[2].decode().splitlines()
    assert 'gigacity_worker_spool_records{worker="w-1"} 1.0' in lines
    assert 'gigacity_worker_spool_ok{worker="w-1"} 0.0' in lines
    assert 'gigacity_worker_spool_notices_total{kind="torn_tail",worker="w-1"} 1.0' in lines
    spool.close()


def test_a_budget_that_is_half_used_is_a_warning_and_a_metric(
    pages: Pages, status: WorkerStatus
) -> None:
    status.take_dead_letters(StoreStatus(600, 1000, 3, 2, "publisher p took more than half"))

    assert _json(pages, "/readyz")[1]["warnings"] == {
        "dead_letter_budget": "publisher p took more than half"
    }
    lines = pages.get("/metrics")[2].decode().splitlines()
    for name, value in (
        ("dead_letter_alarm", 1.0), ("dead_letter_disk_bytes", 600.0),
        ("dead_letters_summarized_total", 3.0), ("dead_letters_counted_total", 2.0),
    ):  # fmt: skip
        assert f'gigacity_worker_{name}{{worker="w-1"}} {value}' in lines
    status.take_dead_letters(StoreStatus())
    assert _json(pages, "/readyz")[1]["warnings"] == {}
