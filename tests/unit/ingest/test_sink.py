"""The sink thread: durable first, confirmed next, announced if late, and only then settled."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gigacity_contract.clock import ManualClock
from gigacity_contract.influx import (
    Denied,
    Malformed,
    Server,
    Unavailable,
    WriteOutcome,
    Written,
)
from gigacity_contract.influx.server import Flavour
from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.sink import Sink
from gigacity_ingest.adapters.spool_gate import SpoolGate
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.dead_letters.store import DeadLetterStore
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.influx.storage import Storage
from gigacity_ingest.pipeline.batch import Batch, JobResult, SpoolCounts
from gigacity_ingest.pipeline.dispatching import DispatchPolicy
from gigacity_ingest.spool import SpoolPolicy
from tests.unit.ingest.messages import NOW_MS, PON_TOPIC, pon, port

Answer = Callable[[str, list[bytes]], WriteOutcome | None]
"""None: the database stays silent."""


class FakeDatabase:
    """Answers as it is told and remembers what was posted, probes apart."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, list[bytes]]] = []
        self.answer: Answer = lambda _policy, _lines: Written()
        self.probe: WriteOutcome = Written()

    def write(self, _policy: str, _precision: str, lines: list[bytes]) -> WriteOutcome:
        assert not lines
        return self.probe

    def ping(self) -> Server:
        return Server(Flavour.V1, "1.6.7")

    def close(self) -> None:
        """Nothing is open."""


class FakeLane:
    """A connection to the fake database."""

    def __init__(self, database: FakeDatabase) -> None:
        self.database = database
        self.silent, self.other = socket.socketpair()
        self.outcome: WriteOutcome | None = None

    def begin(self, policy: str, _precision: str, packed: bytes) -> None:
        lines = gzip.decompress(packed).split(b"\n")
        self.database.posted.append((policy, lines))
        self.outcome = self.database.answer(policy, lines)

    def fileno(self) -> int | None:
        return self.silent.fileno() if self.outcome is None else None

    def finish(self) -> WriteOutcome | None:
        return self.outcome

    def give_up(self, _waited_s: float) -> WriteOutcome:
        return Unavailable(None, "no answer")

    def close(self) -> None:
        self.silent.close()
        self.other.close()


class Harness:
    """A running sink thread with a fake database."""

    def __init__(self, folder: Path) -> None:
        self.database = FakeDatabase()
        self.clock = ManualClock(wall_ms=NOW_MS)
        self.status = WorkerStatus("w-1", NOW_MS)
        self.store = DeadLetterStore(folder / "letters", budget_bytes=1 << 20)
        self.sink_waker, self.waker = Waker(), Waker()
        self.queue = Queue(self.sink_waker)
        self.results: Results[JobResult] = Results(self.waker)
        self.folder = folder
        self.created = 0
        storage = Storage(self.database, bucket="gigacity", create=self._create)  # type: ignore[arg-type] # a fake
        self.sink = Sink(
            connections=[FakeLane(self.database), FakeLane(self.database)],
            storage=storage,
            store=self.store,
            spool=SpoolGate(
                folder / "spool",
                policy=SpoolPolicy(max_bytes=40_000, fill_bytes=1000),
                clock=self.clock,
                health=self.status.spool,
            ),
            queue=self.queue,
            results=self.results,
            waker=self.sink_waker,
            status=self.status,
            clock=self.clock,
            policy=DispatchPolicy(spool_after_s=5.0),
            timeout_s=30.0,
        )
        self.thread = threading.Thread(target=self.sink.run)

    def _create(self, _server: Server) -> None:
        self.created += 1
        self.database.probe = Written()

    def wait(self, health: Callable[[], object], *, step_s: float = 0.0) -> None:
        """Wait until it holds; the manual clock goes on by so much each time."""
        until = time.monotonic() + 5
        while not health():
            assert time.monotonic() < until, "the sink did not get there"
            self.clock.advance_s(step_s)
            self.sink_waker.wake()
            time.sleep(0.002)

    def collect(
        self, is_enough: Callable[[list[JobResult]], object], *, step_s: float
    ) -> list[JobResult]:
        """Outcomes, until they are enough; how long they took is no matter here."""
        found: list[JobResult] = []

        def arrived() -> bool:
            found.extend(replace(d, ages=(), busy_s=0.0) for d in self.results.drain())
            return bool(is_enough(found))

        self.wait(arrived, step_s=step_s)
        return found

    def result(self, *, step_s: float = 0.01) -> JobResult:
        """The outcome of the first batch that is settled."""
        return self.results_of(1, step_s=step_s)[0]

    def results_of(self, batches: int, *, step_s: float = 0.01) -> list[JobResult]:
        """The outcomes of so many batches; several may arrive at once."""
        found = self.collect(
            lambda found: sum(d.number > 0 for d in found) >= batches, step_s=step_s
        )
        return [d for d in found if d.number]


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    harness = Harness(tmp_path)
    harness.thread.start()
    yield harness
    harness.sink.stop()
    harness.thread.join(5)
    assert harness.sink.failure is None
    harness.waker.close()
    harness.sink_waker.close()


