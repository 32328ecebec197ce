"""The durable queue: nothing taken is lost, nothing is told twice, what failed stays to be seen."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gigacity_contract.clock import ManualClock
from gigacity_notify.calls import DELIVERED, Judgement, Verdict
from gigacity_notify.configuration import Channel, DingTalkChannel, Grouping, SyslogChannel
from gigacity_notify.courier import BURST_MS, GIVES_UP_AFTER_MS, Courier
from gigacity_notify.gathering import gather
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.queue import DUE_AT_ONCE, MAX_TOGETHER, NoticeQueue
from tests.support.notices import NOW_MS, add_message, notice

TO = [("duty", NOW_MS)]
DUTY = SyslogChannel(name="duty", host="h", per_minute=60)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notices.sqlite3"


@pytest.fixture
def queue(path: Path) -> Iterator[NoticeQueue]:
    found = NoticeQueue(path)
    yield found
    found.close()


def _make(queue: NoticeQueue, now_ms: int = NOW_MS) -> int:
    return queue.make_messages(gather(queue.waiting(), Grouping(wait_s=0), now_ms), now_ms)


class Scripted:
    """A channel that answers what it is told to; well afterwards."""

    def __init__(self, *judgements: Judgement) -> None:
        self.judgements = list(judgements)
        self.sent: list[tuple[str, tuple[AlarmNotice, ...]]] = []

    def send(
        self, _channel: Channel, notices: tuple[AlarmNotice, ...], message: str, _now_ms: int
    ) -> Judgement:
        self.sent.append((message, notices))
        return self.judgements.pop(0) if self.judgements else DELIVERED


def test_what_was_taken_outlives_the_process(path: Path) -> None:
    first = NoticeQueue(path)
    assert first.take(notice(), TO, NOW_MS)
    first.base.close()  # As a kill leaves it.
    again = NoticeQueue(path)
    assert not again.take(notice(), TO, NOW_MS + 5_000)
    assert [w.notice for w in again.waiting()] == [notice()]
    assert _make(again) == 1
    again.base.close()
    last = NoticeQueue(path)
    assert [m.notices for m in last.due("duty", NOW_MS)] == [(notice(),)]
    assert last.waiting() == []
    last.close()


def test_the_same_change_is_told_once_and_another_one_too(queue: NoticeQueue) -> None:
    assert queue.take(notice(), TO, NOW_MS)
    assert not queue.take(notice(at_ms=NOW_MS + 1, households=1), TO, NOW_MS)
    assert queue.take(notice(act="change", severity="critical"), TO, NOW_MS)
    assert queue.take(notice(act="clear"), TO, NOW_MS)
    assert queue.take(notice(raised_ms=NOW_MS), TO, NOW_MS)


def test_open_alarms_are_followed(queue: NoticeQueue) -> None:
    queue.take(notice(), TO, NOW_MS)
    queue.take(notice(act="change", severity="critical"), TO, NOW_MS + 1)
    queue.take(notice(act="acknowledge", severity="critical"), TO, NOW_MS + 2)
    (alarm,) = queue.open_alarms()
    assert (alarm.notice.severity, alarm.is_acknowledged) == ("critical", True)
    queue.take(notice(act="clear", severity="critical"), TO, NOW_MS + 3)
    assert queue.open_alarms() == []


def _told(queue: NoticeQueue, channel: str, now_ms: int) -> list[tuple[str, str]]:
    _make(queue, now_ms)
    return [(n.act, n.severity) for m in queue.due(channel, now_ms) for n in m.notices]


MORNING_MS = NOW_MS + 9 * 3_600_000


def test_what_was_held_for_the_night_is_not_told_after_what_came_later(queue: NoticeQueue) -> None:
    queue.take(notice(severity="minor"), [("duty", MORNING_MS)], NOW_MS)
    queue.take(notice(act="change", severity="critical"), TO, NOW_MS)
    assert _told(queue, "duty", NOW_MS) == [("change", "critical")]
    queue.take(notice(act="clear", severity="critical"), TO, NOW_MS + 1)
    told = [("change", "critical"), ("clear", "critical")]
    assert _told(queue, "duty", MORNING_MS) == told


def test_what_was_held_and_is_over_is_told_nobody(queue: NoticeQueue) -> None:
    held = [("duty", MORNING_MS), ("chief", MORNING_MS)]
    queue.take(notice(alarm="other", severity="minor"), held, NOW_MS)
    queue.take(notice(severity="minor"), held, NOW_MS)
    # Another configuration since: duty has no quiet hours, chief is told of no end.
    queue.take(notice(act="clear", severity="minor"), TO, NOW_MS)
    assert _told(queue, "duty", NOW_MS) == []
    _make(queue, MORNING_MS)
    for channel in ("duty", "chief"):
        (message,) = queue.due(channel, MORNING_MS)
        assert [n.alarm for n in message.notices] == ["other"]


def test_beyond_the_bound_notices_are_counted(
    queue: NoticeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_notify.queue.MAX_WAITING", 3)
    for number in range(5):
        queue.take(notice(alarm=str(number)), TO, NOW_MS)
    assert queue.counts()["notices_waiting"] == 3
    assert queue.counts()["given_up"] == 2


def test_a_call_for_help_is_kept_however_many_others_wait(
    queue: NoticeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_notify.queue.MAX_WAITING", 3)
    for number in range(4):
        queue.take(notice(alarm=str(number)), TO, NOW_MS)
    for number in range(3):
        queue.take(notice(alarm=f"fire {number}", is_life_safety=True), TO, NOW_MS)
    assert [w.notice.alarm for w in queue.waiting()] == ["0", "1", "2"]
    told = [m.notices[0].alarm for m in queue.due("duty", NOW_MS)]
    assert told == ["fire 0", "fire 1", "fire 2"]
    assert queue.counts()["given_up"] == 1


def test_a_channel_that_is_away_keeps_a_bounded_number_and_calls_for_help_last(
    queue: NoticeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_notify.queue.MAX_MESSAGES", 3)
    add_message(queue, "duty", (notice(alarm="fire", is_life_safety=True),), NOW_MS)
    add_message(queue, "other", (notice(alarm="elsewhere"),), NOW_MS)
    for number in range(5):
        add_message(queue, "duty", (notice(alarm=str(number)),), NOW_MS)
    assert [m.notices[0].alarm for m in queue.due("duty", NOW_MS)] == ["fire", "3", "4"]
    assert len(queue.due("other", NOW_MS)) == 1
    assert [(m.notices[0].alarm, m.attempts) for m in queue.dead()] == [
        ("0", 0),
        ("1", 0),
        ("2", 0),
    ]
    assert "newer messages" in queue.dead()[0].error
    assert queue.counts()["dead"] == 3


def _courier(queue: NoticeQueue, sender: Scripted) -> tuple[Courier, ManualClock]:
    clock = ManualClock(NOW_MS)
    return Courier(queue, DUTY, sender, clock), clock


def test_a_channel_that_is_away_is_tried_again_with_growing_pauses(queue: NoticeQueue) -> None:
    away = Judgement(Verdict.AGAIN, "HTTP 503")
    sender = Scripted(*[away] * 4)
    courier, clock = _courier(queue, sender)
    add_message(queue, "duty", (notice(),), NOW_MS)
    tried_s = []
    for second in range(100):
        before = len(sender.sent)
        courier.deliver()
        tried_s += [second] * (len(sender.sent) - before)
        clock.advance_s(1)
    assert tried_s == [0, 2, 6, 14, 30]
    assert len({name for name, _ in sender.sent}) == 1
    assert queue.counts()["delivered"] == 1
    assert courier.error == ""


def test_the_other_sides_own_pause_is_kept(queue: NoticeQueue) -> None:
    sender = Scripted(Judgement(Verdict.AGAIN, "HTTP 429", 45.0))
    courier, clock = _courier(queue, sender)
    add_message(queue, "duty", (notice(),), NOW_MS)
    courier.deliver()
    clock.advance_s(44)
    assert courier.deliver() == 0
    clock.advance_s(1)
    assert courier.deliver() == 1


def test_what_is_refused_stays_to_be_seen_and_can_be_tried_again(queue: NoticeQueue) -> None:
    courier, clock = _courier(queue, Scripted(Judgement(Verdict.REFUSED, "errcode 93000")))
    add_message(queue, "duty", (notice(),), NOW_MS)
    courier.deliver()
    (dead,) = queue.dead()
    assert (dead.error, dead.attempts) == ("errcode 93000", 1)
    clock.advance_s(5)
    assert courier.deliver() == 0
    assert queue.revive(clock.now_ms()) == 1
    assert courier.deliver() == 1
    assert queue.dead() == []


def test_a_day_old_message_is_given_up(queue: NoticeQueue) -> None:
    courier, clock = _courier(queue, Scripted(*[Judgement(Verdict.AGAIN, "away")] * 9))
    add_message(queue, "duty", (notice(),), NOW_MS)
    courier.deliver()
    clock.advance_s(GIVES_UP_AFTER_MS / 1000)
    courier.deliver()
    assert [m.error for m in queue.dead()] == ["away"]


def test_the_pace_of_a_channel_is_kept_but_a_fire_does_not_wait(queue: NoticeQueue) -> None:
    sender = Scripted()
    courier, clock = _courier(queue, sender)
    for number in range(3):
        add_message(queue, "duty", (notice(alarm=str(number)),), NOW_MS)
    assert courier.deliver() == 1
    add_message(queue, "duty", (notice(alarm="fire", is_life_safety=True),), NOW_MS)
    assert courier.deliver() == 1
    assert sender.sent[-1][1][0].alarm == "fire"
    clock.advance_s(1)
    assert courier.deliver() == 1


@pytest.mark.parametrize("per_minute", [1, 20, 120, 600, 6_000])
def test_a_channel_gets_as_many_a_minute_as_it_takes(queue: NoticeQueue, per_minute: int) -> None:
    clock, sender = ManualClock(NOW_MS), Scripted()
    channel = SyslogChannel(name="duty", host="h", per_minute=per_minute)
    courier = Courier(queue, channel, sender, clock)
    for number in range(per_minute // 10 + 20):
        add_message(queue, "duty", (notice(alarm=str(number)),), NOW_MS)
    courier.deliver()
    rounds = 0
    while clock.now_ms() < NOW_MS + 6_000:
        free_in_s = courier.free_in_s
        clock.advance_s(1 if free_in_s is None else min(max(free_in_s, 0.001), 1))
        courier.deliver()
        rounds += 1
    ahead = 2 * BURST_MS * per_minute / 60_000 + 2
    assert per_minute / 10 <= len(sender.sent) <= per_minute / 10 + ahead
    assert rounds <= 66


def test_dead_messages_are_bounded(queue: NoticeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gigacity_notify.queue.MAX_DEAD", 2)
    for number in range(4):
        add_message(queue, "duty", (notice(alarm=str(number)),), NOW_MS)
    for message in queue.due("duty", NOW_MS):
        queue.bury(message, "no")
    assert [m.notices[0].alarm for m in queue.dead()] == ["2", "3"]
    assert queue.counts()["dead"] == 4


def test_what_no_channel_is_left_for_is_given_up(queue: NoticeQueue) -> None:
    for number in range(150):
        add_message(queue, "gone", (notice(alarm=str(number)),), NOW_MS)
    (last, *_) = queue.due("gone", NOW_MS, 1)
    queue.again(last.number, NOW_MS + 600_000, "away")
    add_message(queue, "duty", (notice(),), NOW_MS)
    queue.take(notice(), [*TO, ("gone", NOW_MS)], NOW_MS)
    for _ in range(2):
        queue.bury_all_but(["duty"])
    assert [w.channel for w in queue.waiting()] == ["duty"]
    assert {m.error for m in queue.dead()} == {"no channel is called gone any more"}
    counts = queue.counts()
    assert (counts["dead"], counts["given_up"], counts["messages_waiting"]) == (150, 1, 1)


def test_a_fire_is_found_behind_any_number_of_other_messages(queue: NoticeQueue) -> None:
    sender = Scripted()
    courier, _ = _courier(queue, sender)
    for number in range(150):
        add_message(queue, "duty", (notice(alarm=str(number)),), NOW_MS)
    add_message(queue, "duty", (notice(alarm="fire", is_life_safety=True),), NOW_MS)
    courier.deliver()
    assert sender.sent[0][1][0].alarm == "fire"


def test_the_calls_of_one_community_do_not_hold_up_another_one(queue: NoticeQueue) -> None:
    for number in range(300):
        call = notice(alarm=str(number), resource=f"371602001001/{number}", is_life_safety=True)
        add_message(queue, "duty", (call,), NOW_MS)
    call = notice(alarm="other", resource="371602002001/smoke-1", is_life_safety=True)
    add_message(queue, "duty", (call,), NOW_MS)
    assert [m.notices[0].alarm for m in queue.due("duty", NOW_MS, 3)] == ["0", "other", "1"]


def _call(alarm: str, act: str = "raise", community: str = "371602001001") -> AlarmNotice:
    return notice(alarm=alarm, act=act, resource=f"{community}/{alarm}", is_life_safety=True)


def test_who_calls_now_is_heard_before_hundreds_of_calls_that_are_over(queue: NoticeQueue) -> None:
    for number in range(300):
        add_message(queue, "duty", (_call(str(number), "clear"),), NOW_MS)
    add_message(queue, "duty", (notice(alarm="port"),), NOW_MS)
    add_message(queue, "duty", (_call("now"),), NOW_MS)
    found = [m.notices[0].alarm for m in queue.due("duty", NOW_MS, 400)]
    assert (found[:2], found[-1]) == (["now", "0"], "port")


@pytest.mark.parametrize("act", ["clear", "acknowledge"])
def test_a_call_that_comes_again_takes_back_that_the_former_one_ended(
    act: str, queue: NoticeQueue
) -> None:
    """Whoever heard both in another order would think that all is well."""
    add_message(queue, "duty", (_call("sos", act),), NOW_MS)
    add_message(queue, "duty", (_call("other", act),), NOW_MS)
    add_message(queue, "chief", (_call("sos", act),), NOW_MS)
    add_message(queue, "duty", (_call("sos"),), NOW_MS)
    found = [(m.notices[0].alarm, m.notices[0].act) for m in queue.due("duty", NOW_MS)]
    assert found == [("sos", "raise"), ("other", act)]
    assert len(queue.due("chief", NOW_MS)) == 1


def test_a_channel_that_takes_everything_asks_again_what_is_most_urgent(
    queue: NoticeQueue,
) -> None:
    sender = Scripted()
    courier, _ = _courier(queue, sender)
    for number in range(MAX_TOGETHER + 5):
        add_message(queue, "duty", (_call(str(number), "clear"),), NOW_MS)
    assert (courier.deliver(), courier.has_more) == (1, True)
    assert len(sender.sent[0][1]) == MAX_TOGETHER
    add_message(queue, "duty", (_call("now"),), NOW_MS)
    assert (courier.deliver(), courier.has_more) == (6, False)
    assert sender.sent[1][1][0].alarm == "now"
    assert queue.counts()["delivered"] == 7


ROBOT = DingTalkChannel(name="duty", token_file="t", secret_file="s")


def _sizes(sender: Scripted) -> list[int]:
    return [len(notices) for _, notices in sender.sent]


def test_a_robot_is_told_of_a_burst_in_as_many_messages_as_it_takes(queue: NoticeQueue) -> None:
    """Twenty a minute and not one more, or it refuses all of them for a while."""
    sender, clock = Scripted(), ManualClock(NOW_MS)
    courier = Courier(queue, ROBOT, sender, clock)
    heard_s, called, at_s = dict[str, float](), 0, list[float]()
    for tenth in range(3 * 600):
        # One, then a burst, then ten a second.
        for _ in range(400 if tenth == 10 else int(tenth == 0 or 20 < tenth < 1_200)):
            call = _call(str(called), community=f"3716020010{called % 40:02}")
            add_message(queue, "duty", (call,), clock.now_ms())
            called += 1
        before = len(sender.sent)
        courier.deliver()
        for _, notices in sender.sent[before:]:
            at_s.append(tenth / 10)
            heard_s |= {n.alarm: tenth / 10 for n in notices}
        clock.advance_s(0.1)
    assert len(heard_s) == called
    assert (_sizes(sender)[0], heard_s["0"]) == (1, 0.0)
    assert max(sum(begin <= s < begin + 60 for s in at_s) for begin in at_s) <= ROBOT.per_minute
    # Ten digests of fifty, four seconds apart, and the stragglers.
    assert max(heard_s[str(number)] for number in range(401)) <= 60
    assert queue.counts()["messages_waiting"] == 0


def test_the_robots_pace_is_waited_for_and_not_asked_all_the_time(queue: NoticeQueue) -> None:
    courier = Courier(queue, ROBOT, Scripted(), ManualClock(NOW_MS))
    for _ in range(5):
        add_message(queue, "duty", (_call("a"),), NOW_MS)
        assert courier.deliver() == 1
    add_message(queue, "duty", (_call("late"),), NOW_MS)
    assert courier.deliver() == 0
    assert (courier.free_in_s, courier.has_more) == (4.0, False)


def test_what_was_tried_together_stays_together_under_its_name(queue: NoticeQueue) -> None:
    away = Judgement(Verdict.AGAIN, "HTTP 503")
    sender = Scripted(away)
    courier, clock = _courier(queue, sender)
    for number in range(DUE_AT_ONCE):
        add_message(queue, "duty", (_call(str(number)),), NOW_MS)
    assert courier.deliver() == 0
    for number in range(DUE_AT_ONCE):
        add_message(queue, "duty", (_call(f"later {number}"),), NOW_MS)
    clock.advance_s(2)
    for _ in range(2):
        courier.deliver()
    assert sender.sent[0] == sender.sent[1]
    assert [n.alarm for n in sender.sent[2][1]] == [f"later {n}" for n in range(DUE_AT_ONCE)]
    assert sender.sent[2][0] != sender.sent[1][0]


def test_what_is_refused_together_is_tried_one_by_one(queue: NoticeQueue) -> None:
    """One call that a service does not like must not silence forty-nine others."""
    sender = Scripted(Judgement(Verdict.REFUSED, "HTTP 413"), Judgement(Verdict.REFUSED, "no"))
    courier, _ = _courier(queue, sender)
    for number in range(DUE_AT_ONCE):
        add_message(queue, "duty", (_call(str(number)),), NOW_MS)
    for _ in range(1 + DUE_AT_ONCE):
        courier.deliver()
    assert _sizes(sender) == [DUE_AT_ONCE] + [1] * DUE_AT_ONCE
    assert queue.counts()["delivered"] == DUE_AT_ONCE - 1
    assert [m.notices[0].alarm for m in queue.dead()] == ["0"]


def test_a_call_that_comes_again_is_taken_out_of_ends_that_are_told_together(
    queue: NoticeQueue,
) -> None:
    sender = Scripted(Judgement(Verdict.AGAIN, "away"))
    courier, clock = _courier(queue, sender)
    for number in range(DUE_AT_ONCE):
        add_message(queue, "duty", (_call(f"c{number}", "clear"),), NOW_MS)
    courier.deliver()
    add_message(queue, "duty", (_call("c7"),), NOW_MS)
    clock.advance_s(2)
    courier.deliver()
    assert [(n.alarm, n.act) for n in sender.sent[1][1]] == [("c7", "raise")]
    assert "c7" not in {n.alarm for n in sender.sent[2][1]}
    assert len(sender.sent[2][1]) == DUE_AT_ONCE - 1


def test_what_is_done_together_is_there_as_a_whole_or_not_at_all(queue: NoticeQueue) -> None:
    def half() -> None:
        with queue.together():
            queue.take(notice(alarm="a"), TO, NOW_MS)
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        half()
    assert queue.waiting() == []
    with queue.together():
        assert queue.take(notice(alarm="a"), TO, NOW_MS)
        assert not queue.take(notice(alarm="a"), TO, NOW_MS)
    assert len(queue.waiting()) == 1


@pytest.mark.parametrize("act", ["bury", "bury_all_but"])
def test_what_is_given_up_is_given_up_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    queue = NoticeQueue(tmp_path / "q.sqlite3")
    add_message(queue, "duty", (notice(),), NOW_MS)
    (message,) = queue.due("duty", NOW_MS)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(queue, "count", fail)
    acts: dict[str, Callable[[], None]] = {
        "bury": lambda: queue.bury(message, "refused"),
        "bury_all_but": lambda: queue.bury_all_but([]),
    }
    with pytest.raises(sqlite3.OperationalError):
        acts[act]()
    assert queue.dead() == []
    assert queue.counts()["messages_waiting"] == 1
    queue.close()


def test_a_note_within_a_transaction_ends_it_not(tmp_path: Path) -> None:
    queue = NoticeQueue(tmp_path / "q.sqlite3")

    def keep_and_fail() -> None:
        with queue.together():
            queue.set_note("n", "1")
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        keep_and_fail()
    assert queue.note("n") == ""
    queue.close()


class Faulty:
    """A fault of ours with one message."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(
        self, _channel: Channel, notices: tuple[AlarmNotice, ...], _message: str, _now_ms: int
    ) -> Judgement:
        self.sent.append(notices[0].alarm)
        if notices[0].alarm == "bad":
            raise ValueError
        return DELIVERED


