"""The supervisor's processes: started, stopped, started again when they end, killed when they hang.

Which of them should run is not decided here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog

from gigacity_contract.clock import Clock
from gigacity_ingest.supervisor.ports import Answers, Process, Spawn, WorkerView
from gigacity_ingest.supervisor.record import Session
from gigacity_ingest.supervisor.worker_process import Mode, RestartPolicy

WATCH_S = 10.0
"""Between two looks at whether the workers hang."""
WATCH_FROM_S = 60.0
"""A young worker may still be loading its city."""
MAX_SILENCES = 3
log = structlog.get_logger("supervisor")


@dataclass
class _Worker:
    """What is kept of one session's worker."""

    policy: RestartPolicy = field(default_factory=RestartPolicy)
    process: Process | None = None
    restarts: int = 0
    silences: int = 0
    """Looks in a row that found it hanging."""


class Crew:
    """One worker at most for each session.

    Args:
        spawn: starts a worker.
        answers: asks a worker whether it is alive.
        clock: for delays.
    """

    def __init__(self, *, spawn: Spawn, answers: Answers, clock: Clock) -> None:
        self._spawn = spawn
        self._answers = answers
        self._clock = clock
        self._workers: dict[str, _Worker] = {}
        self._next_watch_s = 0.0

    def process(self, client_id: str) -> Process | None:
        """The worker of a session, if it runs."""
        return self._worker(client_id).process

    def _worker(self, client_id: str) -> _Worker:
        return self._workers.setdefault(client_id, _Worker())

    def processes(self) -> list[Process]:
        """Every worker that runs; safe in a signal handler."""
        return [w.process for w in list(self._workers.values()) if w.process is not None]

    def view(self, session: Session) -> WorkerView:
        """A session and its worker; safe in any thread."""
        worker = self._workers.get(session.client_id, _Worker())
        process = worker.process
        return WorkerView(
            session.client_id,
            session.areas,
            process.http_port if process else None,
            session.is_leaving,
            worker.restarts,
        )

    def reap(self) -> Iterator[str]:
        """Take note of workers that have ended; sessions of those that drained theirs."""
        for client_id, worker in self._workers.items():
            process = worker.process
            code = process.poll() if process else None
            if process is None or code is None:
                continue
            worker.process = None
            if process.mode is Mode.RETIRE and code == 0:
                yield client_id
            elif not process.is_stopping:
                worker.restarts += 1
                delay_s = worker.policy.ended(self._clock.monotonic_s())
                log.warning(
                    "worker_ended", worker=client_id, exit_code=code, next_start_s=round(delay_s, 1)
                )

    def watch(self) -> None:
        """Kill a worker that hangs; it is then started again like any that ended."""
        now_s = self._clock.monotonic_s()
        if now_s < self._next_watch_s:
            return
        self._next_watch_s = now_s + WATCH_S
        for client_id, worker in self._workers.items():
            process = worker.process
            if process is None or process.is_stopping or worker.policy.age_s(now_s) < WATCH_FROM_S:
                worker.silences = 0
                continue
            worker.silences = 0 if self._answers(process.http_port) else worker.silences + 1
            if worker.silences >= MAX_SILENCES:
                log.error("worker_hangs", worker=client_id, pid=process.pid, effect="it is killed")
                worker.silences = 0
                process.kill()

    def man(self, session: Session, mode: Mode) -> None:
        """See to it that a worker of this mode runs, as soon as its delay is over."""
        worker = self._worker(session.client_id)
        if worker.process is not None:
            if worker.process.mode is not mode:
                worker.process.stop()
            return
        now_s = self._clock.monotonic_s()
        if now_s < worker.policy.next_start_s:
            return
        worker.policy.started(now_s)
        worker.process = self._spawn(session, mode)
        log.info(
            "worker_started",
            worker=session.client_id,
            mode=mode.value,
            pid=worker.process.pid,
            areas=session.areas,
        )
