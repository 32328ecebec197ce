"""One worker: puts the parts together and runs the network thread, which is the caller's.

The order of ending matters: stop reading, store what was read, acknowledge it, and only then leave
the broker. Whatever is not acknowledged by then is delivered again at the next start.
"""

import dataclasses
import threading

import structlog

from gigacity_city.model import City
from gigacity_contract.clock import Clock
from gigacity_ingest.adapters.admission_log import AdmissionLog
from gigacity_ingest.adapters.city_watch import CitySource
from gigacity_ingest.adapters.files_in_force import FilesInForce
from gigacity_ingest.adapters.foreign_sources import LoadedSources
from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.health import HealthServer, Pages
from gigacity_ingest.adapters.machine_watch import MachineWatch
from gigacity_ingest.adapters.mqtt import MQTTLink
from gigacity_ingest.adapters.row_reporter import RowReporter
from gigacity_ingest.adapters.session_handler import SessionHandler
from gigacity_ingest.adapters.session_note import SessionNote
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.subscription_notes import SubscriptionNotes
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.ownership.drain import DrainStep, SessionActivity, SessionDrain
from gigacity_ingest.pipeline.batch import JobResult
from gigacity_ingest.wiring import build_ingestor, build_sink
from gigacity_ingest.worker_config import WorkerConfig

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
        source: where the city came from; None: it stays in force until the end.
        foreign: mappings of devices that speak another format; None: there are none.
    """

    def __init__(
        self,
        settings: WorkerConfig,
        city: City,
        *,
        clock: Clock,
        state: StateFolder,
        source: CitySource | None = None,
        foreign: LoadedSources | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._state = state
        self._waker = Waker()
        self._status = WorkerStatus(settings.mqtt.client_id, clock.now_ms())
        self._decoder = Decoder(city, self._status.sequences)
        self._files = FilesInForce(
            self._decoder,
            city=source,
            foreign=foreign,
            state=state,
            status=self._status,
            waker=self._waker,
        )
        self._admissions = AdmissionLog(state.path, self._decoder.admission)
        self._admissions.begin(clock.now_ms())
        self._ingestor = build_ingestor(settings, self._decoder)
        self._sink_waker = Waker()
        self._queue = Queue(self._sink_waker)
        self._results: Results[JobResult] = Results(self._waker)
        self._sink = build_sink(
            settings, state=state, status=self._status, clock=clock, queue=self._queue,
            results=self._results, waker=self._sink_waker,
        )  # fmt: skip
        self._subscriptions = SubscriptionNotes(
            state, settings.mqtt.filters, health=self._status.subscriptions
        )
        self._session_note = SessionNote(
            state, settings.mqtt, health=self._status.session_queue, clock=clock
        )
        self._session_handler = SessionHandler(
            self._ingestor, self._queue, clock, self._session_note
        )
        self._link = self._build_link()
        self._health = HealthServer(*settings.http_listen, Pages(self._status, clock))
        self._reporter = RowReporter(
            self._status,
            self._sink,
            clock,
            interval_s=settings.report_interval_s,
            gives_up=settings.ends_session,
        )
        self._files.report_to(self._reporter)
        self._machine = MachineWatch(self._status, state.path, settings.mqtt.cert_file, clock)
        self._session_drain = SessionDrain()
        self._is_session_empty = False
        self._next_snapshot_s = 0.0
        self._is_stopping = False

    def _build_link(self) -> MQTTLink:
        endpoint, former = self._settings.mqtt, self._subscriptions.begin()
        return MQTTLink(
            dataclasses.replace(endpoint, former_filters=(*endpoint.former_filters, *former)),
            self._session_handler,
            waker=self._waker,
            health=self._status.session,
            subscriptions=self._status.subscriptions,
            clock=self._clock,
        )

    def request_stop(self) -> None:
        """Drain and end; safe in a signal handler."""
        self._is_stopping = True
        self._waker.wake()

    def reload_city(self) -> None:
        """Load city file and mappings now, changed or not; safe in a signal handler."""
        self._files.look_now()

    @property
    def is_stopping(self) -> bool:
        """Whether a stop was requested."""
        return self._is_stopping

    @property
    def has_ended_session(self) -> bool:
        """Whether the session was found empty and told to end."""
        return self._link.has_ended_session

    def run(self) -> None:
        """Work until ``request_stop``, or until a session that is to end is empty; then drain.

        Raises:
            WorkerFailedError: a fault of our own.
        """
        thread = threading.Thread(target=self._sink.run, name="sink", daemon=True)
        self._health.start()
        thread.start()
        self._files.start()
        log.info("started", worker=self._status.worker, http_port=self._health.port)
        is_saved = is_noted = False
        try:
            while not self._is_stopping:
                self._turn(self._timeout_s())
                if not is_saved and self._status.session.is_ok:
                    is_saved = True
                    self._subscriptions.forget_former()
                if is_saved and not is_noted:
                    is_noted = self._session_note.held()
                self._follow_files()
                self._machine.look_if_due(self._link.broker_certificate)
                self._reporter.report_if_due(self._ingestor.snapshot)
                if self._settings.ends_session:
                    self._end_if_empty()
            self._drain()
        finally:
            self._sink.stop()
            thread.join(2.0)
            self.close()

    def close(self) -> None:
        """Give sockets back; ``run`` does it at its end."""
        self._files.close()
        self._link.close()
        self._health.close()
        self._waker.close()
        self._sink_waker.close()

    def _timeout_s(self) -> float:
        """Until the open batch is due, the next attempt to connect, or a quarter of a second."""
        due = (self._ingestor.due_s(), self._link.next_due_s())
        now_s = self._clock.monotonic_s()
        waits = [at_s - now_s for at_s in due if at_s is not None]
        return max(0.0, min([_TURN_S, *waits]))

    def _turn(self, timeout_s: float) -> None:
        self._session_handler.turn_s = self._clock.monotonic_s()
        self._link.turn(timeout_s)
        self._reporter.note_granted(self._link.granted)
        for result in self._results.drain():
            self._ingestor.settle(result)
        self._link.acknowledge(self._ingestor.release())
        self._link.answer(self._ingestor.take_answers())
        calls = self._ingestor.take_safety_calls()
        if calls:
            relay = self._status.safety_relay
            self._link.answer(relay.messages(calls, self._clock.now_ms()))
        self._link.flush()
        now_s = self._status.heartbeat_s = self._clock.monotonic_s()
        self._session_handler.queue_up(self._ingestor.seal_due(now_s))
        if now_s >= self._next_snapshot_s:
            self._next_snapshot_s = now_s + _SNAPSHOT_S
            self._status.take_snapshot(self._ingestor.snapshot(now_s))
            self._admissions.sync(self._clock.now_ms())
        if self._sink.failure is not None:
            raise WorkerFailedError("the sink thread failed") from self._sink.failure

    def _follow_files(self) -> None:
        """Put another version of city or mappings in force, and subscribe what it brings."""
        self._files.follow(self._subscriptions, self._reporter)
        if self._subscriptions.settle(self._clock.monotonic_s()):
            self._link.subscribe_to(self._subscriptions.filters)

    def _end_if_empty(self) -> None:
        """Stop once the session holds nothing any more, and this worker's rows have said so."""
        link, now = self._link, self._ingestor.snapshot()
        waiting = now.messages.unacknowledged + now.points.in_flight + now.points.spooled
        waiting += self._reporter.is_pending
        seen = SessionActivity(link.is_connected, link.delivered, link.answers, waiting)
        step = self._session_drain.observe(self._clock.monotonic_s(), seen)
        if step is DrainStep.ASK:
            link.ask()
        elif step is DrainStep.END:
            log.info("session_is_empty", worker=self._status.worker)
            self._is_session_empty = True
            self.request_stop()

    def _drain(self) -> None:
        """Store and acknowledge what was read, as far as the time allows, then leave."""
        log.info("draining")
        self._status.is_draining = True
        until_s = self._clock.monotonic_s() + self._settings.drain_timeout_s
        self._link.stop_taking()
        self._sink.flush_on_shutdown()
        self._session_handler.queue_up(self._ingestor.seal_now())
        while self._ingestor.ledger.waiting and self._clock.monotonic_s() < until_s:
            self._turn(_TURN_S)
        self._link.leave(ends_session=self._is_session_empty)
        while self._link.is_connected and self._clock.monotonic_s() < until_s:
            self._turn(_TURN_S)
        if self._link.has_ended_session:
            self._session_note.ended()
        self._admissions.sync(self._clock.now_ms())
        left = self._ingestor.snapshot()
        log.info(
            "stopped",
            acknowledged=left.messages.acknowledged,
            unacknowledged=left.messages.unacknowledged,
            balanced=left.is_balanced,
        )
