"""Settled means stored, dead-lettered or durable, through outages, poison, full disks and crashes.

The dispatcher with a real spool on a simulated disk, against a database that is up, down, silent,
or chokes on some lines. Batches that were not settled when the process died are delivered again.
"""

import random
from collections import deque
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gigacity_contract.clock import ManualClock
from gigacity_contract.influx import (
    Denied,
    Malformed,
    Unavailable,
    WriteOutcome,
    Written,
)
from gigacity_ingest.adapters.spool_gate import SpoolGate
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.decode.dead_letter import DeadLetter
from gigacity_ingest.encode.line_builder import marked
from gigacity_ingest.pipeline.batch import Batch, JobResult
from gigacity_ingest.pipeline.dispatcher import Dispatcher
from gigacity_ingest.pipeline.dispatching import DispatchPolicy, SentRequest
from gigacity_ingest.spool import SpoolPolicy
from tests.support.simulated_disk import SimulatedDisk
from tests.unit.ingest.messages import NOW_MS

FOLDER = Path("/state/spool")
POLICY = SpoolPolicy(max_bytes=6_000, segment_bytes=1_500, fill_bytes=200)
STATES = st.sampled_from(["up", "up", "down", "silent", "denied"])


class Queue:
    """Batches that nobody has begun."""

    def __init__(self) -> None:
        self.batches: deque[Batch] = deque()

    def take_batch(self) -> Batch | None:
        return self.batches.popleft() if self.batches else None

    def oldest_s(self) -> float | None:
        return self.batches[0].opened_s if self.batches else None


