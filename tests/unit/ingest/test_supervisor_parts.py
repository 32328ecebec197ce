"""Parts of the supervisor: when a session is empty, the record on disk, joined pages, requests."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.ownership.drain import Progress
from gigacity_ingest.ownership.drain_request import DrainRequest, put_request, take_request
from gigacity_ingest.supervisor import run
from gigacity_ingest.supervisor.exposition import Family, join_expositions
from gigacity_ingest.supervisor.pages import SupervisorPages
from gigacity_ingest.supervisor.ports import WorkerView
from gigacity_ingest.supervisor.record import Member, Record
from gigacity_ingest.supervisor.record_file import NAME, RecordFile
from gigacity_ingest.supervisor.retirement import Next, Retirement, Seen
from gigacity_ingest.supervisor.run import with_earlier_workers
from gigacity_ingest.supervisor.steps import Step, next_steps

# --- when a session is empty --------------------------------------------------------------------


def _seen(*, delivered: int = 0, answers: int = 0, waiting: int = 0, up: bool = True) -> Seen:
    return Seen(up, delivered, answers, waiting)


def test_a_session_is_empty_after_two_answers_and_silence() -> None:
    retirement = Retirement(quiet_s=2.0)
    assert retirement.observe(0.0, _seen(answers=1)) is Next.WAIT

    assert retirement.observe(0.1, _seen(answers=1)) is Next.ASK
    assert retirement.observe(0.2, _seen(answers=1)) is Next.WAIT
    assert retirement.observe(0.3, _seen(answers=2)) is Next.ASK
    assert retirement.observe(0.4, _seen(answers=3)) is Next.WAIT
    assert retirement.observe(2.0, _seen(answers=3)) is Next.WAIT
    assert retirement.observe(2.2, _seen(answers=3)) is Next.END


@pytest.mark.parametrize(
    "disturbed",
    [
        _seen(delivered=1, answers=5),
        _seen(answers=5, waiting=1),
        _seen(answers=5, up=False),
    ],
    ids=["a message", "something on its way", "no connection"],
)
def test_any_disturbance_starts_over(disturbed: Seen) -> None:
    retirement = Retirement(quiet_s=1.0)
    retirement.observe(0.0, _seen())
    retirement.observe(0.1, _seen())
    retirement.observe(0.2, _seen(answers=1))
    assert retirement.observe(5.0, disturbed) is Next.WAIT

    quiet = _seen(delivered=disturbed.delivered, answers=5)
    assert retirement.observe(6.0, quiet) is Next.ASK
    assert retirement.observe(9.0, quiet) is Next.WAIT


def test_without_answers_a_session_never_counts_as_empty() -> None:
    retirement = Retirement(quiet_s=1.0)
    steps = [retirement.observe(float(i), _seen()) for i in range(1000)]

    assert Next.END not in steps
    assert steps.count(Next.ASK) == 1


# --- the record on disk -------------------------------------------------------------------------


FILTERS = frozenset({"gigacity/v1/371602/#"})


def _record() -> Record:
    member = Member("w-0", "worker-0", ("371602",), frozenset({"gigacity/v1/371602/#"}))
    return Record(broker="mqtt://b:1883").adopt([member]).subscribing("w-0")


def test_the_record_is_read_as_it_was_saved(tmp_path: Path) -> None:
    file = RecordFile(tmp_path)
    assert file.load() == Record()
    file.save(_record())

    assert RecordFile(tmp_path).load() == _record()
    assert [p.name for p in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("content", ["", "{", '{"sessions": 7}', '{"version": 2}'])
def test_a_record_that_cannot_be_read_is_never_taken_for_an_empty_one(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / NAME).write_text(content, encoding="utf-8")

    with pytest.raises(ConfigError, match=NAME):
        RecordFile(tmp_path).load()


def test_only_one_process_may_change_the_record(tmp_path: Path) -> None:
    first, second = RecordFile(tmp_path), RecordFile(tmp_path)
    assert first.lock()
    assert not second.lock()
    first.unlock()

    assert second.lock()
    second.unlock()


def test_a_session_that_is_needed_cannot_be_ended_and_the_last_holder_not_unsubscribed() -> None:
    record = _record().subscribed("w-0", FILTERS)
    with pytest.raises(ValueError, match="still needed"):
        record.ended("w-0")
    both = record.adopt(
        [Member("w-1", "worker-1", ("371602",), frozenset({"gigacity/v1/371602/#"}))]
    )
    with pytest.raises(ValueError, match="nobody else"):
        both.unsubscribing("w-0", FILTERS)

    taken = both.subscribing("w-1").subscribed("w-1", FILTERS)
    handed = taken.unsubscribing("w-0", FILTERS)
    with pytest.raises(ValueError, match="still needed"):
        handed.ended("w-0")
    bare = handed.unsubscribed("w-0", FILTERS)
    assert [s.client_id for s in bare.ended("w-0").sessions] == ["w-1"]


def test_a_request_is_taken_once(tmp_path: Path) -> None:
    put_request(tmp_path, DrainRequest(client_ids=("w-1",)))
    assert take_request(tmp_path) == DrainRequest(client_ids=("w-1",))
    assert take_request(tmp_path) is None

    (tmp_path / "drain.request").write_text("?", encoding="utf-8")
    assert take_request(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_progress_says_each_phase_once(capsys: pytest.CaptureFixture[str]) -> None:
    taker = Member("w-1", "worker-1", ("371602",), frozenset({"gigacity/v1/371602/#"}))
    owner = _record().subscribed("w-0", FILTERS)
    moving = owner.adopt([taker])
    taken = moving.subscribing("w-1").subscribed("w-1", FILTERS)
    bare = taken.unsubscribing("w-0", FILTERS).unsubscribed("w-0", FILTERS)
    progress = Progress(["w-0"])
    for record in (owner, owner, moving, taken, bare, bare):
        progress.show(record, {"w-0": "3 on their way"})
    progress.show(bare.ended("w-0"), {})

    assert capsys.readouterr().out.splitlines() == [
        "w-0: waiting for the supervisor",
        "w-0: others subscribe its areas first",
        "w-0: unsubscribing",
        "w-0: draining: 3 on their way",
        "w-0: ended",
    ]


def _leave_subscriptions(folder: Path, filters: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "subscriptions.json").write_text(json.dumps(filters), encoding="utf-8")


def test_workers_that_ran_without_a_supervisor_are_taken_over(tmp_path: Path) -> None:
    _leave_subscriptions(tmp_path, ["gigacity/v1/#"])
    _leave_subscriptions(tmp_path / "worker-1", ["gigacity/v1/371690/#"])
    plan = [Member(f"w-{i}", f"worker-{i}", ("a",), frozenset({"f"})) for i in range(3)]
    record = with_earlier_workers(Record(), plan, tmp_path, client_id="w")

    assert [(s.client_id, s.folder, set(s.maybe)) for s in record.sessions] == [
        ("w", ".", {"gigacity/v1/#"}),
        ("w-1", "worker-1", {"gigacity/v1/371690/#"}),
    ]
    assert with_earlier_workers(record, plan, tmp_path, client_id="w") == record
    followed = record.adopt(plan)
    assert [s.client_id for s in followed.sessions if s.is_leaving] == ["w"]
    assert [s.client_id for s in followed.sessions] == ["w", "w-1", "w-0", "w-2"]


def test_what_a_folder_notes_was_perhaps_refused_and_is_asked_for_before_another_gives_it_up(
    tmp_path: Path,
) -> None:
    """A worker notes a filter before it subscribes it; then the record is lost."""
    kept, moved = "gigacity/v1/371602/#", "gigacity/v1/371690/#"
    _leave_subscriptions(tmp_path / "worker-0", [kept, moved])
    _leave_subscriptions(tmp_path / "worker-1", [moved])
    plan = [
        Member(f"w-{i}", f"worker-{i}", (name,), frozenset({name}))
        for i, name in enumerate((kept, moved))
    ]
    record = with_earlier_workers(Record(), plan, tmp_path, client_id="w").adopt(plan)
    asks = [Step("w-0", subscribe=frozenset({kept})), Step("w-1", subscribe=frozenset({moved}))]

    assert next_steps(record) == asks
    record = record.subscribing("w-0").subscribed("w-0", frozenset({kept}))
    refused = {"w-1": frozenset({moved})}
    assert next_steps(record, refused) == [], "worker 0 keeps what nobody else has for certain"


# --- joined pages -------------------------------------------------------------------------------


class FakeSupervisor:
    """What the pages ask of a supervisor."""

    def __init__(self, *views: WorkerView) -> None:
        self._views = list(views)
        self.problem = ""
        self.refusal = ""
        self.city_problem = ""
        self.is_stopping = False
        self.heartbeat_s = 0.0

    def views(self) -> list[WorkerView]:
        return self._views


READY = WorkerView("w-0", ("371602",), 1, is_leaving=False, restarts=0)
CRASHED = WorkerView("w-1", ("371621",), None, is_leaving=False, restarts=3)
LEAVING = WorkerView("w-2", (), 2, is_leaving=True, restarts=0)


def _pages(answers: Mapping[tuple[int, str], tuple[int, object]], *views: WorkerView,
           clock: ManualClock | None = None) -> SupervisorPages:  # fmt: skip
    def fetch(port: int, path: str) -> tuple[int, bytes] | None:
        found = answers.get((port, path))
        if found is None:
            return None
        body = found[1] if isinstance(found[1], bytes) else json.dumps(found[1]).encode()
        return found[0], body

    return SupervisorPages(FakeSupervisor(*views), clock or ManualClock(), fetch)


def test_ready_means_every_worker_of_the_plan_is() -> None:
    answers = {(1, "/readyz"): (200, {"reasons": {}}), (2, "/readyz"): (503, {"reasons": {"a": 1}})}
    status, _, body = _pages(answers, READY, LEAVING).get("/readyz")
    ready = {"ready": True, "reasons": {}, "warnings": {}, "leaving": ["w-2"]}
    assert (status, json.loads(body)) == (200, ready)

    status, _, body = _pages(answers, READY, CRASHED).get("/readyz")
    assert status == 503
    assert json.loads(body)["reasons"] == {"w-1": {"worker": "does not run"}}


def test_a_leaving_worker_is_needed_while_its_area_is_refused_to_another() -> None:
    supervisor = FakeSupervisor(READY, LEAVING)
    answers = {"/readyz": (200, b'{"reasons": {}}')}
    pages = SupervisorPages(
        supervisor, ManualClock(), lambda port, path: answers[path] if port == 1 else None
    )
    assert pages.get("/readyz")[0] == 200

    supervisor.refusal = "w-0: the broker refuses gigacity/v1/371690/#"
    status, _, body = pages.get("/readyz")
    assert status == 503
    assert json.loads(body)["reasons"] == {"w-2": {"worker": "does not run"}}


def test_what_an_operator_should_hear_of_keeps_nobody_from_being_ready() -> None:
    warned = {"reasons": {}, "warnings": {"city": "wrong"}}
    supervisor = FakeSupervisor(READY)
    supervisor.city_problem = "wrong, too"
    pages = SupervisorPages(
        supervisor, ManualClock(), lambda *_: (200, json.dumps(warned).encode())
    )
    status, _, body = pages.get("/readyz")

    assert status == 200
    assert json.loads(body)["warnings"] == {"city": "wrong, too", "w-0": {"city": "wrong"}}
    pages = SupervisorPages(supervisor, ManualClock(), lambda *_: (200, b""))
    assert b"gigacity_supervisor_city_ok 0.0" in pages.get("/metrics")[2]


def test_a_refused_area_is_a_warning_and_a_hand_over_that_waits() -> None:
    supervisor = FakeSupervisor(READY)
    supervisor.refusal = "w-0: the broker refuses it"
    pages = SupervisorPages(supervisor, ManualClock(), lambda *_: (200, b"{}"))
    status, _, body = pages.get("/readyz")

    assert (status, json.loads(body)["warnings"]) == (200, {"sessions": supervisor.refusal})
    pages = SupervisorPages(supervisor, ManualClock(), lambda *_: (200, b""))
    assert b"gigacity_supervisor_hand_over_waits 1.0" in pages.get("/metrics")[2]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b'{"worker": "w-1", "granted": ["a", "b"], "ready": true}', {"a", "b"}),
        (b'{"worker": "w-2", "granted": ["a", "b"]}', set()),
        (b'{"error": "no such page"}', set()),
        (b"<html>", set()),
        (b'{"worker": "w-1\xff"}', set()),
    ],
    ids=["it", "another worker", "another program", "no JSON", "no UTF-8"],
)
def test_only_a_worker_itself_says_what_it_was_granted(
    monkeypatch: pytest.MonkeyPatch, page: bytes, expected: set[str]
) -> None:
    monkeypatch.setattr(run, "fetch_page", lambda *_: (200, page))

    assert run.says_granted("w-1", 1) == expected


def test_a_worker_that_is_not_ready_says_why() -> None:
    reasons = {"database": "no answer"}
    answers = {(1, "/readyz"): (503, {"reasons": reasons})}
    status, _, body = _pages(answers, READY).get("/readyz")

    assert (status, json.loads(body)["reasons"]) == (503, {"w-0": reasons})


def test_health_fails_for_a_worker_that_hangs_but_not_for_one_that_restarts() -> None:
    well: dict[tuple[int, str], tuple[int, object]] = {(1, "/healthz"): (200, {})}
    assert _pages(well, READY, CRASHED).get("/healthz")[0] == 200
    assert _pages({(1, "/healthz"): (503, {})}, READY).get("/healthz")[0] == 503

    clock = ManualClock()
    clock.advance_s(31.0)
    assert _pages(well, READY, clock=clock).get("/healthz")[0] == 503
    assert _pages(well, READY).get("/else")[0] == 404


def _ledger(received: int, *, balanced: bool = True) -> dict[str, object]:
    return {
        "messages": {"received": received},
        "points": {"decoded": received * 16},
        "dead_letters": {"not_json": 1},
        "balanced": balanced,
    }


def test_the_ledger_adds_up_and_says_whether_everybody_answered() -> None:
    answers = {(1, "/ledger"): (200, _ledger(5)), (2, "/ledger"): (200, _ledger(7))}
    status, _, body = _pages(answers, READY, LEAVING).get("/ledger")
    ledger = json.loads(body)
    assert status == 200
    assert (ledger["messages"], ledger["points"]) == ({"received": 12}, {"decoded": 192})
    assert ledger["dead_letters"] == {"not_json": 2}
    assert (ledger["balanced"], ledger["complete"]) == (True, True)
    assert ledger["workers"]["w-2"]["messages"]["received"] == 7

    answers[2, "/ledger"] = (200, _ledger(7, balanced=False))
    ledger = json.loads(_pages(answers, READY, CRASHED, LEAVING).get("/ledger")[2])
    assert (ledger["balanced"], ledger["complete"]) == (False, False)


def test_every_family_of_the_metrics_stands_once() -> None:
    texts = [
        b"# HELP a_total A\n# TYPE a_total counter\na_total{worker=\"%s\"} 1.0\n"
        b"# HELP b B\n# TYPE b gauge\nb 2.0\n" % name
        for name in (b"w-0", b"w-2")
    ]  # fmt: skip
    answers: dict[tuple[int, str], tuple[int, object]] = {
        (1, "/metrics"): (200, texts[0]),
        (2, "/metrics"): (200, texts[1]),
    }
    text = _pages(answers, READY, CRASHED, LEAVING).get("/metrics")[2].decode()

    assert text.count("# TYPE a_total counter") == 1
    lines = text.splitlines()
    at = lines.index("# TYPE a_total counter")
    assert lines[at + 1 : at + 3] == ['a_total{worker="w-0"} 1.0', 'a_total{worker="w-2"} 1.0']
    assert 'gigacity_supervisor_worker_up{worker="w-1"} 0.0' in lines
    assert 'gigacity_supervisor_worker_restarts_total{worker="w-1"} 3.0' in lines
    assert "gigacity_supervisor_hand_over_waits 0.0" in lines


def test_labels_are_escaped_and_an_empty_join_is_empty() -> None:
    family = Family("x", "gauge", "X")
    family.add(1, worker='a"b\\c')

    assert family.text().decode().splitlines()[-1] == 'x{worker="a\\"b\\\\c"} 1.0'
    assert join_expositions([]) == b""
