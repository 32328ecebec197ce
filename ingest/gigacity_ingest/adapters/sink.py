"""The sink thread: makes dead letters durable, posts bodies, spools, tells what became of batches.

It owns the connections, the spool and the dead letters, and drives the dispatcher, which decides.
It waits only for the database and the queue together, so that a slow answer holds nobody up.
"""

import select
from collections.abc import Sequence
from typing import Protocol

import structlog

from gigacity_contract.clock import Clock
from gigacity_contract.influx import Denied, WriteOutcome
from gigacity_contract.measurements import FRESH, OPS
from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.spool_gate import SpoolGate
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.dead_letters.store import DeadLetterStore, DeadLetterStoreError
from gigacity_ingest.decode.dead_letter import DeadLetter
from gigacity_ingest.encode.body import Body
from gigacity_ingest.influx.storage import Storage
from gigacity_ingest.pipeline.batch import JobResult
from gigacity_ingest.pipeline.dispatcher import Dispatcher
from gigacity_ingest.pipeline.dispatching import DispatchPolicy, SentRequest

_IDLE_S = 0.5
_BUSY_S = 0.05
_STATUS_S = 0.5
_LAST_WORDS_S = 2.0
_SAID_AFTER_FAILURES = 2
"""One failure that does not repeat is a batch's own, or a server that restarts."""
log = structlog.get_logger("sink")