class SpoolingMachine(RuleBasedStateMachine):
    """Lines are named by their batch and place; those with ``bad`` in them are never stored."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.disk = SimulatedDisk(rng=random.Random(seed))  # noqa: S311 - no secret.
        self.clock = ManualClock(wall_ms=NOW_MS)
        self.state = "up"
        self.is_store_full = False
        self.stored: set[bytes] = set()
        self.refused: set[bytes] = set()
        self.lines_of: dict[int, list[bytes]] = {}
        self.settled: set[int] = set()
        self.count = 0
        self._start()

    def _start(self) -> None:
        self.queue = Queue()
        self.sent: list[SentRequest] = []
        self.events: list[JobResult] = []
        self.noted = 0
        gate = SpoolGate(
            FOLDER,
            policy=POLICY,
            clock=self.clock,
            health=HealthState("spool", problem=""),
            fs=self.disk,
        )
        gate.open()
        self.gate = gate
        self.dispatcher = Dispatcher(
            source=self.queue,
            spool=gate,
            store=self._store,
            emit=self.events.append,
            policy=DispatchPolicy(connections=2, spool_after_s=5.0, drain_points_per_s=1000.0),
            worker="w",
        )
        for number, lines in self.lines_of.items():
            if number not in self.settled:
                self._enqueue(number, lines)

    def _store(self, dead_letters: list[DeadLetter]) -> bool:
        if self.is_store_full:
            return False
        self.refused |= {
            line for dead_letter in dead_letters for line in dead_letter.payload.split(b"\n")
        }
        return True

    def _enqueue(self, number: int, lines: list[bytes]) -> None:
        batch = Batch(number, 1, self.clock.monotonic_s())
        late = self.clock.now_ms() - 600_000
        for line in lines:
            batch.outcome.lines.points.append({"|": marked(f"{line.decode()} v=1")})
        batch.outcome.note_time(("pon_port", "371602"), late, len(lines))
        self.queue.batches.append(batch)

    def _note(self) -> None:
        for event in self.events[self.noted :]:
            if event.number:
                assert event.number not in self.settled
                self.settled.add(event.number)
        self.noted = len(self.events)

    @rule(kinds=st.lists(st.sampled_from(["good", "good", "good", "bad", "odd"]), max_size=9))
    def publish(self, kinds: list[str]) -> None:
        self.count += 1
        lines = [b"m,b=%d,p=%d,k=%b" % (self.count, p, k.encode()) for p, k in enumerate(kinds)]
        self.lines_of[self.count] = lines
        self._enqueue(self.count, lines)

    @rule(state=STATES)
    def change(self, state: str) -> None:
        self.state = state

    @rule(is_full=st.booleans())
    def fill_store(self, is_full: bool) -> None:
        self.is_store_full = is_full

    @rule(seconds=st.sampled_from([0.05, 0.5, 3.0, 30.0]))
    def turn(self, seconds: float) -> None:
        """Time goes on, the dispatcher works, posts begin."""
        self.clock.advance_s(seconds)
        self._turn()

    def _turn(self) -> None:
        now_s, now_ms = self.clock.monotonic_s(), self.clock.now_ms()
        self.dispatcher.tick(now_s, now_ms)
        while (sent := self.dispatcher.next_request(now_s, now_ms)) is not None:
            self.sent.append(sent)
        self._note()

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        self._answer(data.draw(st.sampled_from(self.sent)))

    def _answer(self, sent: SentRequest) -> None:
        self.sent.remove(sent)
        outcome = self._write(sent.body.lines())
        now_s, now_ms = self.clock.monotonic_s(), self.clock.now_ms()
        self.dispatcher.take_answer(sent, outcome, now_s, now_ms)
        self._note()

    def _write(self, lines: list[bytes]) -> WriteOutcome:
        if self.state == "down":
            return Unavailable(None, "500 write failed", 500)
        if self.state == "silent":
            self.stored |= {line for line in lines if b"k=good" in line}  # It wakes later.
            return Unavailable(None, "no answer")
        if self.state == "denied":
            return Denied(401, "who are you")
        if any(b"k=odd" in line for line in lines):
            return Unavailable(None, "500 engine: cannot", 500)
        bad = tuple(line for line in lines if b"k=bad" in line)
        if bad:
            return Malformed(bad, "unable to parse", rest_stored=False)
        self.stored |= set(lines)
        return Written()

    @rule(of_machine=st.booleans())
    def crash(self, of_machine: bool) -> None:
        """kill -9, or a power cut; the broker delivers again what was not settled."""
        if of_machine:
            self.disk.crash_machine()
        else:
            self.disk.kill_process()
        self._start()

    @rule()
    def recover(self) -> None:
        """All is well for a while: everything ends where it belongs."""
        self.state, self.is_store_full = "up", False
        for _ in range(2000):
            if not (self.queue.batches or self.dispatcher.has_work):
                break
            # Other traffic is evidence that a batch, not the database, is at fault.
            self.dispatcher.health.succeed("raw")
            self.clock.advance_s(1.0)
            self._turn()
            while self.sent:
                self._answer(self.sent[0])
        assert not self.dispatcher.has_work
        assert self.settled == set(self.lines_of)

    @invariant()
    def nothing_settled_is_lost(self) -> None:
        if not hasattr(self, "gate") or self.gate.records:
            return
        for number in self.settled:
            for line in self.lines_of[number]:
                found = {x for x in self.stored | self.refused if x.startswith(line)}
                assert found, f"{line!r} of a settled batch is nowhere"

    @invariant()
    def the_ledger_balances(self) -> None:
        if not hasattr(self, "gate"):
            return
        last = next((e.spool for e in reversed(self.events) if e.spool is not None), None)
        settled_here = {e.number for e in self.events if e.number}
        settled_points = sum(len(self.lines_of[n]) for n in settled_here)
        done = sum(e.confirmed + e.dead_lettered for e in self.events)
        spooled, found = (last.points, last.found) if last is not None else (0, 0)
        assert settled_points + found == done + spooled

    def teardown(self) -> None:
        if hasattr(self, "gate"):
            self.recover()
            self.nothing_settled_is_lost()
            good = {line for lines in self.lines_of.values() for line in lines if b"good" in line}
            assert {line.split(b" ")[0] for line in self.stored} >= good, "a neighbour was lost"


TestBatchSpooling = SpoolingMachine.TestCase
TestBatchSpooling.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
