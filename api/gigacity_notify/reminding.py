"""Open alarms that nobody acknowledged: told again, and told to others. Pure."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gigacity_notify.configuration import Configuration
from gigacity_notify.following import OpenAlarm
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.routing import matches

ACKNOWLEDGED_REPEAT_MS = 24 * 3_600_000
"""Somebody works on it: once a day is enough."""


class Reminder(NamedTuple):
    """One message about an alarm that is still open."""

    notice: AlarmNotice
    channels: tuple[str, ...]
    is_escalation: bool


def reminders(
    configuration: Configuration, alarms: Iterable[OpenAlarm], now_ms: int
) -> Iterator[Reminder]:
    """What is due. A warning is never repeated: it needs no action at once."""
    for alarm in alarms:
        notice = alarm.notice
        for route in configuration.routes:
            if not matches(route, notice):
                continue
            open_ms = now_ms - notice.at_ms
            escalate = None if alarm.is_acknowledged or alarm.is_escalated else route.escalate
            if escalate and open_ms >= escalate.after_s * 1000:
                yield Reminder(notice, tuple(escalate.to), is_escalation=True)
                continue
            pause_ms = ACKNOWLEDGED_REPEAT_MS if alarm.is_acknowledged else route.repeat_s * 1000
            may_repeat = route.repeat_s and notice.severity not in {"warning", "indeterminate"}
            if may_repeat and now_ms - alarm.told_ms >= pause_ms:
                yield Reminder(notice, tuple(route.to), is_escalation=False)
