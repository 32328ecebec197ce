"""The supervisor over a broker and workers that fail at any moment, as a state machine.

The broker of the model keeps sessions, subscriptions and queues. Whatever is published to an area
that once had an owner must be in a queue or stored, whenever the supervisor dies, whoever leaves,
whatever the broker refuses.
"""

from collections.abc import Iterable, Sequence

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gigacity_contract.clock import ManualClock
from gigacity_ingest.ownership.subscriptions import covers
from gigacity_ingest.supervisor import steps
from gigacity_ingest.supervisor.division import divide
from gigacity_ingest.supervisor.record import Member, Record, Session
from gigacity_ingest.supervisor.session_editor import EditError, FiltersRefusedError
from gigacity_ingest.supervisor.steps import Step
from gigacity_ingest.supervisor.supervisor import Supervisor
from gigacity_ingest.supervisor.worker_process import Mode

AREAS = tuple("abcde")


class _DiedError(Exception):
    """The supervisor was killed here."""


class Broker:
    """Persistent sessions: subscriptions and what is queued."""

    def __init__(self) -> None:
        self.sessions: dict[str, set[str]] = {}
        self.queues: dict[str, list[tuple[str, int]]] = {}
        self.fate = "ok"
        """Of the next visit: ok, refused, done_unheard, dies_before, dies_after."""
        self.refuses: set[str] = set()
        """Filters that no session gets; who has one keeps it."""

    def subscribe(self, client_id: str, filters: Iterable[str]) -> set[str]:
        """What of these is not granted."""
        refused = set(filters) & self.refuses - self.sessions[client_id]
        self.sessions[client_id] |= set(filters) - refused
        return refused

    def connect(self, client_id: str) -> bool:
        is_known = client_id in self.sessions
        self.sessions.setdefault(client_id, set())
        self.queues.setdefault(client_id, [])
        return is_known

    def publish(self, area: str, number: int) -> None:
        for client_id, filters in self.sessions.items():
            if any(covers(name, f"gigacity/v1/{area}/#") for name in filters):
                self.queues[client_id].append((area, number))

    def end(self, client_id: str) -> None:
        assert not self.queues[client_id], "a session was ended with messages in it"
        assert not self.sessions[client_id], "a session was ended with subscriptions"
        del self.sessions[client_id], self.queues[client_id]

    def apply(self, step: Step, *, expects_session: bool) -> bool:
        fate, self.fate = self.fate, "ok"
        if fate == "refused":
            raise EditError(fate)
        if fate == "dies_before":
            raise _DiedError
        is_known = self.connect(step.client_id)
        if expects_session and not is_known:
            return False
        refused = self.subscribe(step.client_id, step.subscribe)
        self.sessions[step.client_id] -= step.unsubscribe
        if fate == "dies_after":
            raise _DiedError
        if fate == "done_unheard":
            raise EditError(fate)
        if refused:
            raise FiltersRefusedError(dict.fromkeys(refused, "Not authorized"))
        return True


class FakeProcess:
    """A worker of the model: it ends as soon as it is asked to."""

    def __init__(self, session: Session, mode: Mode) -> None:
        self.session = session
        self.mode = mode
        self.filters = session.maybe
        self.granted: set[str] = set()
        self.http_port = 1
        self.pid = 1
        self.is_stopping = False
        self.code: int | None = None

    def poll(self) -> int | None:
        return self.code

    def stop(self) -> None:
        self.is_stopping = True
        if self.code is None:
            self.code = 0 if self.mode is Mode.RUN else 1

    def kill(self) -> None:
        self.code = -9

    def reload_city(self) -> None:
        """The model has no city."""


class Disk:
    """Keeps the record; may refuse."""

    def __init__(self) -> None:
        self.record = Record()
        self.is_full = False

    def save(self, record: Record) -> None:
        if self.is_full:
            raise OSError(28, "No space left on device")
        self.record = record


