"""Builds the parts of a worker that stand between its threads and the outside."""

from gigacity_contract.clock import Clock
from gigacity_contract.influx import Server
from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.sink import Sink
from gigacity_ingest.adapters.spool_gate import SpoolGate
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.dead_letters.store import DeadLetterStore
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.influx.storage import Storage
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.pipeline.batch import JobResult
from gigacity_ingest.pipeline.ingestor import Ingestor
from gigacity_ingest.pipeline.read_ahead import ReadAhead
from gigacity_ingest.provisioning.storage import create_storage
from gigacity_ingest.worker_config import WorkerConfig

_SOCKET_TIMEOUT_S = 5.0
"""For connecting, sending, and reading on in an answer that has begun."""
_STORAGE_TIMEOUT_S = 10.0


def build_ingestor(settings: WorkerConfig, decoder: Decoder) -> Ingestor:
    """The state machine between the worker's two threads."""
    return Ingestor(
        decoder,
        settings.limits,
        max_waiting_messages=2 * settings.mqtt.receive_maximum,
        refusal_limits=settings.refusals,
        read_ahead=ReadAhead(
            patience_s=settings.dispatch.spool_after_s,
            connections=settings.dispatch.connections,
            batch_points=settings.limits.points,
        ),
    )


def build_sink(
    settings: WorkerConfig,
    *,
    state: StateFolder,
    status: WorkerStatus,
    clock: Clock,
    queue: Queue,
    results: Results[JobResult],
    waker: Waker,
) -> Sink:
    """The other side of the queue: database, spool and dead letters.

    Args:
        settings: checked.
        state: the worker's folder.
        status: told of the database and the disk.
        clock: of this process.
        queue: of sealed batches.
        results: of what became of them.
        waker: of the sink's thread.
    """
    writer = InfluxWriter(settings.influx, timeout_s=_STORAGE_TIMEOUT_S)

    def create(server: Server) -> None:
        create_storage(server, writer, settings.influx, settings.org)

    return Sink(
        connections=[
            InfluxWriter(settings.influx, timeout_s=_SOCKET_TIMEOUT_S)
            for _ in range(settings.dispatch.connections)
        ],
        storage=Storage(writer, bucket=settings.influx.bucket, create=create),
        store=DeadLetterStore(state.dead_letters, budget_bytes=settings.dead_letter_budget_bytes),
        spool=SpoolGate(state.spool, policy=settings.spool, clock=clock, health=status.spool),
        queue=queue,
        results=results,
        waker=waker,
        status=status,
        clock=clock,
        policy=settings.dispatch,
        timeout_s=settings.influx_timeout_s,
    )
