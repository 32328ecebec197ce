"""One worker: puts the parts together and runs the network thread, which is the caller's.

The order of ending matters: stop reading, store what was read, acknowledge it, and only then leave
the broker. Whatever is not acknowledged by then is delivered again at the next start.
"""

import dataclasses
import threading

import structlog

from gigacity_contract.city.model import City
from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError
from gigacity_contract.influx import Server
from gigacity_ingest.adapters.dead_letter_store import DeadLetterStore
from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.health import HealthServer, Pages
from gigacity_ingest.adapters.influx_writer import InfluxWriter
from gigacity_ingest.adapters.mqtt import MQTTLink
from gigacity_ingest.adapters.provisioning import create_storage
from gigacity_ingest.adapters.sink import Sink
from gigacity_ingest.adapters.spool_gate import SpoolGate
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.storage import Storage
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Arrived
from gigacity_ingest.encode.worker_rows import worker_lines
from gigacity_ingest.pipeline.batch import Batch, Delivered
from gigacity_ingest.pipeline.intake import Intake
from gigacity_ingest.pipeline.publish_packets import Packet
from gigacity_ingest.settings import IngestSettings

_SOCKET_TIMEOUT_S = 5.0
"""For connecting, sending, and reading on in an answer that has begun."""
_STORAGE_TIMEOUT_S = 10.0
_TURN_S = 0.25
_SNAPSHOT_S = 0.1
log = structlog.get_logger("worker")


class WorkerFailedError(RuntimeError):
    """A fault of our own ended a thread; the process ends, and the broker delivers again."""


