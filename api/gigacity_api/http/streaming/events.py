"""Events as they are sent. Pure.

An event's id says how far its subscriber is, in evaluations, revisions and alarms, so that it can
go on after any event of any kind, or be told that it missed some.
"""

from collections.abc import Collection
from typing import NamedTuple

from gigacity_api.alarms.model import AlarmEvent
from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.presenters.figures import figure_out
from gigacity_api.http.schemas.common import BilingualName
from gigacity_api.http.schemas.stream import (
    AlarmStreamEvent,
    EvaluationEvent,
    ResyncEvent,
    RevisionEvent,
    StreamKind,
)
from gigacity_api.http.streaming.revisions import Revision
from gigacity_api.indicators.levels import Level
from gigacity_contract.local_time import rfc3339

_DIGITS = (15, 9, 15, 10, 8)
"""The longest numbers of an id."""
PROCESS_NUMBERS = 10 ** _DIGITS[-1]
"""A process that sends has a number below."""
EVERY_KIND: tuple[StreamKind, ...] = ("evaluation", "revision", "alarm")


class StreamPosition(NamedTuple):
    """What a subscriber was notified of last."""

    as_of_ms: int
    revision: int
    notified_ms: int | None
    """Every revision that was published until then; None: not said."""
    alarm: int = 0
    """The number of the last event of an alarm, as the process counts them."""
    process: int | None = None
    """Which process counted; None: not said."""

    @property
    def id(self) -> str:
        """As sent in ``id`` and ``Last-Event-ID``."""
        numbers = (self.as_of_ms, self.revision, self.notified_ms, self.alarm, self.process)
        # Before the first evaluation an alarm may have come.
        return "-".join(str(max(0, number or 0)) for number in numbers)


def parse_event_id(text: str) -> StreamPosition | None:
    """The position that an id names, or None for what is no id of ours."""
    parts = text.split("-")
    if len(parts) not in {2, 3, len(_DIGITS)}:
        return None
    for part, digits in zip(parts, _DIGITS, strict=False):
        if not (part.isascii() and part.isdigit() and len(part) <= digits):
            return None
    as_of_ms, revision, *more = map(int, parts)
    if not more:
        return StreamPosition(as_of_ms, revision, None)
    return StreamPosition(as_of_ms, revision, *more)


def evaluation_data(publication: Publication) -> str:
    """The figures of the city as a whole."""
    figures = [f for f in publication.figures if f.scope == Level.CITY]
    body = EvaluationEvent.of(
        publication, figures=[figure_out(publication, figure) for figure in figures]
    )
    return body.model_dump_json()


def revision_data(revision: Revision) -> str:
    """Which instant was revised, and which indicators came out otherwise."""
    return RevisionEvent.of(revision, published_at=revision.published_ms).model_dump_json()


def alarm_data(happened: AlarmEvent) -> str:
    """What happened to an alarm; the list has the rest."""
    alarm = happened.alarm
    return AlarmStreamEvent(
        id=alarm.id, act=happened.act, time=rfc3339(happened.at_ms), specific_problem=alarm.type,
        perceived_severity=alarm.severity, alarmed_object_type=str(alarm.resource.kind),
        alarmed_object_id=alarm.resource.id, area=alarm.resource.area or None,
        is_cleared=alarm.is_cleared, parent=alarm.parent, is_life_safety=happened.is_life_safety,
        households=alarm.impact.households,
        households_at_most=alarm.impact.households_at_most,
        alarm_details=BilingualName(zh=alarm.text.zh, en=alarm.text.en),
    ).model_dump_json(by_alias=True)  # fmt: skip


def resync(missed: Collection[StreamKind]) -> bytes:
    """That events were missed. It has no id: who is cut off here is told again."""
    data = ResyncEvent(missed=[kind for kind in EVERY_KIND if kind in missed]).model_dump_json()
    return f"event: resync\ndata: {data}\n\n".encode()


def event(kind: str, position: StreamPosition, data: str) -> bytes:
    """One event, as Server-Sent Events have it."""
    return f"id: {position.id}\nevent: {kind}\ndata: {data}\n\n".encode()
