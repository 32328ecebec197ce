"""From the API's list to messages: what is told, once, whatever happens in between."""

import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_contract.safety import SafetyEvent
from gigacity_notify import safety
from gigacity_notify.configuration import Grouping
from gigacity_notify.gathering import Gathered, Waiting, gather
from gigacity_notify.listing import ListingError
from gigacity_notify.notifier import FORGETS_AFTER_MS
from gigacity_notify.safety import SafetyEventError, read_event
from tests.support.notices import NOW_MS, World, listed


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path / "q")
    yield found
    found.queue.close()


def test_an_alarm_is_told_once_and_so_is_its_end(world: World) -> None:
    for _ in range(3):
        world.look(listed())
    world.clock.advance_s(30)
    assert world.told() == [("raise", "major")]
    world.source.over = {"a" * 16: True}
    world.look()
    world.clock.advance_s(30)
    assert world.told() == [("clear", "major")]
    assert world.queue.open_alarms() == []


def test_a_list_that_lacks_alarms_ends_none_and_what_it_has_is_told(world: World) -> None:
    """The API's database is away since before it started: it has not read its log of alarms."""
    world.look(listed())
    world.clock.advance_s(30)
    assert world.told() == [("raise", "major")]
    world.source.over = {"a" * 16: True}
    world.source.is_whole = False
    world.look(listed("b" * 16, perceivedSeverity="critical"))
    world.clock.advance_s(30)
    assert world.told() == [("raise", "critical")]
    assert len(world.queue.open_alarms()) == 2
    world.source.is_whole = True
    world.look(listed("b" * 16, perceivedSeverity="critical"))
    world.clock.advance_s(30)
    assert world.told() == [("clear", "major")]


def test_what_becomes_milder_is_no_news_and_ends_for_those_who_were_told(world: World) -> None:
    for severity in ("major", "warning", "major", "critical", "minor"):
        world.look(listed(perceivedSeverity=severity))
    world.source.over = {"a" * 16: True}
    told = world.told()
    world.clock.advance_s(30)
    told += world.told()
    world.look()
    world.clock.advance_s(30)

    assert told + world.told() == [("change", "critical"), ("clear", "critical")]


def test_after_a_restart_the_difference_is_told(tmp_path: Path) -> None:
    first = World(tmp_path / "q")
    first.look(listed(), listed("b" * 16))
    first.clock.advance_s(30)
    assert len(first.told()) == 2
    first.queue.base.close()
    again = World(tmp_path / "q")
    again.clock.advance_s(3_000)
    again.source.over = {"a" * 16: True}
    again.look(listed("b" * 16, perceivedSeverity="critical"), listed("c" * 16))
    again.clock.advance_s(30)
    assert sorted(again.told()) == [("change", "critical"), ("clear", "major"), ("raise", "major")]
    again.queue.close()


def test_an_alarm_that_is_part_of_another_now_ends_silently(world: World) -> None:
    world.look(listed())
    world.clock.advance_s(30)
    world.told()
    world.source.over = {"a" * 16: False}
    world.look(listed("b" * 16))
    world.clock.advance_s(30)
    assert world.told() == [("raise", "major")]
    assert [a.notice.alarm for a in world.queue.open_alarms()] == ["b" * 16]


def test_an_alarm_that_was_part_of_another_and_is_free_again_is_followed(world: World) -> None:
    world.look(listed(), listed("a" * 15 + "_"))
    world.source.over = {"a" * 16: False}
    world.look(listed("a" * 15 + "_"))
    world.look(listed(), listed("a" * 15 + "_"))
    assert {a.notice.alarm for a in world.queue.open_alarms()} == {"a" * 16, "a" * 15 + "_"}
    world.clock.advance_s(30)
    world.told()
    world.source.over = {"a" * 16: True}
    world.look(listed("a" * 15 + "_"))
    world.clock.advance_s(30)
    assert world.told() == [("clear", "major")]


def test_what_was_not_worked_in_is_asked_for_again(world: World) -> None:
    world.look(listed())
    with pytest.raises(ListingError):
        world.look()
    assert world.source.forgotten == 1
    assert len(world.queue.open_alarms()) == 1


