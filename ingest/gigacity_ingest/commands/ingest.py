"""``gigacity ingest``: one worker until it is told to stop; ``drain`` and ``check``.

Settings stand before a sub-command (``gigacity ingest --state-dir state drain``) or in the
environment.
"""

import dataclasses
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from gigacity_contract.process.options import options_of
from gigacity_ingest.settings import IngestSettings

if TYPE_CHECKING:
    from gigacity_ingest.adapters.state_folder import StateFolder
    from gigacity_ingest.worker import Worker

app = typer.Typer()


@app.callback(
    invoke_without_command=True,
    epilog="Example: GIGACITY_MQTT_PASSWORD=... gigacity ingest --mqtt-url mqtt://127.0.0.1:1883"
    " --mqtt-username worker --influx-url http://127.0.0.1:8086 --city deploy/city/binzhou",
)
@options_of(IngestSettings)
def ingest(context: typer.Context, given: IngestSettings) -> None:
    """Read telemetry from MQTT and write it to InfluxDB; lose nothing.

    SIGTERM stores and acknowledges what was read, then ends; a second one ends at once.
    SIGHUP loads city file and mappings again, which changed ones do by themselves.
    """
    context.obj = given
    if context.invoked_subcommand is None:
        # 1: asked to stop before the session was empty; it stays, and can be drained again.
        sys.exit(0 if _run(given) else 1)


@app.command(
    epilog="Example: gigacity ingest --state-dir state/worker-1 drain"
    " (settings stand before the command, or in the environment)"
)
def drain(
    context: typer.Context,
    *,
    timeout_s: Annotated[
        float, typer.Option(min=0.0, help="Wait so long at most; 0: until it is done.")
    ] = 0.0,
) -> None:
    """Give this worker's areas up, store what its session still holds, and end the session.

    First let the new owners of its areas start and be ready; then stop this worker, and call this
    with the same settings. Until then the broker keeps what comes.

    Exits with 0 when it is done; with 1 if not yet, so that it can be called again; with 2 for a
    wrong call.
    """
    given: IngestSettings = dataclasses.replace(context.obj, end_session=True)
    has_ended = _run(given, timeout_s=timeout_s)
    what = "ended" if has_ended else "not empty yet; call this again"
    sys.stdout.write(f"session {given.mqtt_client_id}: {what}\n")
    raise typer.Exit(0 if has_ended else 1)


@app.command(epilog="Example: gigacity ingest check --json")
def check(
    context: typer.Context, *, as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Try broker, database and city file with the worker's settings.

    Changes nothing and takes no session. Exits with 0 only if all is well.
    """
    import msgspec  # noqa: PLC0415 - keeps --help quick

    from gigacity_ingest.commands.checking import check_surroundings  # noqa: PLC0415
    from gigacity_ingest.commands.preparing import prepare_call  # noqa: PLC0415

    given: IngestSettings = context.obj
    found = check_surroundings(lambda: prepare_call(given, is_worker=False))
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
        sys.stdout.write(f"{text}\n")
    else:
        for name, part in found["checks"].items():
            mark = "ok  " if part["ok"] else "FAIL"
            sys.stdout.write(f"{mark} {name}: {part['detail']}\n")
    raise typer.Exit(0 if found["ok"] else 1)


@app.command(
    epilog="Example: gigacity ingest --mqtt-sources deploy/sources access --json"
    " (`gigacity credentials field` writes the files)"
)
def access(
    context: typer.Context, *, as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Print what the broker's access lists need for foreign sources, and the accounts they name.

    Exits with 1 if a source does not say who publishes it.
    """
    import msgspec  # noqa: PLC0415 - keeps --help quick

    from gigacity_ingest.commands.preparing import load_foreign  # noqa: PLC0415
    from gigacity_ingest.foreign.access import access_lines  # noqa: PLC0415

    loaded = load_foreign(context.obj)
    found = access_lines(() if loaded is None else loaded.sources)
    if as_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        parts = (found.publishers, found.workers)
        sys.stdout.write("\n\n".join("\n".join(lines) for lines in parts) + "\n")
        for problem in found.problems:
            sys.stderr.write(f"{problem}\n")
    raise typer.Exit(1 if found.problems else 0)


def _run(given: IngestSettings, *, timeout_s: float = 0.0) -> bool:
    """Run one worker; whether it did what it was started for."""
    from gigacity_ingest.adapters.memory import settle_memory  # noqa: PLC0415 - quick --help

    # Whoever asks while the city is being loaded for the first time gets the newest one anyway.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    worker, state = _build(given)

    def stop(_number: int, _frame: object) -> None:
        if worker.is_stopping:
            # Asked twice: what is not acknowledged is delivered again at the next start.
            os._exit(1)
        worker.request_stop()

    settle_memory()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, lambda *_: worker.reload_city())
    timer = threading.Timer(timeout_s, worker.request_stop)
    if timeout_s:
        timer.start()
    try:
        worker.run()
    finally:
        timer.cancel()
        state.close()
    return worker.has_ended_session or not given.end_session


def _build(given: IngestSettings) -> "tuple[Worker, StateFolder]":
    """A worker, which keeps only what it needs of the city: half of its memory."""
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415
    from gigacity_ingest.adapters.state_folder import StateFolder  # noqa: PLC0415
    from gigacity_ingest.commands.preparing import prepare_call  # noqa: PLC0415
    from gigacity_ingest.worker import Worker  # noqa: PLC0415

    call = prepare_call(given)
    state = StateFolder(call.config.state_dir)
    call.source.keep(call.city.version)
    worker = Worker(
        call.config,
        call.city,
        clock=SystemClock(),
        state=state,
        source=call.source,
        foreign=call.foreign,
    )
    return worker, state
