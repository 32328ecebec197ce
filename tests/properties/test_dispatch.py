"""Whatever the database, the spool and the disk do: what is acknowledged is kept.

Kept means stored, spooled or dead-lettered.

Ingestor and dispatcher as they are, against a broker, a database, a spool and dead letters of a few
lines each. A crash of the worker leaves what is durable, and the broker delivers the rest again.
"""

import json
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gigacity_city.load import load_city
from gigacity_contract.influx import (
    Denied,
    TooLarge,
    Unavailable,
    WriteOutcome,
    WriteRefused,
)
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline.backoff import Backoff
from gigacity_ingest.pipeline.batch import BatchLimits, JobResult
from gigacity_ingest.pipeline.dispatcher import Dispatcher
from gigacity_ingest.pipeline.dispatching import DispatchPolicy, SentRequest
from gigacity_ingest.pipeline.ingestor import Ingestor
from tests.support.city import write_city
from tests.support.dispatch_model import Database, Disk, Queue, points
from tests.unit.ingest.messages import NOW_MS, PON_TOPIC, pon, port

with TemporaryDirectory() as _folder:
    CITY = load_city(write_city(Path(_folder)))

LIMITS = BatchLimits(points=6, messages=3, age_s=0.5)
POLICY = DispatchPolicy(connections=2, spool_after_s=2.0, drain_points_per_s=1000.0)
_LATE_MS = 300_000


def _steady_delay(self: Backoff) -> float:
    self.failures += 1
    return min(self.cap_s, self.first_s * 2.0 ** min(self.failures, 30))


