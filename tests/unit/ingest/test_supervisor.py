"""The supervisor's loop over doubles: restarts, hand-overs, requests, failing disks."""

from collections.abc import Sequence

import pytest

from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.supervisor.record import Member, Record, Session
from gigacity_ingest.supervisor.session_editor import EditError, FiltersRefusedError
from gigacity_ingest.supervisor.steps import Step
from gigacity_ingest.supervisor.supervisor import ASK_S, Supervisor
from gigacity_ingest.supervisor.worker_process import Mode


def _member(number: int, *areas: str) -> Member:
    filters = frozenset(f"gigacity/v1/{area}/#" for area in areas)
    return Member(f"w-{number}", f"worker-{number}", areas, filters)


class Worker:
    """A process that ends when the test says so."""

    def __init__(self, session: Session, mode: Mode, number: int) -> None:
        self.session = session
        self.mode = mode
        self.http_port = 9000 + number
        self.pid = number
        self.is_stopping = False
        self.code: int | None = None
        self.is_killed = False
        self.reloads = 0

    def poll(self) -> int | None:
        return self.code

    def stop(self) -> None:
        self.is_stopping = True

    def kill(self) -> None:
        self.is_killed = True

    def reload_city(self) -> None:
        self.reloads += 1


class Harness:
    """A supervisor; broker and processes are lists that tests read."""

    def __init__(self, plan: Sequence[Member], record: Record | None = None, *,
                 is_once: bool = False) -> None:  # fmt: skip
        self.clock = ManualClock()
        self.visits: list[Step] = []
        self.refusals: list[str] = []
        self.refused: frozenset[str] = frozenset()
        self.granted: dict[tuple[str, int], frozenset[str]] = {}
        self.lost: set[str] = set()
        self.started: list[Worker] = []
        self.saved: list[Record] = []
        self.is_disk_full = False
        self.hanging: set[int] = set()
        self.supervisor = Supervisor(
            record or Record(), store=self, editor=self, spawn=self.spawn,
            answers=lambda port: port not in self.hanging,
            granted=lambda *at: self.granted.get(at, frozenset()), clock=self.clock,
            is_once=is_once,
        )  # fmt: skip
        self.supervisor.adopt(plan)

    def save(self, record: Record) -> None:
        if self.is_disk_full:
            raise OSError(28, "No space left on device")
        self.saved.append(record)

    def apply(self, step: Step, *, expects_session: bool) -> bool:
        if self.refusals:
            raise EditError(self.refusals.pop(0))
        self.visits.append(step)
        if expects_session and step.client_id in self.lost:
            self.lost.discard(step.client_id)
            return False
        if refused := step.subscribe & self.refused:
            raise FiltersRefusedError(dict.fromkeys(refused, "Not authorized"))
        return True

    def spawn(self, session: Session, mode: Mode) -> Worker:
        self.started.append(Worker(session, mode, len(self.started)))
        return self.started[-1]

    def turn(self, times: int = 1, after_s: float = 0.1) -> None:
        for _ in range(times):
            self.clock.advance_s(after_s)
            self.supervisor.turn()

    def is_done(self) -> bool:
        return self.supervisor.is_done

    def killed(self) -> list[Worker]:
        return [worker for worker in self.started if worker.is_killed]

    def running(self) -> list[tuple[str, Mode]]:
        return [(w.session.client_id, w.mode) for w in self.started if w.code is None]


def test_sessions_are_subscribed_before_their_workers_start() -> None:
    harness = Harness([_member(0, "a"), _member(1, "b")])
    harness.turn()

    assert [step.client_id for step in harness.visits] == ["w-0", "w-1"]
    assert harness.running() == [("w-0", Mode.RUN), ("w-1", Mode.RUN)]
    assert all(session.is_settled for session in harness.saved[-1].sessions)


