"""The supervisor's loop: makes sessions and processes what the record says they should be.

One thread. Every change of the record is durable before the broker or a worker hears of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import structlog

from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.pipeline.backoff import Backoff
from gigacity_ingest.supervisor import steps
from gigacity_ingest.supervisor.ports import (
    Answers,
    Editor,
    Process,
    Regroup,
    Spawn,
    Store,
    WorkerView,
)
from gigacity_ingest.supervisor.record import Member, Record
from gigacity_ingest.supervisor.session_editor import EditError
from gigacity_ingest.supervisor.steps import Step
from gigacity_ingest.supervisor.worker_process import Mode, RestartPolicy

log = structlog.get_logger("supervisor")


WATCH_S = 10.0
"""Between two looks at whether the workers hang."""
WATCH_FROM_S = 60.0
"""A young worker may still be loading its city."""
MAX_SILENCES = 3


@dataclass
class _Worker:
    """What the supervisor keeps of one session's worker."""

    policy: RestartPolicy = field(default_factory=RestartPolicy)
    process: Process | None = None
    restarts: int = 0
    silences: int = 0
    """Looks in a row that found it hanging."""


class Supervisor:
    """Runs the workers of a record.

    Args:
        record: as it was loaded; give the plan to ``adopt``.
        store: keeps it.
        editor: changes subscriptions.
        spawn: starts a worker.
        answers: asks a worker whether it is alive.
        clock: for delays.
        is_once: run only what leaves, and end when it has left.
    """

    def __init__(
        self,
        record: Record,
        *,
        store: Store,
        editor: Editor,
        spawn: Spawn,
        answers: Answers,
        clock: Clock,
        is_once: bool = False,
    ) -> None:
        self.record = record
        self._store = store
        self._editor = editor
        self._spawn = spawn
        self._answers = answers
        self._clock = clock
        self._is_once = is_once
        self._workers: dict[str, _Worker] = {}
        self._backoff = Backoff(first_s=0.5, cap_s=5.0)
        self._next_edit_s = 0.0
        self._next_watch_s = 0.0
        self.problem = ""
        """Why the sessions cannot be made what they should be; empty: they can."""
        self.heartbeat_s = clock.monotonic_s()
        self.is_stopping = False

    # --- what others ask -------------------------------------------------------------------------

    def adopt(self, plan: Sequence[Member]) -> None:
        """Follow this plan from now on."""
        self._save(self.record.adopt(plan))

    def retire(self, client_ids: Collection[str], regroup: Regroup) -> None:
        """Hand the areas of these sessions over and end them.

        Raises:
            ConfigError: nobody would stay.
        """
        unknown = set(client_ids) - {s.client_id for s in self.record.sessions}
        if unknown:
            raise ConfigError(f"there is no session {', '.join(sorted(unknown))}")
        self.adopt(regroup(self.record, client_ids))

    def request_stop(self) -> None:
        """Stop every worker in order; safe in a signal handler."""
        self.is_stopping = True

    def kill(self) -> None:
        """End every worker at once: what is not acknowledged comes again."""
        for worker in self._workers.values():
            if worker.process is not None:
                worker.process.kill()

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to run."""
        if any(worker.process is not None for worker in self._workers.values()):
            return False
        if self.is_stopping or not self.record.sessions:
            return True
        return self._is_once and steps.is_done(self.record)

    def views(self) -> list[WorkerView]:
        """Every session's worker; safe in any thread."""
        views = []
        for session in self.record.sessions:
            worker = self._workers.get(session.client_id, _Worker())
            process = worker.process
            views.append(
                WorkerView(
                    session.client_id,
                    session.areas,
                    process.http_port if process else None,
                    session.is_leaving,
                    worker.restarts,
                )
            )
        return views

    # --- one pass --------------------------------------------------------------------------------

    def turn(self) -> None:
        """Look at every worker once, then do what is due."""
        self.heartbeat_s = self._clock.monotonic_s()
        try:
            self._reap()
            if self.is_stopping:
                self._stop_all()
            else:
                self._watch()
                self._edit()
                self._start()
        except OSError as error:
            # What is not noted is not done: the record on disk stands, and this is tried again.
            self._wait(f"the system refuses: {error}; check the disk of GIGACITY_STATE_DIR")

    def _stop_all(self) -> None:
        for worker in self._workers.values():
            if worker.process is not None:
                worker.process.stop()

    def _wait(self, problem: str) -> None:
        self._next_edit_s = self._clock.monotonic_s() + self._backoff.next_s()
        if problem != self.problem:
            log.warning("hand_over_waits", problem=problem)
        self.problem = problem

    def _reap(self) -> None:
        for client_id, worker in self._workers.items():
            process = worker.process
            code = process.poll() if process else None
            if process is None or code is None:
                continue
            worker.process = None
            if process.mode is Mode.RETIRE and code == 0:
                self._save(self.record.ended(client_id))
                log.info("session_ended", worker=client_id)
            elif not process.is_stopping:
                worker.restarts += 1
                delay_s = worker.policy.ended(self._clock.monotonic_s())
                log.warning(
                    "worker_ended", worker=client_id, exit_code=code, next_start_s=round(delay_s, 1)
                )

    def _watch(self) -> None:
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

    def _edit(self) -> None:
        """Change the subscriptions of every session whose turn it is and whose worker is away."""
        pending = steps.next_steps(self.record)
        if not pending:
            self.problem = ""
            return
        for step in pending:
            process = self._worker(step.client_id).process
            if process is not None:
                process.stop()
            elif self._clock.monotonic_s() >= self._next_edit_s:
                self._apply(step)

    def _apply(self, step: Step) -> None:
        client_id = step.client_id
        session = self.record.session(client_id)
        if session is None:
            return
        is_known = bool(session.maybe)
        note, done = (
            (self.record.subscribing, Record.subscribed)
            if step.subscribe
            else (self.record.unsubscribing, Record.unsubscribed)
        )
        self._save(note(client_id))
        try:
            was_done = self._editor.apply(step, expects_session=is_known)
        except EditError as error:
            self._wait(f"{client_id}: its subscriptions cannot be changed: {error}")
            return
        self._backoff.reset()
        self._next_edit_s = 0.0
        if not was_done:
            log.warning("session_was_lost", worker=client_id, effect="it is subscribed anew")
            self._save(self.record.lost(client_id))
            return
        self._save(done(self.record, client_id))
        log.info(
            "subscribed" if step.subscribe else "unsubscribed",
            worker=client_id,
            filters=sorted(step.subscribe | step.unsubscribe),
        )

    def _start(self) -> None:
        wanted = [(session, Mode.RETIRE) for session in steps.retirable(self.record)]
        if not self._is_once:
            wanted += [(session, Mode.RUN) for session in steps.runnable(self.record)]
        for session, mode in wanted:
            worker = self._worker(session.client_id)
            if worker.process is not None:
                if worker.process.mode is not mode:
                    worker.process.stop()
                continue
            now_s = self._clock.monotonic_s()
            if now_s < worker.policy.next_start_s:
                continue
            worker.policy.started(now_s)
            worker.process = self._spawn(session, mode)
            log.info(
                "worker_started",
                worker=session.client_id,
                mode=mode.value,
                pid=worker.process.pid,
                areas=session.areas,
            )

    def _worker(self, client_id: str) -> _Worker:
        return self._workers.setdefault(client_id, _Worker())

    def _save(self, record: Record) -> None:
        if record != self.record:
            self._store.save(record)
            self.record = record