@pytest.mark.parametrize(
    "silent",
    [{"operatorState": "shelved"}, {"plannedOutageIndicator": True}, {"isFlapping": True}],
    ids=str,
)
def test_what_is_silent_is_told_nobody(world: World, silent: dict[str, Any]) -> None:
    world.look(listed(**silent))
    world.clock.advance_s(60)
    assert world.told() == []
    world.look(listed())
    world.clock.advance_s(60)
    assert world.told() == [("raise", "major")]


def test_it_is_repeated_and_escalated_until_somebody_acknowledges(world: World) -> None:
    world.look(listed())
    world.clock.advance_s(30)
    assert world.told() == [("raise", "major")]
    world.clock.advance_s(580)
    assert world.reminded("chief") == [("raise", "major")]
    world.clock.advance_s(3_600)
    assert world.reminded() == [("raise", "major")]
    assert world.reminded("chief") == []
    world.look(listed(ackState="acknowledged"))
    world.clock.advance_s(3_700)
    assert world.reminded() == [("acknowledge", "major")]


EVENT = SafetyEvent("smoke_detector", "371602", "371602001001", "smk-7", NOW_MS - 300)


def test_a_fire_is_told_at_once_and_once(world: World) -> None:
    world.notifier.take_events([EVENT])
    (message,) = world.queue.due("duty", NOW_MS)
    (told,) = message.notices
    assert told.is_life_safety
    assert "smk-7" in told.title.zh
    world.clock.advance_s(5)
    world.notifier.take_events([EVENT])
    again = SafetyEvent("smoke_detector", "371602", "371602001001", "smk-7", NOW_MS + 5_000)
    world.notifier.take_events([again, again])
    # The engine's own alarm of it, and a list that does not have it yet.
    world.source.over = {told.alarm: None}
    world.look()
    world.look(listed(told.alarm, perceivedSeverity="critical", isLifeSafety=True))
    assert len(world.queue.due("duty", world.clock.now_ms())) == 1
    assert len(world.queue.open_alarms()) == 1


def test_two_threads_make_no_message_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(waiting: Iterable[Waiting], rules: Grouping, now_ms: int) -> list[Gathered]:
        found = gather(waiting, rules, now_ms)
        time.sleep(0.05)
        return found

    monkeypatch.setattr("gigacity_notify.notifier.gather", slowly)
    world.look(listed())
    world.clock.advance_s(30)
    threads = [threading.Thread(target=world.notifier.make_messages) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.queue.due("duty", world.clock.now_ms())) == 1


def test_an_event_that_the_engine_never_knew_counts_as_over_some_day(world: World) -> None:
    world.notifier.take_events([EVENT])
    world.told()
    (alarm,) = world.queue.open_alarms()
    world.source.over = {alarm.notice.alarm: None}
    world.clock.advance_s(FORGETS_AFTER_MS / 1000)
    world.look()
    world.clock.advance_s(30)
    assert world.told() == [("clear", "critical")]


def test_an_event_of_the_past_raises_nothing(world: World) -> None:
    old = SafetyEvent("smoke_detector", "371602", "371602001001", "smk-7", NOW_MS - 400_000)
    world.notifier.take_events([old])
    assert world.queue.open_alarms() == []


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b'{"kind":"smoke_detector"}', b"\xff", b"x" * 5_000,
     b'{"kind":"camera","area":"1","community":"2","device":"3","ts":1}'],
    ids=lambda raw: repr(raw[:20]),
)  # fmt: skip
def test_what_is_no_event_is_refused(payload: bytes) -> None:
    with pytest.raises(SafetyEventError):
        read_event(payload)


def test_the_engine_makes_the_same_alarm_of_it() -> None:
    from gigacity_api.alarms.catalogue import ALARM_TYPES  # noqa: PLC0415 - the other package
    from gigacity_api.alarms.model import (  # noqa: PLC0415
        AlarmResource,
        ResourceKind,
        alarm_id,
    )

    types = {t.id: t for t in ALARM_TYPES.values() if t.is_life_safety}
    ours = {found.type: found for found in safety.SAFETY_TYPES.values()}
    assert set(ours) == set(types)
    for name, found in ours.items():
        assert found.severity == types[name].severity
        assert found.next_step.zh == types[name].next_step.zh
        assert found.next_step.en == types[name].next_step.en
        resource = AlarmResource(ResourceKind.DEVICE, "371602001001/smk-7", "371602")
        assert safety.alarm_of(name, resource.id) == alarm_id(name, resource)
