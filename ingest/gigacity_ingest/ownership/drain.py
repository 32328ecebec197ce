"""``gigacity ingest drain``: asks the running supervisor, or does its part where none runs."""

import signal
import sys
import threading
from collections.abc import Sequence

import msgspec

from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.ownership.drain_request import DrainRequest, put_request
from gigacity_ingest.supervisor import steps
from gigacity_ingest.supervisor.pages import fetch_page
from gigacity_ingest.supervisor.prepared import Prepared
from gigacity_ingest.supervisor.record import Record
from gigacity_ingest.supervisor.record_file import NAME, RecordFile
from gigacity_ingest.supervisor.run import build_planner, build_supervisor, run_until_done

_TURN_S = 0.25
_COUNTS_EVERY = 8
"""Turns between two lines that only say how much is left."""


class Progress:
    """Says what becomes of the sessions that are drained, a line for each change."""

    def __init__(self, client_ids: Sequence[str]) -> None:
        self._said = dict.fromkeys(client_ids, ("", ""))
        self._turns = 0

    def show(self, record: Record, left: dict[str, str]) -> None:
        """Look at the record; ``left`` says what is left of a session, where that is known."""
        self._turns += 1
        for client_id, (said, said_left) in self._said.items():
            phase = _phase(record, client_id)
            counts = left.get(client_id, "") if phase == "draining" else ""
            is_due = bool(counts) and counts != said_left and not self._turns % _COUNTS_EVERY
            if phase == said and not is_due:
                continue
            _say(f"{client_id}: {phase}: {counts}" if counts else f"{client_id}: {phase}")
            self._said[client_id] = phase, counts


def _phase(record: Record, client_id: str) -> str:
    session = record.session(client_id)
    if session is None:
        return "ended"
    if not session.is_leaving:
        return "waiting for the supervisor"
    if any(step.subscribe for step in steps.next_steps(record)):
        return "others subscribe its areas first"
    return "unsubscribing" if session.surplus else "draining"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def drain_sessions(
    prepared: Prepared, workers: Sequence[str], *, every: bool, timeout_s: float
) -> bool:
    """Hand the areas of these workers over, drain their sessions and end them; blocks.

    Args:
        prepared: settings of the supervisor.
        workers: numbers or client ids.
        every: all of them; nobody takes over.
        timeout_s: give up after so long; 0: never. What is not done stays recorded.

    Returns:
        Whether it is done.

    Raises:
        ConfigError: no such worker, or nobody would be left.
    """
    store = RecordFile(prepared.folder)
    record = store.load()
    if not record.sessions:
        raise ConfigError(
            f"{prepared.folder / NAME}: no sessions are recorded here. GIGACITY_STATE_DIR must be"
            " the supervisor's folder; a single worker leaves with `gigacity ingest --end-session`"
        )
    client_ids = _resolve(record, prepared.client_id, workers, every=every)
    if not every:
        build_planner(prepared).without(record, client_ids)
    is_alone = store.lock()
    if is_alone:
        _say(f"no supervisor runs in {prepared.folder}: draining here")
        return _drain_here(prepared, store, client_ids, every=every, timeout_s=timeout_s)
    put_request(prepared.folder, DrainRequest(client_ids=tuple(client_ids), every=every))
    return _watch(prepared, store, client_ids, timeout_s=timeout_s)


def _resolve(record: Record, base: str, workers: Sequence[str], *, every: bool) -> list[str]:
    if every == bool(workers):
        raise ConfigError("name the workers to drain with --worker, or all of them with --all")
    if every:
        return [session.client_id for session in record.sessions]
    named = [f"{base}-{name}" if name.isdigit() else name for name in workers]
    for name in named:
        if record.session(name) is None:
            known = ", ".join(session.client_id for session in record.sessions)
            raise ConfigError(f"--worker: there is no session {name}; there are {known}")
    return list(dict.fromkeys(named))


def _drain_here(
    prepared: Prepared,
    store: RecordFile,
    client_ids: Sequence[str],
    *,
    every: bool,
    timeout_s: float,
) -> bool:
    clock, progress = SystemClock(), Progress(client_ids)
    supervisor = build_supervisor(prepared, store, store.load(), clock=clock, is_once=True)
    if every:
        supervisor.adopt([])
    else:
        supervisor.retire(client_ids, build_planner(prepared).without)
    until_s = clock.monotonic_s() + timeout_s

    def each_turn() -> None:
        ports = {v.client_id: v.http_port for v in supervisor.views() if v.http_port is not None}
        left = {name: _left_at(port, "") for name, port in ports.items()}
        progress.show(supervisor.record, left)
        if timeout_s and clock.monotonic_s() > until_s:
            supervisor.request_stop()

    run_until_done(supervisor, each_turn)
    progress.show(supervisor.record, {})
    store.unlock()
    return _are_gone(supervisor.record, client_ids)


def _watch(
    prepared: Prepared, store: RecordFile, client_ids: Sequence[str], *, timeout_s: float
) -> bool:
    clock, progress, pause = SystemClock(), Progress(client_ids), threading.Event()
    until_s = clock.monotonic_s() + timeout_s
    port = prepared.settings.http_listen[1]
    signal.signal(signal.SIGTERM, lambda *_: pause.set())
    while True:
        record = store.load()
        left = {name: _left_at(port, name) for name in client_ids if port}
        progress.show(record, left)
        if _are_gone(record, client_ids):
            return True
        if store.lock():
            store.unlock()
            if _are_gone(store.load(), client_ids):
                continue
            _say("the supervisor has ended before it was done; call this again")
            return False
        if pause.wait(_TURN_S) or (timeout_s and clock.monotonic_s() > until_s):
            _say("not done yet; the supervisor goes on with it")
            return False


def _are_gone(record: Record, client_ids: Sequence[str]) -> bool:
    return not any(record.session(name) for name in client_ids)


def _left_at(port: int, client_id: str) -> str:
    """What is left of a session, as its worker's or the supervisor's ledger says; "" if unknown."""
    answer = fetch_page(port, "/ledger")
    if answer is None or answer[0] != 200:
        return ""
    ledger = msgspec.json.decode(answer[1])
    if client_id:
        ledger = ledger.get("workers", {}).get(client_id)
    if not ledger:
        return ""
    messages, points = ledger["messages"], ledger["points"]
    return (
        f"{messages['acknowledged']:,} messages taken, {messages['unacknowledged']:,} on their way,"
        f" {points['spooled']:,} points on disk"
    )
