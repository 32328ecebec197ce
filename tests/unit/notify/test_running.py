"""The rounds go on whatever happens in one of their turns, and one process holds a folder."""

import threading
import time
from pathlib import Path

import pytest

from gigacity_contract.access import Address, Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError
from gigacity_contract.local_time import ZONE
from gigacity_notify.calls import DELIVERED, Judgement
from gigacity_notify.configuration import Channel, read_configuration
from gigacity_notify.health import AlarmsStanding, BrokerStanding, health_of, leave_notes
from gigacity_notify.listing import AlarmList
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.notifier import Notifier
from gigacity_notify.queue import DUE_AT_ONCE, NoticeQueue, QueuedMessage
from gigacity_notify.running import ConfigurationWatch, Rounds
from gigacity_notify.service import only_one
from tests.support.mqtt_probe import wait_until
from tests.support.notices import add_message, notice

TEXT = """\
version: 1
channels: [{name: duty, kind: syslog, host: h}]
routes: [{to: [duty]}]
"""


class StumblingQueue(NoticeQueue):
    """Trips over the first questions of the couriers."""

    tries = 0

    def due(self, channel: str, now_ms: int, limit: int = DUE_AT_ONCE) -> list[QueuedMessage]:
        self.tries += 1
        if self.tries <= 3:
            raise ValueError("a fault")
        return super().due(channel, now_ms, limit)


class RefusedSide:
    """A session whose subscription is refused."""

    def __init__(self) -> None:
        self.standing = BrokerStanding("the broker refuses it", bad_events=7)
        self.asked = threading.Event()

    def ask_again(self) -> None:
        self.asked.set()


class Sent:
    """Takes everything, and knows for whom."""

    def __init__(self) -> None:
        self.channels: list[str] = []

    def send(
        self, channel: Channel, _notices: tuple[AlarmNotice, ...], _message: str, _now_ms: int
    ) -> Judgement:
        self.channels.append(channel.name)
        return DELIVERED


def test_a_fault_in_one_turn_ends_no_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gigacity_notify.running.DELIVER_S", 0.05)
    file = tmp_path / "channels.yaml"
    file.write_text(TEXT, encoding="utf-8")
    clock, sent = SystemClock(), Sent()
    queue = StumblingQueue(tmp_path / "q.sqlite3")
    notifier = Notifier(queue, read_configuration(TEXT, "f"), clock, ZONE)
    rounds = Rounds(notifier, queue, sent, clock, alarms=None, watch=ConfigurationWatch(file))
    add_message(queue, "duty", (notice(),), clock.now_ms())
    thread = threading.Thread(target=rounds.run)
    thread.start()
    try:
        begun_s = time.monotonic()
        wait_until(lambda: sent.channels == ["duty"], "the message")
        # The courier rests between turns that fail, longer each time.
        assert time.monotonic() - begun_s > 0.25
    finally:
        rounds.stop()
        thread.join(10)
    assert not thread.is_alive()
    queue.close()


def test_two_notifiers_do_not_share_a_folder(tmp_path: Path) -> None:
    error = pytest.raises(ConfigError, match="a notifier runs with it")
    with only_one(tmp_path), error, only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_a_channel_that_left_the_file_gets_nothing_more_and_one_that_is_back_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_notify.running.DELIVER_S", 0.02)
    file = tmp_path / "channels.yaml"
    both = """\
version: 1
channels: [{name: duty, kind: syslog, host: h}, {name: chief, kind: syslog, host: h}]
routes: [{to: [duty]}]
"""
    file.write_text(both, encoding="utf-8")
    clock, sent = SystemClock(), Sent()
    queue = NoticeQueue(tmp_path / "q.sqlite3")
    notifier = Notifier(queue, read_configuration(both, "f"), clock, ZONE)
    followed: list[str] = []
    rounds = Rounds(
        notifier, queue, sent, clock, alarms=None, watch=ConfigurationWatch(file),
        follow=lambda found: followed.append(found.board_url),
    )  # fmt: skip
    thread = threading.Thread(target=rounds.run)
    thread.start()
    try:
        add_message(queue, "chief", (notice(),), clock.now_ms())
        wait_until(lambda: sent.channels == ["chief"], "the first message")
        file.write_text(TEXT + "board_url: https://b", encoding="utf-8")
        wait_until(lambda: followed == ["https://b"], "the new file")
        add_message(queue, "chief", (notice(),), clock.now_ms())
        wait_until(lambda: len(queue.dead()) == 1, "its end")
        file.write_text(both, encoding="utf-8")
        wait_until(lambda: len(followed) == 2, "the old file")
        add_message(queue, "chief", (notice(),), clock.now_ms())
        wait_until(lambda: len(sent.channels) == 2, "the next message")
    finally:
        rounds.stop()
        thread.join(10)
    assert sent.channels == ["chief", "chief"]
    queue.close()