class Worker:
    """One process's worker.

    Args:
        settings: checked.
        city: the universe in force.
        clock: of this process.
        state: the folder of this worker, held by it.
    """

    def __init__(
        self, settings: IngestSettings, city: City, *, clock: Clock, state: StateFolder
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._state = state
        self._waker = Waker()
        self._status = WorkerStatus(settings.mqtt.client_id, clock.now_ms())
        decoder = Decoder(city, self._status.sequences)
        self._intake = Intake(
            decoder,
            settings.limits,
            max_waiting_messages=2 * settings.mqtt.receive_maximum,
            refusal_limits=settings.refusals,
        )
        self._sink_waker = Waker()
        self._queue = Queue(self._sink_waker)
        self._results: Results[Delivered] = Results(self._waker)
        self._sink = self._build_sink()
        self._link = self._build_link()
        self._health = HealthServer(*settings.http_listen, Pages(self._status, clock))
        self._turn_s = clock.monotonic_s()
        self._next_report_s = self._turn_s + settings.report_interval_s
        self._next_snapshot_s = 0.0
        self._is_stopping = False

    def _build_sink(self) -> Sink:
        settings = self._settings
        writer = InfluxWriter(settings.influx, timeout_s=_STORAGE_TIMEOUT_S)

        def create(server: Server) -> None:
            create_storage(server, writer, settings.influx, settings.org)

        return Sink(
            lanes=[
                InfluxWriter(settings.influx, timeout_s=_SOCKET_TIMEOUT_S)
                for _ in range(settings.dispatch.lanes)
            ],
            storage=Storage(writer, bucket=settings.influx.bucket, create=create),
            store=DeadLetterStore(
                self._state.dead_letters, budget_bytes=settings.dead_letter_budget_bytes
            ),
            spool=SpoolGate(
                self._state.spool,
                policy=settings.spool,
                clock=self._clock,
                condition=self._status.spool,
            ),
            queue=self._queue,
            results=self._results,
            waker=self._sink_waker,
            status=self._status,
            clock=self._clock,
            policy=settings.dispatch,
            timeout_s=settings.influx_timeout_s,
        )

    def _build_link(self) -> MQTTLink:
        former = self._state.former_filters(self._settings.mqtt.filters)
        endpoint = dataclasses.replace(self._settings.mqtt, former_filters=former)
        self._state.save_filters((*endpoint.filters, *former))
        return MQTTLink(
            endpoint,
            self,
            waker=self._waker,
            condition=self._status.session,
            clock=self._clock,
        )

    # --- the receiver's side of the session ------------------------------------------------------

    def on_session(self, *, is_resumed: bool) -> None:
        """A connection begins; take back what the broker is about to send again."""
        self._intake.connect()
        if not is_resumed:
            return
        guarded = [b for b in self._intake.ledger.waiting if b.messages > b.unguarded]
        for batch in self._queue.take_back(guarded):
            self._intake.withdraw(batch.number)

    def on_publish(  # noqa: PLR0917 - the hot path; see ``Receiver``.
        self, mid: int, topic: bytes, payload: bytes, qos: int, retain: bool, dup: bool
    ) -> None:
        """Decode one message into the open batch."""
        message = Arrived(topic, payload, retain or dup, self._clock.now_ms())
        full = self._intake.receive(mid, message, qos, is_redelivered=dup, now_s=self._turn_s)
        if full is not None:
            self._queue.put(full)

    def on_packets(self, packets: list[Packet], start: int) -> None:
        """Decode many messages."""
        now_ms = self._clock.now_ms()
        for full in self._intake.receive_packets(packets, start, now_ms, self._turn_s):
            self._queue.put(full)

    def has_room(self) -> bool:
        """Whether more messages may be read now."""
        return self._intake.has_room()

    def on_connection_end(self) -> None:
        """What was read is still stored; it comes again and overwrites itself."""
        self._queue_up(self._intake.disconnect())

    # --- the life of the worker ------------------------------------------------------------------

    def request_stop(self) -> None:
        """Drain and end; safe in a signal handler."""
        self._is_stopping = True
        self._waker.wake()

    @property
    def is_stopping(self) -> bool:
        """Whether a stop was requested."""
        return self._is_stopping

    def run(self) -> None:
        """Work until ``request_stop``, then drain.

        Raises:
            WorkerFailedError: a fault of our own.
        """
        thread = threading.Thread(target=self._sink.run, name="sink", daemon=True)
        self._health.start()
        thread.start()
        log.info("started", worker=self._status.worker, http_port=self._health.port)
        is_saved = False
        try:
            while not self._is_stopping:
                self._turn(self._timeout_s())
                if not is_saved and self._status.session.holds:
                    is_saved = True
                    self._forget_former_filters()
                self._report_if_due()
            self._drain()
        finally:
            self._sink.stop()
            thread.join(2.0)
            self.close()

    def _forget_former_filters(self) -> None:
        """The session no longer has them; to remember them longer does no harm."""
        try:
            self._state.save_filters(self._settings.mqtt.filters)
        except ConfigError as error:
            log.warning("subscriptions_not_noted", problem=str(error))

    def close(self) -> None:
        """Give sockets back; ``run`` does it at its end."""
        self._link.close()
        self._health.close()
        self._waker.close()
        self._sink_waker.close()

    def _timeout_s(self) -> float:
        """Until the open batch is due, the next attempt to connect, or a quarter of a second."""
        due = (self._intake.due_s(), self._link.next_due_s())
        now_s = self._clock.monotonic_s()
        waits = [at_s - now_s for at_s in due if at_s is not None]
        return max(0.0, min([_TURN_S, *waits]))

    def _turn(self, timeout_s: float) -> None:
        self._turn_s = self._clock.monotonic_s()
        self._link.turn(timeout_s)
        for delivered in self._results.drain():
            self._intake.settle(delivered)
        self._link.acknowledge(self._intake.release())
        self._link.flush()
        now_s = self._status.heartbeat_s = self._clock.monotonic_s()
        self._queue_up(self._intake.seal_due(now_s))
        if now_s >= self._next_snapshot_s:
            self._next_snapshot_s = now_s + _SNAPSHOT_S
            self._status.take_snapshot(self._intake.snapshot(now_s))
        if self._sink.failure is not None:
            raise WorkerFailedError("the sink thread failed") from self._sink.failure

    def _queue_up(self, batch: Batch | None) -> None:
        if batch is not None:
            self._queue.put(batch)

    def _report_if_due(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s < self._next_report_s or not self._settings.report_interval_s:
            return
        self._next_report_s = now_s + self._settings.report_interval_s
        if self._status.database.holds:
            self._sink.offer_rows(self._own_lines())

    def _own_lines(self) -> list[bytes]:
        return worker_lines(
            self._intake.snapshot(),
            worker=self._status.worker,
            now_ms=self._clock.now_ms(),
            started_ms=self._status.started_ms,
            is_connected=self._link.is_connected,
            write_failures=self._status.database.failures,
        )

    def _drain(self) -> None:
        """Store and acknowledge what was read, as far as the time allows, then leave."""
        log.info("draining")
        self._status.is_draining = True
        until_s = self._clock.monotonic_s() + self._settings.drain_timeout_s
        self._link.stop_taking()
        self._sink.hurry()
        self._queue_up(self._intake.seal_now())
        while self._intake.ledger.waiting and self._clock.monotonic_s() < until_s:
            self._turn(_TURN_S)
        self._link.leave()
        while self._link.is_connected and self._clock.monotonic_s() < until_s:
            self._turn(_TURN_S)
        left = self._intake.snapshot()
        log.info(
            "stopped",
            acknowledged=left.messages.acknowledged,
            unacknowledged=left.messages.unacknowledged,
            balanced=left.is_balanced,
        )
