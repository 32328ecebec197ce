"""Small pure rules: back-off, late-data markers, the worker's own rows, topic filters."""

import random

from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.worker_values import worker_values
from gigacity_ingest.decode.late_markers import late_marker_lines
from gigacity_ingest.decode.outcome import PointSpan
from gigacity_ingest.pipeline.backoff import Backoff
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot, MessageCounts, PointCounts
from gigacity_ingest.pipeline.worker_rows import worker_lines
from tests.support.line_protocol import parse_line
from tests.unit.ingest.messages import NOW_MS


def test_delays_double_up_to_the_cap_and_start_again_after_success() -> None:
    backoff = Backoff(first_s=1.0, cap_s=8.0, random=random.Random(7))  # noqa: S311 - no secret.
    delays = [backoff.next_s() for _ in range(6)]

    for delay, full in zip(delays, [1, 2, 4, 8, 8, 8], strict=True):
        assert full / 2 <= delay <= full
    backoff.reset()
    assert backoff.next_s() <= 1.0


def test_a_long_outage_does_not_overflow() -> None:
    backoff = Backoff(failures=100_000)

    assert backoff.next_s() <= 5.0


def test_late_series_announce_themselves_and_others_do_not() -> None:
    spans = {
        ("pon_port", "371602"): PointSpan(NOW_MS - 120_001, NOW_MS, 32),
        ("device_camera", "371602"): PointSpan(NOW_MS - 120_000, NOW_MS, 5),
    }
    (line,) = late_marker_lines(spans, worker="w-1", now_ms=NOW_MS)

    point = parse_line(line)
    assert point.measurement == "arrival"
    assert point.tags == {"area": "371602", "measurement": "pon_port", "worker": "w-1"}
    assert point.fields == {
        "from_ms": ("integer", NOW_MS - 120_001),
        "to_ms": ("integer", NOW_MS),
        "points": ("integer", 32),
    }
    assert point.time == NOW_MS


def _snapshot() -> LedgerSnapshot:
    return LedgerSnapshot(
        messages=MessageCounts(
            received=10, acknowledged=7, unacknowledged=2, abandoned=1, redelivered=1, qos0=3,
            qos0_dropped=0,
        ),
        points=PointCounts(decoded=100, confirmed=60, dead_lettered=5, in_flight=35),
        dead_letters={"not_json": 4, "bad_field": 2},
        sequence_gaps=8,
    )  # fmt: skip


def test_the_workers_rows_carry_both_ledgers_and_dead_letters_by_reason() -> None:
    status = WorkerStatus("w-1", NOW_MS - 5, snapshot=_snapshot())
    status.session.ok()
    status.database.failures = 9
    lines = worker_lines(
        worker_values(status), _snapshot().dead_letters, worker="w-1", now_ms=NOW_MS,
        started_ms=NOW_MS - 5, areas="371602,372301",
    )  # fmt: skip
    own, *dead_letters = [parse_line(line) for line in lines]

    assert own.measurement == "gigacity_worker"
    values = {name: value for name, (_, value) in own.fields.items()}
    assert values["messages_received"] == 10
    assert values["messages_abandoned"] == 1
    assert values["points_in_flight"] == 35
    assert values["dead_letters"] == 6
    assert values["write_failures"] == 9
    assert values["areas"] == "371602,372301"
    assert (values["connected"], values["balanced"]) == (True, True)
    assert [(p.tags["reason"], p.fields["count"]) for p in dead_letters] == [
        ("bad_field", ("integer", 2)),
        ("not_json", ("integer", 4)),
    ]


def test_a_ledger_that_does_not_balance_says_so() -> None:
    points = PointCounts(decoded=100, confirmed=60, dead_lettered=5, in_flight=34)

    assert not points.is_balanced
    assert _snapshot().is_balanced
