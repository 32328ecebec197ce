"""Small pure rules: back-off, late-data markers, the worker's own rows, topic filters."""

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.local_time import DAY_MS
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.worker_values import worker_values
from gigacity_ingest.decode.late_markers import LateMarkers
from gigacity_ingest.decode.point_spans import MAX_RUNS, RUN_GAP_MS, PointSpan, runs_of
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


def test_late_points_announce_themselves_and_others_do_not() -> None:
    """Whatever else is in the batch: of a run that is late in part, that part."""
    spans = {
        ("pon_port", "371602"): (
            PointSpan(NOW_MS - DAY_MS, NOW_MS - DAY_MS + 5, 2),
            PointSpan(NOW_MS - 3_600_000, NOW_MS - 3_600_000, 1),
            PointSpan(NOW_MS - 120_001, NOW_MS, 32),
        ),
        ("device_camera", "371602"): (PointSpan(NOW_MS - 120_000, NOW_MS, 5),),
    }
    points = [parse_line(line) for line in LateMarkers("w-1").lines(spans, NOW_MS)]

    tags = {"area": "371602", "measurement": "pon_port", "worker": "w-1"}
    assert all((p.measurement, p.tags) == ("arrival", tags) for p in points)
    assert [
        (p.fields["from_ms"][1], p.fields["to_ms"][1], p.fields["points"][1]) for p in points
    ] == [
        (NOW_MS - DAY_MS, NOW_MS - DAY_MS + 5, 2),
        (NOW_MS - 3_600_000, NOW_MS - 3_600_000, 1),
        (NOW_MS - 120_001, NOW_MS - 120_001, 32),
    ]


def test_no_marker_overwrites_another() -> None:
    """Rows of one series at one time are one row, of whatever batches they speak."""
    markers = LateMarkers("w-1")
    ago = (7_200_000, 3_600_000)
    spans = {("pon_port", "371602"): tuple(PointSpan(NOW_MS - a, NOW_MS - a, 1) for a in ago)}
    times = [
        parse_line(line).time
        for now_ms in (NOW_MS, NOW_MS, NOW_MS + 1, NOW_MS - 5, NOW_MS + 1000)
        for line in markers.lines(spans, now_ms)
    ]
    assert len(set(times)) == len(times) == 10
    assert times[-2] == NOW_MS + 1000


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 9)), min_size=1, max_size=200))
def test_runs_hold_every_point_and_few_of_them_much_time(found: list[tuple[int, int]]) -> None:
    runs = runs_of(found)
    assert len(runs) <= MAX_RUNS
    assert sum(run.points for run in runs) == sum(points for _, points in found)
    assert all(any(run.first_ms <= ts <= run.last_ms for run in runs) for ts, _ in found)
    assert all(b.first_ms - a.last_ms > RUN_GAP_MS for a, b in pairwise(runs))
    times = sorted(ts for ts, _ in found)
    if len(runs) < MAX_RUNS:
        assert len(runs) == 1 + sum(b - a > RUN_GAP_MS for a, b in pairwise(times))


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