def _batch(decoder: Decoder, *payloads: bytes, number: int = 1) -> Batch:
    batch = Batch(number, 1, 0.0)
    for payload in payloads:
        message = ReceivedMessage(PON_TOPIC.encode(), payload, False, NOW_MS)
        decoder.decode(message, batch.outcome)
        batch.messages += 1
    return batch


def test_a_batch_is_posted_and_settled(harness: Harness, decoder: Decoder) -> None:
    harness.queue.put(_batch(decoder, pon(port(1, 0), port(1, 1))))

    assert harness.result() == JobResult(1, 2, 0, {})
    assert harness.database.posted[0][0] == "raw"


def test_dead_letters_are_durable_before_anything_is_posted(
    harness: Harness, decoder: Decoder
) -> None:
    stored_first: list[int] = []

    def answer(policy: str, _lines: list[bytes]) -> WriteOutcome:
        if policy == "raw":
            stored_first.append(len(list(harness.store.unique())))
        return Written()

    harness.database.answer = answer
    harness.queue.put(_batch(decoder, b"junk", pon(port())))

    assert harness.result() == JobResult(1, 1, 0, {"not_json": 1})
    assert stored_first == [1]


def test_a_short_outage_is_waited_out_and_shown(harness: Harness, decoder: Decoder) -> None:
    harness.database.answer = lambda _policy, _lines: Unavailable(None, "connection refused")
    harness.queue.put(_batch(decoder, pon(port())))
    harness.wait(lambda: harness.status.database.problem == "connection refused", step_s=0.02)
    assert [d for d in harness.results.drain() if d.number] == []
    harness.database.answer = lambda _policy, _lines: Written()

    assert harness.result() == JobResult(1, 1, 0, {})
    assert "database" not in harness.status.problems()


def test_a_long_outage_is_spooled_settled_and_drained(harness: Harness, decoder: Decoder) -> None:
    harness.database.answer = lambda _policy, _lines: Unavailable(None, "connection refused")
    harness.queue.put(_batch(decoder, pon(port(1, 0), port(1, 1))))

    assert harness.result(step_s=0.5) == JobResult(1, 0, 0, {}, SpoolCounts(points=2))
    harness.database.posted.clear()
    harness.clock.advance_s(600)
    harness.database.answer = lambda _policy, _lines: Written()
    found = harness.collect(bool, step_s=0.1)
    assert found == [JobResult(0, 2, 0, {}, SpoolCounts(points=0))]
    assert [policy for policy, _ in harness.database.posted] == ["raw", "ops"]
    assert harness.database.posted[1][1][0].startswith(b"arrival,")


def test_a_silent_database_is_slow_its_batch_is_spooled_and_others_too(
    harness: Harness, decoder: Decoder
) -> None:
    harness.database.answer = lambda _policy, _lines: None
    for number in (1, 2, 3):
        harness.queue.put(_batch(decoder, pon(port()), number=number))
    found = harness.collect(lambda found: len(found) == 3, step_s=0.1)

    assert [(d.number, d.confirmed) for d in found] == [(1, 0), (2, 0), (3, 0)]
    assert found[-1].spool == SpoolCounts(points=3)


def test_missing_storage_is_made_and_the_batch_kept(harness: Harness, decoder: Decoder) -> None:
    def answer(_policy: str, _lines: list[bytes]) -> WriteOutcome:
        if harness.created:
            return Written()
        harness.database.probe = Denied(404, "database not found")
        return Denied(404, "database not found")

    harness.database.answer = answer
    harness.queue.put(_batch(decoder, pon(port())))

    assert harness.result().confirmed == 1
    assert harness.created == 1


def test_lines_that_the_database_refuses_are_dead_letters(
    harness: Harness, decoder: Decoder
) -> None:
    def answer(policy: str, lines: list[bytes]) -> WriteOutcome:
        bad = next((line for line in lines if b"port=1," in line), None)
        if policy != "raw" or bad is None:
            return Written()
        return Malformed((bad,), "unable to parse", rest_stored=False)

    harness.database.answer = answer
    harness.queue.put(_batch(decoder, pon(port(1, 0), port(1, 1), port(1, 2))))

    assert harness.result() == JobResult(1, 2, 1, {"sink_rejected": 1})
    (stored,) = harness.store.unique()
    assert (stored.dead_letter.policy, stored.dead_letter.points) == ("raw", 1)
    assert b"port=1," in stored.dead_letter.payload