class SupervisedWorkers(RuleBasedStateMachine):
    """Starts, plans, failures and messages in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.broker, self.disk, self.clock = Broker(), Disk(), ManualClock()
        self.supervisor: Supervisor | None = None
        self.processes: list[FakeProcess] = []
        self.published: set[tuple[str, int]] = set()
        self.stored: set[tuple[str, int]] = set()
        self.was_owned: set[str] = set()
        self.numbers = 0
        self.wanted: list[Member] = []
        self.notes: dict[str, frozenset[str]] = {}

    def _spawn(self, session: Session, mode: Mode) -> FakeProcess:
        process = FakeProcess(session, mode)
        self.processes = [p for p in self.processes if p.code is None]
        twins = [p for p in self.processes if p.session.client_id == session.client_id]
        assert not twins, "two workers use one session"
        self.processes.append(process)
        self.broker.connect(session.client_id)
        # What its folder remembers and it is not to have, it unsubscribes.
        former = self.notes.get(session.folder, frozenset()) - process.filters
        self.broker.sessions[session.client_id] -= former
        self.notes[session.folder] = process.filters
        return process

    def _ask(self, process: FakeProcess) -> None:
        """A worker subscribes, at its start and again while something is refused."""
        refused = self.broker.subscribe(process.session.client_id, process.filters)
        process.granted = set(process.filters) - refused

    def _granted(self, client_id: str, _port: int) -> frozenset[str]:
        (process,) = [p for p in self._living() if p.session.client_id == client_id]
        return frozenset(process.granted)

    def _living(self) -> list[FakeProcess]:
        return [p for p in self.processes if p.code is None]

    def _plan(self, count: int, base: str) -> list[Member]:
        if count == 1:
            return [Member(f"{base}-0", "worker-0", ("*",), frozenset({"gigacity/v1/#"}))]
        parts = divide(AREAS, dict.fromkeys(AREAS, 1.0), count)
        return [
            Member(f"{base}-{i}", f"worker-{i}", part,
                   frozenset(f"gigacity/v1/{area}/#" for area in part))
            for i, part in enumerate(parts)
        ]  # fmt: skip

    def _start(self, plan: Sequence[Member]) -> None:
        self.supervisor = Supervisor(
            self.disk.record, store=self.disk, editor=self.broker, spawn=self._spawn,
            answers=lambda _: True, granted=self._granted,
            clock=self.clock,
        )  # fmt: skip
        self.wanted = list(plan)
        self.supervisor.adopt(plan)

    def _die(self) -> None:
        self.supervisor = None
        for process in self.processes:
            process.kill()
        self.processes = []

    @initialize(count=st.integers(1, 5))
    def first_start(self, count: int) -> None:
        self._start(self._plan(count, "w"))

    @precondition(lambda self: self.supervisor is None)
    @rule(count=st.integers(1, 5), base=st.sampled_from("wv"))
    def start(self, count: int, base: str) -> None:
        self.disk.is_full = False
        self._start(self._plan(count, base))

    @precondition(lambda self: self.supervisor is not None)
    @rule()
    def is_killed(self) -> None:
        self._die()

    @precondition(lambda self: self.supervisor is not None)
    @rule(fate=st.sampled_from(["ok", "ok", "ok", "refused", "done_unheard", "dies_before",
                                "dies_after"]))  # fmt: skip
    def turn(self, fate: str) -> None:
        assert self.supervisor is not None
        self.broker.fate = fate
        self.clock.advance_s(31.0)
        try:
            self.supervisor.turn()
        except _DiedError:
            self._die()
        self.broker.fate = "ok"

    @precondition(lambda self: self.supervisor is not None)
    @rule(is_full=st.booleans())
    def the_disk(self, is_full: bool) -> None:
        self.disk.is_full = is_full

    @rule(areas=st.sets(st.sampled_from((*AREAS, "+"))))
    def the_broker_refuses(self, areas: set[str]) -> None:
        named = {f"gigacity/v1/{area}/#" for area in areas - {"+"}}
        self.broker.refuses = named | ({"gigacity/v1/#"} if "+" in areas else set())

    @precondition(lambda self: self.processes)
    @rule(data=st.data())
    def a_worker_asks(self, data: st.DataObject) -> None:
        process = data.draw(st.sampled_from(self.processes))
        if process.code is None and process.mode is Mode.RUN:
            self._ask(process)

    @rule(area=st.sampled_from(AREAS))
    def publish(self, area: str) -> None:
        self.numbers += 1
        if area in self.was_owned:
            self.published.add((area, self.numbers))
        self.broker.publish(area, self.numbers)

    @precondition(lambda self: self.processes)
    @rule(data=st.data(), crashes=st.booleans())
    def a_worker_works(self, data: st.DataObject, crashes: bool) -> None:
        process = data.draw(st.sampled_from(self.processes))
        if process.code is not None:
            return
        client_id = process.session.client_id
        queue = self.broker.queues[client_id]
        taken = data.draw(st.integers(0, len(queue)))
        self.stored.update(queue[:taken])
        del queue[:taken]
        if crashes:
            process.code = -9
        elif process.mode is Mode.RETIRE and not queue:
            self.broker.end(client_id)
            process.code = 0

    @precondition(lambda self: self.supervisor is not None)
    @rule()
    def everything_settles(self) -> None:
        """Without further faults the sessions at the broker become those of the plan."""
        assert self.supervisor is not None
        self.broker.refuses = set()
        self._turn_often()
        assert steps.is_done(self.supervisor.record)
        wanted = {member.client_id: set(member.filters) for member in self.wanted}
        assert self.broker.sessions == wanted
        assert self._running() == wanted.keys()
        assert not self.supervisor.refusal
        self.was_owned = set(AREAS)

    @precondition(lambda self: self.supervisor is not None)
    @rule()
    def what_is_refused_holds_nothing_else_up(self) -> None:
        """Everybody runs with all that is granted, and whoever had an area serves it."""
        assert self.supervisor is not None
        self._turn_often()
        assert {member.client_id for member in self.wanted} <= self._running()
        for member in self.wanted:
            assert member.filters - self.broker.refuses <= self.broker.sessions[member.client_id]
        served = [name for name in self._running() for name in self.broker.sessions[name]]
        assert all(any(covers(s, f"gigacity/v1/{a}/#") for s in served) for a in self.was_owned)
        assert bool(self.supervisor.refusal) is not steps.is_done(self.supervisor.record)
        staying = {name for m in self.wanted for name in m.filters - self.broker.refuses}
        needed = {name for m in self.wanted for name in m.filters}
        if needed <= staying:
            assert self._running() == {member.client_id for member in self.wanted}

    def _running(self) -> set[str]:
        return {process.session.client_id for process in self._living()}

    def _turn_often(self) -> None:
        assert self.supervisor is not None
        self.disk.is_full = False
        for _ in range(40):
            self.clock.advance_s(31.0)
            self.supervisor.turn()
            for process in self._living():
                if process.mode is Mode.RUN:
                    self._ask(process)
            for process in self.processes:
                if process.mode is Mode.RETIRE and process.code is None:
                    client_id = process.session.client_id
                    self.stored.update(self.broker.queues[client_id])
                    self.broker.queues[client_id].clear()
                    self.broker.end(client_id)
                    process.code = 0

    @invariant()
    def every_session_is_recorded(self) -> None:
        recorded = {session.client_id for session in self.disk.record.sessions}
        assert self.broker.sessions.keys() <= recorded

    @invariant()
    def no_message_is_lost(self) -> None:
        queued = {message for queue in self.broker.queues.values() for message in queue}
        assert self.published <= self.stored | queued

    @invariant()
    def the_record_claims_no_subscription_that_is_not_there(self) -> None:
        for session in self.disk.record.sessions:
            there = self.broker.sessions.get(session.client_id, set())
            assert session.held <= there <= session.maybe

    @invariant()
    def folders_are_not_shared(self) -> None:
        folders = [session.folder for session in self.disk.record.sessions]
        assert len(folders) == len(set(folders))


SupervisedWorkers.TestCase.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None
)
test_supervised_workers = SupervisedWorkers.TestCase
