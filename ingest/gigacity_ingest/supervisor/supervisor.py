"""The supervisor's loop: makes sessions and processes what the record says they should be.

One thread. Every change of the record is durable before the broker or a worker hears of it.
"""

from collections.abc import Collection, Sequence

import structlog

from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.pipeline.backoff import Backoff
from gigacity_ingest.supervisor import ports, steps
from gigacity_ingest.supervisor.crew import Crew
from gigacity_ingest.supervisor.record import Member, Record
from gigacity_ingest.supervisor.session_editor import EditError, FiltersRefusedError
from gigacity_ingest.supervisor.steps import Step
from gigacity_ingest.supervisor.worker_process import Mode

ASK_S = 10.0
"""Between two looks at whether the broker grants by now what it refused."""
log = structlog.get_logger("supervisor")


class Supervisor:
    """Runs the workers of a record.

    Args:
        record: as it was loaded; give the plan to ``adopt``.
        store: keeps it.
        editor: changes subscriptions.
        spawn: starts a worker.
        answers: asks a worker whether it is alive.
        granted: asks a worker what its session is subscribed to.
        clock: for delays.
        is_once: run only what leaves, and end when it has left.
    """

    def __init__(
        self,
        record: Record,
        *,
        store: ports.Store,
        editor: ports.Editor,
        spawn: ports.Spawn,
        answers: ports.Answers,
        granted: ports.Granted,
        clock: Clock,
        is_once: bool = False,
    ) -> None:
        self.record = record
        self._store = store
        self._editor = editor
        self._crew = Crew(spawn=spawn, answers=answers, clock=clock)
        self._granted = granted
        self._clock = clock
        self._is_once = is_once
        self._backoff = Backoff(first_s=0.5, cap_s=5.0)
        self._next_edit_s = 0.0
        self._refused: dict[str, frozenset[str]] = {}
        self._said: set[str] = set()
        """Refusals of this plan that are in the log."""
        self._next_ask_s = 0.0
        self.problem = ""
        """Why the sessions cannot be made what they should be; empty: they can."""
        self.refusal = ""
        """Which filters the broker refuses, while all else goes on; empty: none."""
        self.city_problem = ""
        """Why the city file is not the one in force; empty: it is."""
        self.heartbeat_s = clock.monotonic_s()
        self.is_stopping = False

    # --- what others ask -------------------------------------------------------------------------

    def adopt(self, plan: Sequence[Member]) -> None:
        """Follow this plan from now on."""
        self._save(self.record.adopt(plan))
        # A worker asks for what was refused when it started, and for nothing of another plan.
        self._refused.clear()
        self._said.clear()

    def retire(self, client_ids: Collection[str], regroup: ports.Regroup) -> None:
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
        for process in self._crew.processes():
            process.kill()

    def reload_workers(self) -> None:
        """Let every worker load its city again."""
        for process in self._crew.processes():
            process.reload_city()

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to run."""
        if self._crew.processes():
            return False
        if self.is_stopping or not self.record.sessions:
            return True
        return self._is_once and steps.is_done(self.record)

    def views(self) -> list[ports.WorkerView]:
        """Every session's worker; safe in any thread."""
        return [self._crew.view(session) for session in self.record.sessions]

    # --- one pass --------------------------------------------------------------------------------

    def turn(self) -> None:
        """Look at every worker once, then do what is due."""
        self.heartbeat_s = self._clock.monotonic_s()
        try:
            for client_id in self._crew.reap():
                self._save(self.record.ended(client_id))
                log.info("session_ended", worker=client_id)
            if self.is_stopping:
                self._stop_all()
            else:
                self._crew.watch()
                self._ask_again()
                self._edit()
                self._start()
        except OSError as error:
            # What is not noted is not done: the record on disk stands, and this is tried again.
            self._wait(f"the system refuses: {error}; check the disk of GIGACITY_STATE_DIR")

    def _stop_all(self) -> None:
        for process in self._crew.processes():
            process.stop()

    def _wait(self, problem: str) -> None:
        self._next_edit_s = self._clock.monotonic_s() + self._backoff.next_s()
        if problem != self.problem:
            log.warning("hand_over_waits", problem=problem)
        self.problem = problem

    def _ask_again(self) -> None:
        """Hear from workers what the broker grants by now; without a worker, ask by a visit.

        Not before everything else is done, which a broker that is slow to refuse would hold up.
        """
        now_s = self._clock.monotonic_s()
        if now_s < self._next_ask_s:
            return
        self._next_ask_s = now_s + ASK_S
        for client_id, refused in list(self._refused.items()):
            process = self._crew.process(client_id)
            if process is not None:
                if granted := refused & self._granted(client_id, process.http_port):
                    self._note_granted(client_id, granted, refused - granted)
            elif not steps.next_steps(self.record, self._refused):
                del self._refused[client_id]

    def _note_granted(
        self, client_id: str, granted: frozenset[str], refused: frozenset[str]
    ) -> None:
        self._save(self.record.subscribed(client_id, granted))
        self._refused.pop(client_id, None)
        if refused:
            self._refused[client_id] = refused
        if granted:
            log.info("subscribed", worker=client_id, filters=sorted(granted))

    def _edit(self) -> None:
        """Change the subscriptions of every session whose turn it is and whose worker is away."""
        pending = steps.next_steps(self.record, self._refused)
        if not pending:
            self._say_refused()
            return
        for step in pending:
            process = self._crew.process(step.client_id)
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
        self._save(
            self.record.subscribing(client_id)
            if step.subscribe
            else self.record.unsubscribing(client_id, step.unsubscribe)
        )
        refused: frozenset[str] = frozenset()
        try:
            was_done = self._editor.apply(step, expects_session=is_known)
        except FiltersRefusedError as error:
            was_done, refused = True, error.filters
            self._say_once(f"{client_id}: {error}")
        except EditError as error:
            self._wait(f"{client_id}: its subscriptions cannot be changed: {error}")
            return
        self._backoff.reset()
        self._next_edit_s = 0.0
        if not was_done:
            log.warning("session_was_lost", worker=client_id, effect="it is subscribed anew")
            self._save(self.record.lost(client_id))
            self._refused.pop(client_id, None)
        elif step.subscribe:
            self._note_granted(client_id, step.subscribe - refused, refused)
        else:
            self._save(self.record.unsubscribed(client_id, step.unsubscribe))
            log.info("unsubscribed", worker=client_id, filters=sorted(step.unsubscribe))

    def _say_once(self, problem: str) -> None:
        if problem not in self._said:
            self._said.add(problem)
            log.warning("subscription_refused", problem=problem)

    def _say_refused(self) -> None:
        """Nothing can be done now: say what the broker refuses, and whether it lacks an owner."""
        self.refusal = "; ".join(
            f"{s.client_id}: the broker refuses {', '.join(sorted(s.missing))}; allow this client"
            " to read it"
            for s in self.record.sessions
            if s.missing
        )
        unowned = ", ".join(steps.unowned(self.record))
        self.problem = f"no session holds {unowned}: {self.refusal}" if unowned else ""

    def _start(self) -> None:
        wanted = [(session, Mode.RETIRE) for session in steps.retirable(self.record)]
        if not self._is_once:
            runnable = steps.runnable(self.record, self._refused)
            wanted += [(session, Mode.RUN) for session in runnable]
        for session, mode in wanted:
            self._crew.man(session, mode)

    def _save(self, record: Record) -> None:
        if record != self.record:
            self._store.save(record)
            self.record = record