def test_late_points_are_announced_after_they_are_confirmed(
    harness: Harness, decoder: Decoder
) -> None:
    harness.queue.put(_batch(decoder, pon(port(), ts=NOW_MS - 200_000)))
    harness.result()

    assert [policy for policy, _ in harness.database.posted] == ["raw", "ops"]
    assert harness.database.posted[1][1][0].startswith(b"arrival,")


def test_a_batch_is_not_settled_before_its_arrival_rows_are_confirmed(
    harness: Harness, decoder: Decoder
) -> None:
    harness.database.answer = lambda policy, _lines: (
        Unavailable(None, "ops is away") if policy == "ops" else Written()
    )
    harness.queue.put(_batch(decoder, pon(port(), ts=NOW_MS - 200_000)))
    harness.wait(lambda: harness.status.problems().get("database") == "ops is away", step_s=0.02)

    assert harness.results.drain() == []
    harness.database.answer = lambda _policy, _lines: Written()
    assert harness.result().confirmed == 1


def test_a_disk_that_takes_no_dead_letters_stops_settling_and_loses_nothing(
    harness: Harness, decoder: Decoder
) -> None:
    harness.store.folder.write_text("no folder")
    harness.queue.put(_batch(decoder, b"x" * 20_000))
    harness.wait(lambda: "dead_letter_store" in harness.status.problems())

    assert harness.results.drain() == []
    assert harness.database.posted == []


def test_dead_letters_beyond_their_budget_settle_all_the_same(
    harness: Harness, decoder: Decoder
) -> None:
    for number in range(1, 4):
        harness.queue.put(_batch(decoder, b"x" * 200_000 * number, number=number))
    results = harness.results_of(3)

    assert [r.dead_letters for r in results] == [{"not_json": 1}] * 3
    assert [s.dead_letter.size for s in harness.store.unique()] == [200_000, 400_000, 600_000]
    harness.wait(lambda: harness.status.dead_letter_state.summarized == 3, step_s=0.5)
    assert "dead_letter_store" not in harness.status.problems()


def test_a_full_spool_stops_settling_loses_nothing_and_goes_on_with_room(
    harness: Harness, decoder: Decoder
) -> None:
    harness.database.answer = lambda _policy, _lines: Unavailable(None, "away")
    for number in range(1, 61):
        payloads = [pon(*(port(s, p) for s in range(5) for p in range(10)), ts=NOW_MS - number - n)
                    for n in range(8)]  # fmt: skip
        harness.queue.put(_batch(decoder, *payloads, number=number))
    found = harness.collect(lambda _: "spool" in harness.status.problems(), step_s=0.5)
    assert "GIGACITY_SPOOL_BUDGET_MB" in harness.status.problems()["spool"]
    assert 0 < len([d for d in found if d.number]) < 60
    harness.database.answer = lambda _policy, _lines: Written()
    settled = sum(d.confirmed for d in found)
    found += harness.collect(
        lambda more: settled + sum(d.confirmed for d in more) == 60 * 400, step_s=0.5
    )

    assert sorted(d.number for d in found if d.number) == list(range(1, 61))
    assert "spool" not in harness.status.problems()


def test_the_workers_own_rows_go_the_same_way_and_settle_nothing(harness: Harness) -> None:
    harness.sink.offer_rows([b"gigacity_worker,worker=w v=1i 1"])
    harness.wait(lambda: harness.database.posted)

    assert harness.database.posted[0][0] == "ops"
    assert harness.results.drain() == []


def test_a_stop_during_an_outage_ends_the_thread_soon(harness: Harness, decoder: Decoder) -> None:
    harness.database.answer = lambda _policy, _lines: Unavailable(None, "away")
    harness.queue.put(_batch(decoder, pon(port())))
    harness.wait(lambda: harness.status.database.problem == "away", step_s=0.02)
    harness.sink.stop()
    harness.thread.join(2)

    assert not harness.thread.is_alive()
    assert [d for d in harness.results.drain() if d.number] == []


def test_a_worker_that_ends_in_an_outage_spools_at_once(harness: Harness, decoder: Decoder) -> None:
    harness.database.answer = lambda _policy, _lines: Unavailable(None, "away")
    harness.queue.put(_batch(decoder, pon(port())))
    harness.wait(lambda: harness.status.database.problem == "away", step_s=0.02)
    harness.sink.flush_on_shutdown()

    assert harness.result(step_s=0.0).spool == SpoolCounts(points=1)
