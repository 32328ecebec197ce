"""The sink thread: makes dead letters durable, posts lines, and says what became of each batch.

A batch is settled only when every line is confirmed or dead-lettered, every dead letter is durable
and the arrival rows of late points are confirmed. Until then it waits here, however long the
database is away; the network thread never waits for it.
"""

import threading
from collections import Counter
from dataclasses import dataclass

import structlog

from gigacity_contract.clock import Clock
from gigacity_contract.measurements import OPS, RetentionPolicy
from gigacity_ingest.adapters.dead_letter_store import DeadLetterStore, StoreError
from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.influx_writer import InfluxWriter
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.storage import Storage
from gigacity_ingest.decode.letters import Letter, refused_lines
from gigacity_ingest.pipeline.arrivals import arrival_lines
from gigacity_ingest.pipeline.backoff import Backoff
from gigacity_ingest.pipeline.batch import Batch, Delivered
from gigacity_ingest.pipeline.delivery import Delivery

_TAKE_TIMEOUT_S = 0.5
log = structlog.get_logger("sink")


@dataclass(frozen=True, slots=True)
class Rows:
    """The worker's own rows; they are no part of the ledgers."""

    lines: list[bytes]


Item = Batch | Rows


class _StoppedError(Exception):
    """The worker ends; what is not settled stays with the broker."""


class Sink:
    """Everything that the sink thread needs; ``run`` is its whole life."""

    def __init__(
        self,
        *,
        writer: InfluxWriter,
        storage: Storage,
        store: DeadLetterStore,
        queue: Queue[Item],
        results: Results[Delivered],
        status: WorkerStatus,
        clock: Clock,
    ) -> None:
        self._writer = writer
        self._storage = storage
        self._store = store
        self._queue = queue
        self._results = results
        self._status = status
        self._clock = clock
        self._stop = threading.Event()
        self.failure: BaseException | None = None
        """A fault of our own that ended the thread; the process must end, too."""

    def stop(self) -> None:
        """End soon; safe in any thread."""
        self._stop.set()
        self._queue.close()

    def run(self) -> None:
        """Serve the queue until ``stop``."""
        try:
            self._await_storage()
            while not self._stop.is_set():
                item = self._queue.take(_TAKE_TIMEOUT_S)
                if isinstance(item, Batch):
                    self._results.put(self._deliver(item))
                elif item is not None:
                    self._post(OPS, item.lines)
        except _StoppedError:
            log.info("sink_stopped_with_work_left")
        except Exception as error:
            log.exception("sink_failed")
            self.failure = error
        finally:
            self._writer.close()
            self._store.close()

    def _pause(self, seconds: float) -> None:
        """Wait, or end at once if the worker does.

        Raises:
            _StoppedError: the worker ends.
        """
        if self._stop.wait(seconds):
            raise _StoppedError

    def _await_storage(self) -> None:
        backoff = Backoff(first_s=0.5)
        while problem := self._storage.ensure():
            self._status.database.fail(problem)
            self._pause(backoff.next_s())
        self._status.database.hold(server=self._storage.server)

    def _deliver(self, batch: Batch) -> Delivered:
        letters = batch.outcome.letters
        counts = Counter(letter.reason.value for letter in letters)
        self._store_letters(letters)
        confirmed = dead_lettered = 0
        for policy, lines in batch.outcome.lines():
            delivery = self._post(policy, lines)
            refused = self._refused(policy, delivery)
            self._store_letters(refused)
            counts.update(letter.reason.value for letter in refused)
            confirmed += delivery.confirmed
            dead_lettered += sum(letter.points for letter in refused)
        if confirmed:
            late = arrival_lines(
                batch.outcome.spans, worker=self._status.worker, now_ms=self._clock.now_ms()
            )
            self._post(OPS, late)
        return Delivered(batch.number, confirmed, dead_lettered, dict(counts))

    def _refused(self, policy: RetentionPolicy, delivery: Delivery) -> list[Letter]:
        return [
            refused_lines(
                part.lines,
                policy=policy.name,
                points=part.points,
                error=part.error,
                received_ms=self._clock.now_ms(),
            )
            for part in delivery.refused
        ]

    def _store_letters(self, letters: list[Letter]) -> None:
        backoff = Backoff()
        while letters:
            try:
                self._store.append(letters)
            except StoreError as error:
                self._status.dead_letter_store.fail(str(error))
                self._pause(backoff.next_s())
            else:
                self._status.dead_letter_store.hold()
                return

    def _post(self, policy: RetentionPolicy, lines: list[bytes]) -> Delivery:
        """Post until every line has its outcome."""
        delivery = Delivery(lines)
        while (piece := delivery.next_lines()) is not None:
            delay_s = delivery.judge(self._writer.write(policy.name, policy.precision, piece))
            if not delivery.problem:
                self._status.database.hold(server=self._storage.server)
                continue
            self._status.database.fail(delivery.problem)
            self._pause(delay_s)
            if delivery.is_denied:
                self._await_storage()
        return delivery