def test_what_arrived_is_not_sent_again_while_the_file_cannot_be_written(
    queue: NoticeQueue,
) -> None:
    sender = Scripted(DELIVERED, Judgement(Verdict.REFUSED, "errcode 93000"))
    courier, clock = _courier(queue, sender)
    courier.channel = SyslogChannel(name="duty", host="h", per_minute=600)
    for number in range(30):
        add_message(queue, "duty", (_call(str(number)),), NOW_MS)
    queue.base.execute("PRAGMA query_only=ON")
    for _ in range(60):
        courier.deliver()
        clock.advance_s(1)
    alarms = [found.alarm for _, notices in sender.sent for found in notices]
    assert sorted(alarms) == sorted(map(str, range(30)))
    assert courier.error.startswith("the queue's file cannot be written: ")
    assert not courier.has_more
    queue.base.execute("PRAGMA query_only=OFF")
    courier.deliver()
    assert courier.deliver() == 0
    counts = queue.counts()
    assert (counts["delivered"], counts["dead"], counts["messages_waiting"]) == (29, 1, 0)


def test_a_number_that_comes_again_is_another_message(queue: NoticeQueue) -> None:
    add_message(queue, "duty", (notice(alarm="first"),), NOW_MS)
    (first,) = queue.due("duty", NOW_MS)
    queue.base.execute("PRAGMA query_only=ON")
    with pytest.raises(sqlite3.OperationalError):
        queue.delivered(first)
    assert queue.due("duty", NOW_MS) == []
    queue.base.execute("PRAGMA query_only=OFF")
    queue.base.execute("DELETE FROM message")
    add_message(queue, "duty", (notice(alarm="second"),), NOW_MS + 1)
    queue.settle()
    (second,) = queue.due("duty", NOW_MS + 1)
    assert (second.number, second.notices[0].alarm) == (first.number, "second")


def test_a_fault_with_one_message_holds_up_no_other(queue: NoticeQueue) -> None:
    clock, sender = ManualClock(NOW_MS), Faulty()
    courier = Courier(queue, DUTY, sender, clock)
    for alarm in ("bad", "good"):
        add_message(queue, "duty", (notice(alarm=alarm),), NOW_MS)
    for _ in range(4):
        courier.deliver()
        clock.advance_s(1)
    assert "good" in sender.sent


def test_a_clock_that_was_set_back_holds_up_no_call(queue: NoticeQueue) -> None:
    away = Judgement(Verdict.AGAIN, "away")
    courier, clock = _courier(queue, Scripted(away))
    add_message(queue, "duty", (_call("a"),), NOW_MS)
    assert courier.deliver() == 0
    clock.advance_s(-3_600)
    assert courier.deliver() == 0
    clock.advance_s(2)
    assert courier.deliver() == 1