def test_a_crashed_worker_starts_again_after_longer_and_longer_delays() -> None:
    harness = Harness([_member(0, "a")])
    harness.turn()
    delays = []
    for _ in range(12):
        harness.started[-1].code = -9
        before_s, count = harness.clock.elapsed_s, len(harness.started)
        while len(harness.started) == count:
            harness.turn()
        delays.append(harness.clock.elapsed_s - before_s)

    assert delays[0] < 1.0
    assert 14.0 < delays[-1] < 31.0
    assert harness.supervisor.views()[0].restarts == 12
    harness.turn(after_s=61.0)
    harness.started[-1].code = 1
    harness.turn()
    harness.turn(after_s=0.6)
    assert harness.running() == [("w-0", Mode.RUN)]


def test_a_worker_keeps_its_areas_until_others_have_them() -> None:
    harness = Harness([_member(0, "a", "b")])
    harness.turn()
    harness.supervisor.adopt([_member(0, "a"), _member(1, "b")])
    harness.refusals = ["no answer"]
    harness.turn()
    assert harness.running() == [("w-0", Mode.RUN)]
    assert "no answer" in harness.supervisor.problem

    harness.turn(after_s=10.0)
    harness.turn()
    assert harness.visits[-1] == Step("w-1", subscribe=frozenset({"gigacity/v1/b/#"}))
    assert harness.started[0].is_stopping
    assert harness.running() == [("w-0", Mode.RUN), ("w-1", Mode.RUN)]
    harness.started[0].code = 0
    harness.turn()
    assert harness.visits[-1] == Step("w-0", unsubscribe=frozenset({"gigacity/v1/b/#"}))
    harness.turn()
    assert harness.running() == [("w-1", Mode.RUN), ("w-0", Mode.RUN)]
    assert harness.supervisor.views()[0].restarts == 0
    assert not harness.supervisor.problem


def test_a_session_out_of_the_plan_is_unsubscribed_drained_and_forgotten() -> None:
    first = Harness([_member(0, "a"), _member(1, "b")])
    first.turn()
    harness = Harness([_member(0, "a", "b")], first.saved[-1])
    harness.turn(3)
    assert harness.running() == [("w-0", Mode.RUN), ("w-1", Mode.RETIRE)]
    leaving = harness.started[-1]
    leaving.code = 1
    harness.turn()
    assert [s.client_id for s in harness.saved[-1].sessions] == ["w-0", "w-1"]
    harness.turn(after_s=2.0)
    assert harness.running() == [("w-0", Mode.RUN), ("w-1", Mode.RETIRE)]
    harness.started[-1].code = 0
    harness.turn()

    assert [s.client_id for s in harness.saved[-1].sessions] == ["w-0"]
    harness.turn(after_s=60.0)
    assert harness.running() == [("w-0", Mode.RUN)]


def test_a_session_that_the_broker_lost_is_subscribed_anew() -> None:
    first = Harness([_member(0, "a")])
    first.turn()
    harness = Harness([_member(0, "a", "b")], first.saved[-1])
    harness.lost = {"w-0"}
    harness.turn(2)

    assert [sorted(step.subscribe) for step in harness.visits] == [
        ["gigacity/v1/b/#"],
        ["gigacity/v1/a/#", "gigacity/v1/b/#"],
    ]


def test_other_client_ids_get_other_folders_until_the_old_ones_are_drained() -> None:
    first = Harness([_member(0, "a")])
    first.turn()
    renamed = Member("v-0", "worker-0", ("a",), frozenset({"gigacity/v1/a/#"}))
    harness = Harness([renamed], first.saved[-1])

    assert [(s.client_id, s.folder) for s in harness.saved[-1].sessions] == [
        ("w-0", "worker-0"),
        ("v-0", "worker-0.2"),
    ]