def test_health_tells_how_it_stands_with_the_broker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_notify.running.GATHER_S", 0.02)
    monkeypatch.setattr("gigacity_notify.running.BEAT_S", 0.02)
    file = tmp_path / "channels.yaml"
    file.write_text(TEXT, encoding="utf-8")
    clock, broker = SystemClock(), RefusedSide()
    queue = NoticeQueue(tmp_path / "q.sqlite3")
    notifier = Notifier(queue, read_configuration(TEXT, "f"), clock, ZONE)
    rounds = Rounds(
        notifier, queue, Sent(), clock, alarms=None, watch=ConfigurationWatch(file), broker=broker
    )
    assert health_of(queue, clock.now_ms()) == (["no round yet"], False)
    thread = threading.Thread(target=rounds.run)
    thread.start()
    try:
        wait_until(lambda: len(health_of(queue, clock.now_ms()).lines) == 3, "notes")
        assert broker.asked.is_set()
    finally:
        rounds.stop()
        thread.join(10)
    found = health_of(queue, clock.now_ms())
    assert found.lines[1:] == [
        "broker: the broker refuses it",
        "events of life and safety that could not be read: 7",
    ]
    assert not found.is_well
    queue.close()


def test_health_without_a_broker_is_that_of_the_rounds(tmp_path: Path) -> None:
    queue = NoticeQueue(tmp_path / "q.sqlite3")
    leave_notes(queue, 1_000_000, BrokerStanding("gone"))
    leave_notes(queue, 1_000_000, None)
    assert health_of(queue, 1_005_000) == (["last round 5 s ago"], True)
    assert not health_of(queue, 1_030_001).is_well
    leave_notes(queue, 1_000_000, BrokerStanding())
    assert health_of(queue, 1_000_000) == (
        [
            "last round 0 s ago",
            "broker: well",
            "events of life and safety that could not be read: 0",
        ],
        True,
    )
    queue.close()


def test_health_is_not_well_once_nobody_can_be_told_of_alarms(tmp_path: Path) -> None:
    queue = NoticeQueue(tmp_path / "q.sqlite3")
    leave_notes(queue, 1_000_000, None, AlarmsStanding(940_000, "the API refuses the key"))
    assert health_of(queue, 1_000_000) == (
        [
            "last round 0 s ago",
            "alarms: not known for 60 s, nobody is told of a new one: the API refuses the key",
        ],
        True,
    )
    assert not health_of(queue, 1_000_001).is_well
    leave_notes(queue, 1_000_000, None, AlarmsStanding(999_000))
    assert health_of(queue, 1_000_000) == (
        ["last round 0 s ago", "alarms: last known 1 s ago"],
        True,
    )
    queue.close()


def test_a_beat_that_is_to_come_proves_nothing(tmp_path: Path) -> None:
    queue = NoticeQueue(tmp_path / "q.sqlite3")
    leave_notes(queue, 1_030_001, None)
    assert not health_of(queue, 1_000_000).is_well
    queue.close()


def test_an_api_that_is_away_is_in_the_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOOK_S", "GATHER_S", "BEAT_S"):
        monkeypatch.setattr(f"gigacity_notify.running.{name}", 0.02)
    file = tmp_path / "channels.yaml"
    file.write_text(TEXT, encoding="utf-8")
    clock, queue = SystemClock(), NoticeQueue(tmp_path / "q.sqlite3")
    notifier = Notifier(queue, read_configuration(TEXT, "f"), clock, ZONE)
    alarms = AlarmList(Address("http", "127.0.0.1", 9), Secret("k"))
    rounds = Rounds(notifier, queue, Sent(), clock, alarms=alarms, watch=ConfigurationWatch(file))
    thread = threading.Thread(target=rounds.run)
    thread.start()
    try:
        wait_until(
            lambda: "the API cannot be reached" in health_of(queue, clock.now_ms()).lines[-1],
            "the problem",
        )
    finally:
        rounds.stop()
        thread.join(10)
    assert not health_of(queue, clock.now_ms() + 61_000).is_well
    alarms.close()
    queue.close()