class WriteConnection(Protocol):
    """One connection over which one post at a time is under way."""

    def begin(self, policy: str, precision: str, packed: bytes) -> None:
        """Send a write."""
        ...

    def fileno(self) -> int | None:
        """What becomes readable when there is an answer; None: call ``finish`` at once."""
        ...

    def finish(self) -> WriteOutcome | None:
        """The outcome, or None if it has to be waited for once more."""
        ...

    def give_up(self, waited_s: float) -> WriteOutcome:
        """The outcome of a write that was begun and has waited too long for its answer."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Sink:
    """Everything that the sink thread needs; ``run`` is its whole life.

    Args:
        connections: as many posts at a time.
        storage: reaches the database and makes what is missing.
        store: of dead letters.
        spool: of batches that the database does not take.
        queue: of batches, from the network thread.
        results: to it.
        waker: wakes this thread.
        status: of the worker.
        clock: of the process.
        policy: of the dispatcher.
        timeout_s: until a post without an answer is given up.
    """

    def __init__(
        self,
        *,
        connections: Sequence[WriteConnection],
        storage: Storage,
        store: DeadLetterStore,
        spool: SpoolGate,
        queue: Queue,
        results: Results[JobResult],
        waker: Waker,
        status: WorkerStatus,
        clock: Clock,
        policy: DispatchPolicy,
        timeout_s: float = 30.0,
    ) -> None:
        self._connections = connections
        self._storage = storage
        self._store = store
        self._spool = spool
        self._waker = waker
        self._status = status
        self._clock = clock
        self._timeout_s = timeout_s
        self._dispatcher = Dispatcher(
            source=queue,
            spool=spool,
            store=self._store_dead_letters,
            emit=results.put,
            policy=policy,
            worker=status.worker,
        )
        self._busy: dict[WriteConnection, SentRequest] = {}
        self._rows: list[bytes] = []
        self._is_storage_known = False
        self._next_status_s = 0.0
        self._is_stopped = False
        self.failure: BaseException | None = None
        """A fault of our own that ended the thread; the process must end, too."""

    def stop(self) -> None:
        """End soon; safe in any thread."""
        self._is_stopped = True
        self._waker.wake()

    def flush_on_shutdown(self) -> None:
        """The worker ends: spool at once what cannot be stored now; safe in any thread."""
        self._dispatcher.is_flushing = True
        self._waker.wake()

    def offer_rows(self, lines: list[bytes]) -> None:
        """Own rows, to be posted when there is time; newer ones replace them. Any thread."""
        self._rows = lines
        self._waker.wake()

    def run(self) -> None:
        """Serve the queue until ``stop``."""
        try:
            self._spool.open()
            self._look_at_dead_letters()
            while not self._is_stopped:
                self._turn()
            self._tell_the_rest()
        except Exception as error:
            log.exception("sink_failed")
            self.failure = error
        finally:
            for connection in self._connections:
                connection.close()
            self._storage.close()
            self._store.close()
            self._spool.close()

    def _turn(self) -> None:
        now_s = self._clock.monotonic_s()
        self._spool.open()
        self._dispatcher.tick(now_s, self._clock.now_ms())
        if self._is_storage_known:
            self._begin_posts()
        elif now_s >= self._dispatcher.health.probe_at_s:
            self._reach_storage()
        self._wait()
        for connection, sent in list(self._busy.items()):
            self._finish_if_ready(connection, sent)
        if now_s >= self._next_status_s:
            self._next_status_s = now_s + _STATUS_S
            self._dispatcher.fresh.look(self._clock.now_ms())
            self._status.fresh_since_ms = self._dispatcher.fresh.since_ms
            self._status.spool_state = self._spool.status()
            self._status.spool_notices = dict(self._spool.notices)
            self._look_at_dead_letters()

    def _tell_the_rest(self) -> None:
        """Once everything is settled, followers need not wait for the worker's next life."""
        dispatcher = self._dispatcher
        until_s = self._clock.monotonic_s() + _LAST_WORDS_S
        while dispatcher.is_flushing and dispatcher.fresh.has_work:
            if dispatcher.health.is_troubled or self._clock.monotonic_s() >= until_s:
                return
            self._turn()

    # --- the database --------------------------------------------------------------------------

    def _reach_storage(self) -> None:
        problem = self._storage.ensure()
        now_s = self._clock.monotonic_s()
        if problem:
            self._dispatcher.health.fail(now_s, 0.3)
            self._status.database.failed(problem)
            return
        self._is_storage_known = True
        self._dispatcher.health.probe_at_s = now_s
        self._status.database.ok(server=self._storage.server)

    def _begin_posts(self) -> None:
        for connection in self._connections:
            if connection in self._busy:
                continue
            now_s = self._clock.monotonic_s()
            sent = None
            if self._rows:
                rows, self._rows = self._rows, []
                sent = self._dispatcher.post_rows(Body.of_lines(OPS, rows), now_s)
            now_ms = self._clock.now_ms()
            sent = sent or self._dispatcher.post_fresh(now_s, now_ms)
            sent = sent or self._dispatcher.next_request(now_s, now_ms)
            if sent is None:
                return
            body = sent.body
            self._busy[connection] = sent
            connection.begin(body.policy, body.precision, body.packed())

    def _wait(self) -> None:
        """Until an answer, a batch, a wake-up, or the time for what only time brings."""
        poll = select.poll()
        poll.register(self._waker.fileno(), select.POLLIN)
        for connection in self._busy:
            descriptor = connection.fileno()
            if descriptor is None:
                return
            poll.register(descriptor, select.POLLIN)
        timeout_s = _BUSY_S if self._dispatcher.has_work else _IDLE_S
        poll.poll(timeout_s * 1000)
        self._waker.clear()

    def _finish_if_ready(self, connection: WriteConnection, sent: SentRequest) -> None:
        waited_s = self._clock.monotonic_s() - sent.begun_s
        if _is_ready(connection):
            outcome = connection.finish()
        elif waited_s >= self._timeout_s:
            outcome = connection.give_up(waited_s)
        else:
            return
        if outcome is None:
            return
        del self._busy[connection]
        now_s, now_ms = self._clock.monotonic_s(), self._clock.now_ms()
        problem = self._dispatcher.take_answer(sent, outcome, now_s, now_ms)
        self._judge(sent.body.policy, outcome, problem)

    def _judge(self, policy: str, outcome: WriteOutcome, problem: str) -> None:
        if policy == FRESH.name:  # Only followers need it.
            return
        health, database = self._dispatcher.health, self._status.database
        if isinstance(outcome, Denied):
            self._is_storage_known = False
        if not health.is_troubled:
            database.ok(server=self._storage.server)
            return
        if isinstance(outcome, Denied) or health.failures >= _SAID_AFTER_FAILURES:
            database.failed(problem or getattr(outcome, "message", ""))
        else:
            database.failures += 1

    # --- dead letters --------------------------------------------------------------------------

    def _look_at_dead_letters(self) -> None:
        try:
            self._status.take_dead_letters(self._store.status())
        except OSError as error:
            self._status.dead_letter_store.failed(f"{self._store.folder}: {error}")

    def _store_dead_letters(self, dead_letters: list[DeadLetter]) -> bool:
        try:
            self._store.append(dead_letters)
        except DeadLetterStoreError as error:
            self._status.dead_letter_store.failed(str(error))
            return False
        self._status.dead_letter_store.ok()
        return True


def _is_ready(connection: WriteConnection) -> bool:
    descriptor = connection.fileno()
    if descriptor is None:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