class Worker(RuleBasedStateMachine):
    """One worker and its surroundings."""

    def __init__(self) -> None:
        super().__init__()
        # Without jitter: Hypothesis must see the same at every repetition.
        self._steady = patch.object(Backoff, "next_s", _steady_delay)
        self._steady.start()
        self.now_s = 100.0
        self.disk = Disk()
        self.database = Database()
        self.payloads: dict[int, bytes] = {}
        """Messages that the broker has, by number."""
        self.sent: dict[int, int] = {}
        """Packet id to message, on this connection."""
        self.acknowledged: set[int] = set()
        self._messages = count(1)
        self._next_point = count(1)
        self._mids = count(1)
        self._start()

    def _start(self) -> None:
        self.ingestor = Ingestor(Decoder(CITY), LIMITS)
        self.queue = Queue()
        self.requests: list[SentRequest] = []
        self.sent = {}
        self.disk.restart()
        self.dispatcher = Dispatcher(
            source=self.queue,
            spool=self.disk,
            store=self.disk.store,
            emit=self._take,
            policy=POLICY,
            worker="w",
        )
        self.ingestor.connect()
        self.dispatcher.tick(self.now_s, NOW_MS)

    def _take(self, delivered: JobResult) -> None:
        self.ingestor.settle(delivered)

    # --- the field -----------------------------------------------------------------------------

    @rule(bad=st.lists(st.booleans(), max_size=4), is_late=st.booleans())
    def publish(self, bad: list[bool], is_late: bool) -> None:
        numbers = [next(self._next_point) for _ in bad]
        self.database.bad |= {n for n, is_bad in zip(numbers, bad, strict=True) if is_bad}
        ports = [port(1, index, rx_bytes=number) for index, number in enumerate(numbers)]
        self._publish(pon(*ports, ts=NOW_MS - _LATE_MS * is_late))

    @rule()
    def publish_junk(self) -> None:
        self._publish(b"junk %d" % next(self._next_point))

    def _publish(self, payload: bytes) -> None:
        message = next(self._messages)
        self.payloads[message] = payload
        self._deliver(message)

    def _deliver(self, message: int) -> None:
        mid = next(self._mids)
        self.sent[mid] = message
        arrived = ReceivedMessage(PON_TOPIC.encode(), self.payloads[message], False, NOW_MS)
        full = self.ingestor.receive(mid, arrived, 1, is_redelivered=False, now_s=self.now_s)
        if full is not None:
            self.queue.batches.append(full)

    # --- the worker ----------------------------------------------------------------------------

    @rule(passed_s=st.sampled_from([0.05, 0.6, 2.5, 9.0]))
    def turn(self, passed_s: float) -> None:
        self.now_s += passed_s
        due = self.ingestor.seal_due(self.now_s)
        if due is not None:
            self.queue.batches.append(due)
        self.dispatcher.tick(self.now_s, NOW_MS)
        while (sent := self.dispatcher.next_request(self.now_s, NOW_MS)) is not None:
            self.requests.append(sent)
        self._release()

    @rule()
    def flush_on_shutdown(self) -> None:
        self.dispatcher.is_flushing = True

    def _release(self) -> None:
        for mid in self.ingestor.release():
            message = self.sent.pop(mid)
            payload = self.payloads.pop(message)
            self.acknowledged.add(message)
            if payload.startswith(b"junk"):
                assert payload in {dead_letter.payload for dead_letter in self.disk.dead_letters}
            else:
                assert {p["rx_bytes"] for p in json.loads(payload)["ports"]} <= self._kept()

    def _kept(self) -> set[int]:
        """Points that are stored, or durable on disk."""
        kept = set(self.database.stored)
        for record in self.disk.waiting.values():
            for part in record.parts:
                body = Body(part.policy, part.points, packed=part.body)
                kept |= points(b"\n".join(body.lines()))
        for dead_letter in self.disk.dead_letters:
            kept |= points(dead_letter.payload)
        return kept

    # --- the database's answers ----------------------------------------------------------------

    def _answer(self, index: int, outcome: WriteOutcome | None = None) -> None:
        sent = self.requests.pop(index % len(self.requests))
        if outcome is None:
            outcome = self.database.take(sent)
        self.dispatcher.take_answer(sent, outcome, self.now_s, NOW_MS)
        self._release()

    @precondition(lambda self: self.requests)
    @rule(index=st.integers(0, 1), names_lines=st.booleans())
    def answer(self, index: int, names_lines: bool) -> None:
        self.database.names_lines = names_lines
        self._answer(index)

    @precondition(lambda self: self.requests)
    @rule(index=st.integers(0, 1))
    def lose_the_answer(self, index: int) -> None:
        self.database.take(self.requests[index % len(self.requests)])
        self._answer(index, Unavailable(None, "no answer"))

    @precondition(lambda self: self.requests)
    @rule(
        index=st.integers(0, 1),
        outcome=st.sampled_from(
            [
                Unavailable(None, "timed out"),
                Unavailable(2, "503 busy"),
                WriteRefused(500, "write failed"),
                Denied(403, "forbidden"),
                TooLarge("413"),
            ]
        ),
    )
    def fail(self, index: int, outcome: WriteOutcome) -> None:
        self._answer(index, outcome)

    # --- the disk, and the end of the process ----------------------------------------------------

    @rule(records=st.booleans(), dead_letters=st.booleans())
    def change_the_disk(self, records: bool, dead_letters: bool) -> None:
        self.disk.takes_records, self.disk.takes_dead_letters = records, dead_letters

    @rule(lands=st.booleans())
    def kill(self, lands: bool) -> None:
        if lands:
            for sent in self.requests:
                self.database.take(sent)
        unacknowledged = sorted(self.payloads)
        self._start()
        for message in unacknowledged:
            self._deliver(message)

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def ledgers_balance(self) -> None:
        snapshot = self.ingestor.snapshot()
        assert snapshot.messages.is_balanced
        assert snapshot.points.is_balanced, snapshot.points

    def teardown(self) -> None:
        try:
            self._settle_all()
        finally:
            self._steady.stop()

    def _settle_all(self) -> None:
        """With everything well again, nothing waits for ever, and nothing is lost."""
        self.disk.takes_records = self.disk.takes_dead_letters = True
        self.database.names_lines = True
        for _ in range(3000):
            self.turn(0.6)
            while self.requests:
                self._answer(0)
            if not self.payloads and not self.disk.waiting and not self.dispatcher.has_work:
                break
        assert not self.payloads
        assert not self.disk.waiting
        published = set(range(1, next(self._next_point)))
        junk = {int(x.payload[5:]) for x in self.disk.dead_letters if x.payload.startswith(b"junk")}
        dead_lettered = {
            n for dead_letter in self.disk.dead_letters for n in points(dead_letter.payload)
        }
        assert self.database.stored | dead_lettered | junk == published
        assert self.database.bad <= dead_lettered
        self.ledgers_balance()


TestDispatch = Worker.TestCase
TestDispatch.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
