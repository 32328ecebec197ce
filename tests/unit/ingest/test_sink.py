"""The sink thread: durable first, confirmed next, announced if late, and only then settled."""

import threading
import time
from collections.abc import Callable, Iterator
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
from gigacity_ingest.adapters.dead_letter_store import DeadLetterStore
from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.sink import Item, Rows, Sink
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.storage import Storage
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Arrived
from gigacity_ingest.pipeline.batch import Batch, Delivered
from tests.unit.ingest.messages import NOW_MS, PON_TOPIC, pon, port

Answer = Callable[[str, list[bytes]], WriteOutcome]


class FakeWriter:
    """Answers as it is told and remembers what was posted, probes apart."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, list[bytes]]] = []
        self.answer: Answer = lambda _policy, _lines: Written()
        self.probe: WriteOutcome = Written()

    def write(self, policy: str, _precision: str, lines: list[bytes]) -> WriteOutcome:
        if not lines:
            return self.probe
        self.posted.append((policy, lines))
        return self.answer(policy, lines)

    def ping(self) -> Server:
        return Server(Flavour.V1, "1.6.7")

    def close(self) -> None:
        """Nothing is open."""


class Harness:
    """A running sink thread with a fake database."""

    def __init__(self, folder: Path) -> None:
        self.writer = FakeWriter()
        self.clock = ManualClock(wall_ms=NOW_MS)
        self.status = WorkerStatus("w-1", NOW_MS)
        self.store = DeadLetterStore(folder, budget_bytes=10_000)
        self.queue: Queue[Item] = Queue()
        self.waker = Waker()
        self.results: Results[Delivered] = Results(self.waker)
        storage = Storage(self.writer, bucket="gigacity", create=self._create)  # type: ignore[arg-type] # a fake
        self.sink = Sink(
            writer=self.writer,  # type: ignore[arg-type] # a fake
            storage=storage,
            store=self.store,
            queue=self.queue,
            results=self.results,
            status=self.status,
            clock=self.clock,
        )
        self.thread = threading.Thread(target=self.sink.run)
        self.created = 0

    def _create(self, _server: Server) -> None:
        self.created += 1
        self.writer.probe = Written()

    def wait(self, condition: Callable[[], object]) -> None:
        until = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < until, "the sink did not get there"
            time.sleep(0.002)

    def result(self) -> Delivered:
        found: list[Delivered] = []

        def arrived() -> bool:
            found.extend(self.results.drain())
            return bool(found)

        self.wait(arrived)
        return found[0]


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    harness = Harness(tmp_path)
    harness.thread.start()
    yield harness
    harness.sink.stop()
    harness.thread.join(5)
    assert harness.sink.failure is None
    harness.waker.close()


def _batch(decoder: Decoder, *payloads: bytes, number: int = 1) -> Batch:
    batch = Batch(number, 1, 0.0)
    for payload in payloads:
        message = Arrived(PON_TOPIC.encode(), payload, False, NOW_MS)
        decoder.decode(message, batch.outcome)
        batch.messages += 1
    return batch


def test_a_batch_is_posted_and_settled(harness: Harness, decoder: Decoder) -> None:
    harness.queue.put(_batch(decoder, pon(port(1, 0), port(1, 1))))

    assert harness.result() == Delivered(1, 2, 0, {})
    assert [policy for policy, _ in harness.writer.posted] == ["raw"]


def test_dead_letters_are_durable_before_anything_is_posted(
    harness: Harness, decoder: Decoder
) -> None:
    stored_first: list[int] = []

    def answer(_policy: str, _lines: list[bytes]) -> WriteOutcome:
        stored_first.append(len(harness.store.unique()))
        return Written()

    harness.writer.answer = answer
    harness.queue.put(_batch(decoder, b"junk", pon(port())))

    assert harness.result() == Delivered(1, 1, 0, {"not_json": 1})
    assert stored_first == [1]


def test_an_outage_is_waited_out_and_shown(harness: Harness, decoder: Decoder) -> None:
    harness.writer.answer = lambda _policy, _lines: Unavailable(None, "connection refused")
    harness.queue.put(_batch(decoder, pon(port())))
    harness.wait(lambda: harness.status.database.problem == "connection refused")
    assert harness.results.drain() == []
    harness.writer.answer = lambda _policy, _lines: Written()

    assert harness.result().confirmed == 1
    assert "database" not in harness.status.problems()


def test_missing_storage_is_made_and_the_batch_kept(harness: Harness, decoder: Decoder) -> None:
    def answer(_policy: str, _lines: list[bytes]) -> WriteOutcome:
        if harness.created:
            return Written()
        harness.writer.probe = Denied(404, "database not found")
        return Denied(404, "database not found")

    harness.writer.answer = answer
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

    harness.writer.answer = answer
    harness.queue.put(_batch(decoder, pon(port(1, 0), port(1, 1), port(1, 2))))

    assert harness.result() == Delivered(1, 2, 1, {"sink_rejected": 1})
    (stored,) = harness.store.unique()
    assert (stored.letter.policy, stored.letter.points) == ("raw", 1)
    assert b"port=1," in stored.letter.payload


def test_late_points_are_announced_after_they_are_confirmed(
    harness: Harness, decoder: Decoder
) -> None:
    harness.queue.put(_batch(decoder, pon(port(), ts=NOW_MS - 200_000)))
    harness.result()

    assert [policy for policy, _ in harness.writer.posted] == ["raw", "ops"]
    assert harness.writer.posted[1][1][0].startswith(b"arrival,")


def test_points_that_became_late_while_the_database_was_away_are_announced(
    harness: Harness, decoder: Decoder
) -> None:
    harness.writer.answer = lambda _policy, _lines: Unavailable(None, "away")
    harness.queue.put(_batch(decoder, pon(port())))
    harness.wait(lambda: harness.status.database.problem == "away")
    harness.clock.advance_s(600)
    harness.writer.answer = lambda _policy, _lines: Written()
    harness.result()

    assert harness.writer.posted[-1][0] == "ops"


def test_a_batch_is_not_settled_before_its_arrival_rows_are_confirmed(
    harness: Harness, decoder: Decoder
) -> None:
    harness.writer.answer = lambda policy, _lines: (
        Unavailable(None, "ops is away") if policy == "ops" else Written()
    )
    harness.queue.put(_batch(decoder, pon(port(), ts=NOW_MS - 200_000)))
    harness.wait(lambda: harness.status.problems().get("database") == "ops is away")

    assert harness.results.drain() == []
    harness.writer.answer = lambda _policy, _lines: Written()
    assert harness.result().confirmed == 1


def test_a_full_store_of_dead_letters_stops_settling_and_loses_nothing(
    harness: Harness, decoder: Decoder
) -> None:
    harness.queue.put(_batch(decoder, b"x" * 20_000))
    harness.wait(lambda: "dead_letter_store" in harness.status.problems())

    assert harness.results.drain() == []
    assert harness.writer.posted == []


def test_the_workers_own_rows_go_the_same_way_and_settle_nothing(harness: Harness) -> None:
    harness.queue.put(Rows([b"gigacity_worker,worker=w v=1i 1"]))
    harness.wait(lambda: harness.writer.posted)

    assert harness.writer.posted[0][0] == "ops"
    assert harness.results.drain() == []


def test_a_stop_during_an_outage_ends_the_thread_soon(harness: Harness, decoder: Decoder) -> None:
    harness.writer.answer = lambda _policy, _lines: Unavailable(None, "away")
    harness.queue.put(_batch(decoder, pon(port())))
    harness.wait(lambda: harness.status.database.problem == "away")
    harness.sink.stop()
    harness.thread.join(2)

    assert not harness.thread.is_alive()
    assert harness.results.drain() == []
