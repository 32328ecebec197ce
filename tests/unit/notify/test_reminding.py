"""Told again: only of what people should hear of, once a channel, and in few messages."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.notices import World, listed

MINUTE_S, HOUR_S = 60, 3_600
CHANNELS = """
version: 1
channels: [{name: duty, kind: mqtt}, {name: chief, kind: mqtt}, {name: mayor, kind: mqtt}]
"""
ONE = "{to: [duty], repeat_s: 3600, escalate: {after_s: 600, to: [chief]}"
"""It is 8:53 when a test begins."""

Making = Callable[..., World]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Making]:
    worlds: list[World] = []

    def make(*routes: str) -> World:
        text = f"{CHANNELS}routes:\n" + "".join(f"  - {route}\n" for route in routes)
        worlds.append(World(tmp_path / "q", text))
        return worlds[-1]

    yield make
    for world in worlds:
        world.queue.close()


RAISED = [("raise", "major")]


def _raised(world: World) -> World:
    world.look(listed())
    world.clock.advance_s(30)
    assert world.told() == RAISED
    return world


def test_quiet_hours_are_quiet_for_reminders_too(made: Making) -> None:
    world = _raised(made(ONE + ', quiet: {from: "08:54", to: "17:00"}}'))
    world.clock.advance_s(4 * HOUR_S)
    assert world.reminded() == world.reminded("chief") == []
    world.clock.advance_s(4 * HOUR_S + 10 * MINUTE_S)
    assert world.reminded() == world.told("chief") == RAISED


def test_who_is_told_in_the_morning_has_the_time_from_then_on(made: Making) -> None:
    world = made(ONE + ', quiet: {from: "08:00", to: "17:00"}}')
    world.look(listed())
    world.clock.advance_s(8 * HOUR_S + 8 * MINUTE_S)
    assert world.reminded() == RAISED
    assert world.reminded("chief") == []
    world.clock.advance_s(10 * MINUTE_S)
    assert (world.reminded("chief"), world.told()) == (RAISED, [])
    world.clock.advance_s(50 * MINUTE_S)
    assert world.reminded() == RAISED


@pytest.mark.parametrize(
    "silent",
    [{"operatorState": "shelved"}, {"operatorState": "closed"}, {"plannedOutageIndicator": True}],
    ids=str,
)
def test_what_fell_silent_is_not_told_again(made: Making, silent: dict[str, Any]) -> None:
    world = _raised(made(ONE + "}"))
    world.look(listed(**silent))
    world.clock.advance_s(2 * HOUR_S)
    assert world.reminded() == world.reminded("chief") == []
    world.look(listed())
    assert world.reminded() == world.told("chief") == RAISED


def test_a_channel_of_two_routes_is_told_once_and_each_route_escalates(made: Making) -> None:
    later = "{to: [duty], repeat_s: 3600, escalate: {after_s: 1200, to: [mayor]}}"
    world = _raised(made(ONE + "}", later))
    world.clock.advance_s(10 * MINUTE_S)
    assert (world.reminded("chief"), world.reminded("mayor")) == (RAISED, [])
    world.clock.advance_s(10 * MINUTE_S)
    assert (world.reminded("chief"), world.reminded("mayor")) == ([], RAISED)
    world.clock.advance_s(HOUR_S)
    assert world.reminded() == RAISED


def test_a_route_that_repeats_often_does_not_silence_another_one(made: Making) -> None:
    world = _raised(made("{to: [duty], repeat_s: 600}", "{to: [chief], repeat_s: 3600}"))
    world.told("chief")
    found = []
    for _ in range(7):
        world.clock.advance_s(9 * MINUTE_S + 30)
        assert world.reminded() == RAISED
        found += world.told("chief")
    assert found == RAISED


def test_an_acknowledgement_that_is_taken_back_is_none(made: Making) -> None:
    world = _raised(made(ONE + "}"))
    world.look(listed(ackState="acknowledged"))
    world.look(listed())
    world.clock.advance_s(HOUR_S)
    assert world.reminded("chief") == RAISED
    assert world.told() == RAISED
    world.look(listed(ackState="acknowledged"))
    assert world.reminded() == [("acknowledge", "major")]
    world.clock.advance_s(HOUR_S)
    assert world.reminded() == []


def test_many_open_alarms_are_one_message(made: Making) -> None:
    world = made(ONE + "}")
    world.look(*(listed(f"{number:016x}") for number in range(100)))
    world.clock.advance_s(2 * HOUR_S)
    world.told()
    world.notifier.remind()
    world.clock.advance_s(30)
    world.notifier.make_messages()
    now_ms = world.clock.now_ms()
    for channel in ("duty", "chief"):
        assert [len(m.notices) for m in world.queue.due(channel, now_ms)] == [100]


def test_what_ends_while_a_reminder_waits_is_told_to_those_who_knew_of_it(made: Making) -> None:
    world = _raised(made(ONE + "}"))
    world.clock.advance_s(HOUR_S)
    world.notifier.remind()
    world.source.over = {"a" * 16: True}
    world.look()
    world.clock.advance_s(30)
    assert world.told() == [("clear", "major")]
    assert world.told("chief") == []
    world.clock.advance_s(HOUR_S)
    assert world.reminded() == []
