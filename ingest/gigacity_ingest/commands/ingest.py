"""``gigacity ingest``: one worker until it is told to stop."""

import os
import signal
import sys
from typing import TYPE_CHECKING

import typer

from gigacity_contract.process.options import options_of
from gigacity_ingest.commands.ingest_options import IngestOptions
from gigacity_ingest.supervisor import command
from gigacity_ingest.supervisor.prepared import environment_of

if TYPE_CHECKING:
    from gigacity_ingest.adapters.state_folder import StateFolder
    from gigacity_ingest.supervisor.prepared import Prepare, Prepared
    from gigacity_ingest.worker import Worker

app = typer.Typer()
app.add_typer(command.app)


@app.callback(
    invoke_without_command=True,
    epilog="Example: GIGACITY_MQTT_PASSWORD=... gigacity ingest --mqtt-url mqtt://127.0.0.1:1883"
    " --mqtt-username worker --influx-url http://127.0.0.1:8086 --city deploy/city/binzhou",
)
@options_of(IngestOptions)
def ingest(context: typer.Context, given: IngestOptions) -> None:
    """Read telemetry from MQTT and write it to InfluxDB; lose nothing.

    SIGTERM stores and acknowledges what was read, then ends; a second one ends at once.
    SIGHUP loads the city file again, which a changed one does by itself.
    """
    is_worker = not given.workers and context.invoked_subcommand is None
    environment = environment_of(context)

    def prepare() -> "Prepared":
        """Check every setting and load the city; sub-commands do it when they are called."""
        from gigacity_ingest.commands.preparing import prepare_call  # noqa: PLC0415 - quick --help

        return prepare_call(given, environment, is_worker=is_worker)

    context.obj = prepare
    if context.invoked_subcommand is not None:
        return
    # Whoever asks while the city is being loaded for the first time gets the newest one anyway.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if given.workers:
        from gigacity_ingest.supervisor.run import supervise  # noqa: PLC0415 - as above

        supervise(prepare(), given.workers)
    else:
        _run(prepare, ends_session=given.end_session)


def _build(prepare: "Prepare", *, ends_session: bool) -> "tuple[Worker, StateFolder]":
    """A worker, which keeps only what it needs of the city: half of its memory."""
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415
    from gigacity_ingest.adapters.state_folder import StateFolder  # noqa: PLC0415
    from gigacity_ingest.supervisor.retiring import RetiringWorker  # noqa: PLC0415
    from gigacity_ingest.worker import Worker  # noqa: PLC0415

    prepared = prepare()
    state = StateFolder(prepared.settings.state_dir)
    worker_type = RetiringWorker if ends_session else Worker
    worker = worker_type(
        prepared.settings,
        prepared.city,
        clock=SystemClock(),
        state=state,
        source=prepared.city_source(),
    )
    return worker, state


def _run(prepare: "Prepare", *, ends_session: bool) -> None:
    from gigacity_ingest.adapters.memory import settle_memory  # noqa: PLC0415
    from gigacity_ingest.supervisor.retiring import RetiringWorker  # noqa: PLC0415

    worker, state = _build(prepare, ends_session=ends_session)

    def stop(_number: int, _frame: object) -> None:
        if worker.is_stopping:
            # Asked twice: what is not acknowledged is delivered again at the next start.
            os._exit(1)
        worker.request_stop()

    settle_memory()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, lambda *_: worker.reload_city())
    try:
        worker.run()
    finally:
        state.close()
    # 1: asked to stop before the session was empty; it stays, and can be drained again.
    sys.exit(1 if isinstance(worker, RetiringWorker) and not worker.has_ended else 0)