def test_a_request_to_stop_reaches_every_worker_and_waits_for_them() -> None:
    harness = Harness([_member(0, "a"), _member(1, "b")])
    harness.turn()
    harness.supervisor.request_stop()
    harness.turn()
    assert [w.is_stopping for w in harness.started] == [True, True]
    assert not harness.is_done()

    harness.supervisor.kill()
    assert [w.is_killed for w in harness.started] == [True, True]
    for worker in harness.started:
        worker.code = 0
    harness.turn(after_s=60.0)
    assert harness.is_done()
    assert len(harness.started) == 2


def test_a_full_disk_stops_changes_and_no_worker() -> None:
    harness = Harness([_member(0, "a")])
    harness.turn()
    harness.supervisor.adopt([_member(0, "a"), _member(1, "b")])
    harness.is_disk_full = True
    harness.turn(3)
    assert "No space left" in harness.supervisor.problem
    assert harness.running() == [("w-0", Mode.RUN)]
    assert len(harness.visits) == 1

    harness.is_disk_full = False
    harness.turn(after_s=10.0)
    assert harness.running() == [("w-0", Mode.RUN), ("w-1", Mode.RUN)]


def test_draining_once_runs_nothing_but_what_leaves() -> None:
    first = Harness([_member(0, "a"), _member(1, "b")])
    first.turn()
    harness = Harness([_member(0, "a", "b")], first.saved[-1], is_once=True)
    harness.turn(3)
    assert harness.running() == [("w-1", Mode.RETIRE)]
    assert not harness.is_done()

    harness.started[0].code = 0
    harness.turn()
    assert harness.is_done()


def test_an_unknown_session_cannot_be_drained() -> None:
    harness = Harness([_member(0, "a")])

    with pytest.raises(ConfigError, match="w-7"):
        harness.supervisor.retire(["w-7"], lambda *_: [])


def test_when_the_last_session_is_drained_the_supervisor_is_done() -> None:
    harness = Harness([_member(0, "a")])
    harness.turn()
    harness.supervisor.adopt([])
    harness.turn()
    harness.started[0].code = 0
    harness.turn(2)
    assert harness.running() == [("w-0", Mode.RETIRE)]
    harness.started[1].code = 0
    harness.turn()

    assert harness.is_done()
    assert harness.saved[-1].sessions == ()


def test_a_worker_that_hangs_is_killed_and_started_again() -> None:
    harness = Harness([_member(0, "a"), _member(1, "b")])
    harness.turn()
    hanging = harness.started[0]
    harness.hanging = {hanging.http_port}
    harness.turn(5, after_s=10.0)
    assert not harness.killed(), "a young worker may still be loading"

    harness.turn(2, after_s=10.0)
    harness.hanging = set()
    harness.turn(after_s=10.0)
    harness.hanging = {hanging.http_port}
    harness.turn(2, after_s=10.0)
    assert not harness.killed(), "it answered in between"
    harness.turn(after_s=10.0)
    assert harness.killed() == [hanging]
    hanging.code = -9
    harness.turn(2)
    harness.turn(after_s=1.0)
    assert harness.running() == [("w-1", Mode.RUN), ("w-0", Mode.RUN)]


def test_every_worker_that_runs_loads_its_city_again_when_asked() -> None:
    harness = Harness([_member(0, "a"), _member(1, "b")])
    harness.turn()
    harness.started[1].code = 1
    harness.turn()
    harness.supervisor.reload_workers()

    assert [worker.reloads for worker in harness.started] == [1, 0]


A, B, C, D = (f"gigacity/v1/{area}/#" for area in "abcd")


def test_a_refused_area_keeps_its_worker_from_no_other_and_its_owner_from_none() -> None:
    harness = Harness([_member(0, "a", "c"), _member(1, "b", "d")])
    harness.turn()
    harness.refused = frozenset({C})
    harness.supervisor.adopt([_member(0, "a"), _member(1, "b", "c", "d")])
    harness.turn()
    harness.started[1].code = 0
    harness.turn(3)

    taker = harness.started[-1]
    assert harness.running() == [("w-0", Mode.RUN), ("w-1", Mode.RUN)]
    assert (set(taker.session.held), set(taker.session.maybe)) == ({B, D}, {B, C, D})
    assert not harness.started[0].is_stopping, "the owner goes on, and keeps what nobody else has"
    assert f"w-1: the broker refuses {C}" in harness.supervisor.refusal
    assert not harness.supervisor.problem, "the area has its owner"


