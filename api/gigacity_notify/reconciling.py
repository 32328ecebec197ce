"""What people should be told: how the list of alarms differs from what they were told. Pure.

The list is compared, and no stream of events is followed: after a restart, a lost connection or a
day of silence the difference is what must be told, neither more nor less.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from gigacity_notify.configuration import rank_of
from gigacity_notify.following import AlarmState, OpenAlarm
from gigacity_notify.notice import AlarmNotice, Sentence, Severity


class _ListedWords(msgspec.Struct, frozen=True):
    zh: str
    en: str


class _ListedObject(msgspec.Struct, frozen=True):
    id: str
    area: str | None = None


class _ListedCause(msgspec.Struct, frozen=True):
    name: _ListedWords
    certainty: str


class _ListedImpact(msgspec.Struct, frozen=True):
    households: int = 0


class ListedAlarm(msgspec.Struct, frozen=True, rename="camel"):
    """What is read of an alarm of the API's list."""

    id: str
    state: str
    specific_problem: str
    perceived_severity: Severity
    alarmed_object_type: str
    alarmed_object: _ListedObject
    alarm_raised_time: datetime
    alarm_reporting_time: datetime
    alarm_details: _ListedWords
    proposed_repaired_actions: _ListedWords
    impact: _ListedImpact
    cause: _ListedCause | None = None
    ack_state: str = "unacknowledged"
    operator_state: str = "none"
    planned_outage_indicator: bool = False
    is_flapping: bool = False
    is_life_safety: bool = False
    runbook: str = ""

    @property
    def is_silent(self) -> bool:
        """Whether nobody is to be told: shelved, closed or planned, or it comes and goes."""
        return (
            self.operator_state in {"shelved", "closed"}
            or self.planned_outage_indicator
            or (self.is_flapping and not self.is_life_safety)
        )


class AlarmListPage(msgspec.Struct, frozen=True):
    """A page of the list."""

    items: list[ListedAlarm]
    next_cursor: str | None = None
    is_whole: bool = True


class Untold(NamedTuple):
    """What the list and what people were told differ in."""

    notices: list[AlarmNotice]
    vanished: list[OpenAlarm]
    """Told, and not listed: cleared, or part of another alarm now."""
    states: list[AlarmState]
    """Of alarms that were told: fallen silent or not any more, or nobody works on them now."""


def difference(listed: Iterable[ListedAlarm], told: Iterable[OpenAlarm], now_ms: int) -> Untold:
    """What must be told, and what must be looked at one by one."""
    known = {alarm.notice.alarm: alarm for alarm in told}
    notices, states, seen = [], [], set()
    for alarm in listed:
        seen.add(alarm.id)
        before = known.get(alarm.id)
        if before is None:
            if not alarm.is_silent:
                notices.append(notice_of(alarm, "raise", now_ms))
            continue
        # What became milder calls nobody; whoever was told the worst is told of its end.
        if rank_of(alarm.perceived_severity) > before.notice.rank and not alarm.is_silent:
            notices.append(notice_of(alarm, "change", now_ms))
        is_acknowledged = alarm.ack_state == "acknowledged"
        if is_acknowledged and not before.is_acknowledged:
            notices.append(notice_of(alarm, "acknowledge", now_ms))
        is_withdrawn = before.is_acknowledged and not is_acknowledged
        if is_withdrawn or alarm.is_silent != before.is_silent:
            states.append(AlarmState(alarm.id, is_acknowledged, alarm.is_silent))
    return Untold(notices, [a for name, a in known.items() if name not in seen], states)


def cleared(alarm: OpenAlarm, now_ms: int) -> AlarmNotice:
    """The notice that an alarm is over."""
    return msgspec.structs.replace(alarm.notice, act="clear", at_ms=now_ms)


def notice_of(alarm: ListedAlarm, act: Any, now_ms: int) -> AlarmNotice:
    """A notice of an alarm of the list, in the words that the list has."""
    area = alarm.alarmed_object.area or ""
    cause = alarm.cause
    return AlarmNotice(
        alarm=alarm.id,
        act=act,
        type=alarm.specific_problem,
        kind=alarm.alarmed_object_type,
        resource=alarm.alarmed_object.id,
        area=area,
        severity=alarm.perceived_severity,
        title=Sentence(alarm.alarm_details.zh, alarm.alarm_details.en),
        next_step=Sentence(alarm.proposed_repaired_actions.zh, alarm.proposed_repaired_actions.en),
        at_ms=now_ms,
        raised_ms=round(alarm.alarm_raised_time.timestamp() * 1000),
        households=alarm.impact.households,
        cause="" if cause is None else f"{cause.name.zh} / {cause.name.en}",
        is_suspected=cause is not None and cause.certainty == "suspected",
        runbook=alarm.runbook,
        group=f"{area}/{alarm.specific_problem}",
        is_life_safety=alarm.is_life_safety,
    )
