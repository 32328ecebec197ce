"""Open alarms that nobody acknowledged: told again, and told to others. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import NamedTuple

import msgspec

from gigacity_notify.configuration import AlarmRoute, Configuration
from gigacity_notify.following import OpenAlarm, held_mark
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.routing import due_ms, matches

ACKNOWLEDGED_REPEAT_MS = 24 * 3_600_000
"""Somebody works on it: once a day is enough."""


class Reminder(NamedTuple):
    """That one channel is told of an alarm that is still open, for however many reasons."""

    notice: AlarmNotice
    channel: str
    marks: tuple[str, ...]
    """The reasons, to be kept with the moment: none of them is one again at once."""


def reminders(
    configuration: Configuration, alarms: Iterable[OpenAlarm], now_ms: int, zone: tzinfo
) -> Iterator[Reminder]:
    """What is due, once an alarm and channel. A warning is never repeated: it can wait.

    What nobody is to be told of is not told again either, and in a route's quiet hours nothing of
    it is due: after them what is open still is.
    """
    for alarm in alarms:
        if alarm.is_silent:
            continue
        found: defaultdict[str, list[str]] = defaultdict(list)
        for route in configuration.routes:
            if matches(route, alarm.notice) and (
                due_ms(route.quiet, alarm.notice, now_ms, zone) <= now_ms
            ):
                for channel, mark in (
                    *_escalated(route, alarm, now_ms),
                    *_repeated(route, alarm, now_ms),
                ):
                    found[channel].append(mark)
        notice = msgspec.structs.replace(alarm.notice, is_reminder=True)
        for channel, marks in found.items():
            yield Reminder(notice, channel, tuple(dict.fromkeys(marks)))


def _escalated(route: AlarmRoute, alarm: OpenAlarm, now_ms: int) -> Iterator[tuple[str, str]]:
    escalate, mark = route.escalate, _escalation_mark(route)
    if escalate is None or alarm.is_acknowledged or mark in alarm.marks:
        return
    # Who was to be told in the morning has the time from then on.
    told_ms = min(alarm.marks.get(held_mark(channel), 0) for channel in route.to)
    if now_ms - max(alarm.notice.at_ms, told_ms) >= escalate.after_s * 1000:
        yield from ((channel, mark) for channel in escalate.to)


def _repeated(route: AlarmRoute, alarm: OpenAlarm, now_ms: int) -> Iterator[tuple[str, str]]:
    if not route.repeat_s or alarm.notice.severity in {"warning", "indeterminate"}:
        return
    pause_ms = ACKNOWLEDGED_REPEAT_MS if alarm.is_acknowledged else route.repeat_s * 1000
    for channel in route.to:
        mark = f"repeat/{channel}"
        earlier = (alarm.marks.get(held_mark(channel), 0), alarm.marks.get(mark, 0))
        if now_ms - max(alarm.told_ms, *earlier) >= pause_ms:
            yield channel, mark


def _escalation_mark(route: AlarmRoute) -> str:
    """Names a route by what it escalates: its place in the file may change."""
    about = (route.areas, route.kinds, route.types, route.severity, route.escalate)
    return f"escalation/{hashlib.sha256(msgspec.json.encode(about)).hexdigest()[:16]}"
