"""When a worker writes rows about itself: at an interval, and at once when what it owns changes."""

from typing import cast

from gigacity_contract.clock import ManualClock
from gigacity_ingest.adapters.row_reporter import RowReporter
from gigacity_ingest.adapters.sink import Sink
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot, MessageCounts, PointCounts
from tests.support.line_protocol import parse_line
from tests.unit.ingest.messages import NOW_MS

A, B = "gigacity/v1/371602/#", "gigacity/v1/371621/#"
EMPTY = LedgerSnapshot(
    messages=MessageCounts(
        received=0, acknowledged=0, unacknowledged=0, abandoned=0, redelivered=0, qos0=0,
        qos0_dropped=0,
    ),
    points=PointCounts(decoded=0, confirmed=0, dead_lettered=0, in_flight=0),
    dead_letters={},
)  # fmt: skip


class Rows:
    """A sink that keeps what each row says that its worker owns."""

    def __init__(self, *, gives_up: bool = False) -> None:
        self.owned: list[str] = []
        self.clock = ManualClock()
        self.status = WorkerStatus("w-1", NOW_MS)
        self.reporter = RowReporter(
            self.status, cast("Sink", self), self.clock, interval_s=10.0, gives_up=gives_up
        )

    def offer_rows(self, lines: list[bytes]) -> None:
        self.owned.append(str(parse_line(lines[0]).fields["areas"][1]))

    def turn(self, *granted: str, after_s: float = 0.1) -> None:
        self.clock.advance_s(after_s)
        self.reporter.note_granted(frozenset(granted))
        self.reporter.report_if_due(lambda _: EMPTY)


def test_another_owner_is_told_at_once_and_the_same_one_at_the_interval() -> None:
    rows = Rows()
    rows.status.database.ok()
    rows.turn()
    assert rows.owned == []
    rows.turn(A)
    rows.turn(A)
    rows.turn(A, B)
    assert rows.owned == ["371602", "371602,371621"]
    rows.turn(A, B, after_s=9.0)
    assert len(rows.owned) == 2
    rows.turn(A, B, after_s=1.5)
    assert rows.owned[2:] == ["371602,371621"]


def test_a_connection_that_is_away_takes_no_area_from_its_session() -> None:
    rows = Rows()
    rows.status.database.ok()
    rows.turn(A)
    rows.turn(after_s=11.0)
    assert rows.owned == ["371602", "371602"]


def test_what_a_worker_owns_waits_for_the_database() -> None:
    rows = Rows()
    rows.turn(A)
    assert (rows.owned, rows.reporter.is_pending) == ([], True)
    rows.status.database.ok()
    rows.turn(A)
    assert (rows.owned, rows.reporter.is_pending) == (["371602"], False)


def test_a_worker_that_leaves_says_first_that_it_owns_nothing() -> None:
    rows = Rows(gives_up=True)
    assert rows.reporter.is_pending
    rows.status.database.ok()
    rows.turn()
    assert (rows.owned, rows.reporter.is_pending) == ([""], False)