def test_a_refused_area_is_given_up_by_its_owner_once_the_other_worker_has_it() -> None:
    harness = Harness([_member(0, "a", "c"), _member(1, "b")])
    harness.turn()
    harness.refused = frozenset({C})
    harness.supervisor.adopt([_member(0, "a"), _member(1, "b", "c")])
    harness.turn()
    harness.started[1].code = 0
    harness.turn(2, after_s=ASK_S)
    visits, taker = len(harness.visits), harness.started[-1]
    harness.turn(3, after_s=ASK_S)
    assert (len(harness.visits), taker.is_stopping) == (visits, False), "the worker asks by itself"
    harness.granted = {("w-1", taker.http_port): frozenset({B, C})}
    harness.turn(after_s=ASK_S)
    assert harness.started[0].is_stopping
    harness.started[0].code = 0
    harness.turn(2)

    assert harness.visits[visits:] == [Step("w-0", unsubscribe=frozenset({C}))]
    assert harness.running() == [("w-1", Mode.RUN), ("w-0", Mode.RUN)]
    assert not taker.is_stopping
    assert all(session.is_settled for session in harness.saved[-1].sessions)
    assert not harness.supervisor.refusal


def test_an_area_that_is_refused_and_has_no_owner_is_a_problem_that_holds_up_nothing() -> None:
    harness = Harness([_member(0, "a", "b"), _member(1, "d")])
    harness.turn()
    harness.refused = frozenset({C})
    harness.supervisor.adopt([_member(0, "a"), _member(1, "b", "c", "d")])
    for _ in range(5):
        harness.turn()
        for worker in harness.started:
            worker.code = 0 if worker.is_stopping else None

    assert harness.visits[-2:] == [
        Step("w-1", subscribe=frozenset({B, C})), Step("w-0", unsubscribe=frozenset({B})),
    ]  # fmt: skip
    assert harness.running() == [("w-1", Mode.RUN), ("w-0", Mode.RUN)]
    assert f"no session holds {C}" in harness.supervisor.problem


def test_a_refused_area_keeps_the_worker_that_leaves_at_work_even_after_a_new_start() -> None:
    first = Harness([_member(0, "a"), _member(1, "b")])
    first.turn()
    harness = Harness([_member(0, "a", "b")], first.saved[-1])
    harness.refused = frozenset({B})
    harness.turn(2)

    assert harness.running() == [("w-0", Mode.RUN), ("w-1", Mode.RUN)]
    assert harness.started[1].session.maybe == {B}


def test_another_plan_asks_again_for_what_was_refused() -> None:
    harness = Harness([_member(0, "a", "b")])
    harness.refused = frozenset({B})
    harness.turn(2)
    harness.refused = frozenset()
    harness.supervisor.adopt([_member(0, "a", "b")])
    harness.turn()
    harness.started[0].code = 0
    harness.turn(2)

    assert harness.visits[-1] == Step("w-0", subscribe=frozenset({B}))
    assert harness.running() == [("w-0", Mode.RUN)]
    assert harness.saved[-1].sessions[0].is_settled


def test_a_drain_without_workers_asks_by_visits() -> None:
    first = Harness([_member(0, "a"), _member(1, "b")])
    first.turn()
    harness = Harness([_member(0, "a", "b")], first.saved[-1], is_once=True)
    harness.refused = frozenset({B})
    harness.turn(5)
    assert (len(harness.visits), harness.running()) == (1, [])
    harness.refused = frozenset()
    harness.turn(after_s=ASK_S)
    harness.turn(2)

    assert harness.running() == [("w-1", Mode.RETIRE)]
