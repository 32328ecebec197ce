"""How good the alarm system itself is, by the measures of ISA-18.2 and IEC 62682.

Counted over alarms that stand alone: a child of another is no message. From the histories that
alarms keep, so that a restart does not begin anew.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from gigacity_api.alarms.model import Act, Alarm, AlarmResource, Severity, StatusChange

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
WEEK_MS = 7 * DAY_MS
FLOOD_MS, FLOOD_ALARMS = 600_000, 10
"""So many alarms in ten minutes are a flood: more than one operator can look at (ISA-18.2)."""

CHATTERING_RAISES = 3
"""Raised so often within an hour, an alarm chatters."""

STALE_MS = DAY_MS
"""Active for longer, an alarm is stale."""

TARGET_PER_HOUR = 6
"""About so many an hour are acceptable to one operator (ISA-18.2)."""

MOST_FREQUENT = 10


class FrequentSource(NamedTuple):
    """One of the alarms that were raised most often in a week."""

    id: str
    type: str
    resource: AlarmResource
    raised: int
    share: float
    """Of all that were raised."""


class AlarmSystemQuality(NamedTuple):
    """What the alarm system asks of its operators."""

    raised_last_hour: int
    raised_per_hour: float
    """Mean of the last day."""
    raised_last_ten_minutes: int
    is_flood: bool
    chattering: int
    flapping: int
    stale: int
    active: int
    unacknowledged: int
    shelved: int
    planned: int
    by_severity: dict[str, int]
    """Of the active ones."""
    acknowledge_median_s: float | None
    """From raise to acknowledgement, of a week; None: nobody acknowledged any."""
    acknowledge_p90_s: float | None
    most_frequent: tuple[FrequentSource, ...]
    most_frequent_share: float | None
    """Share of the ten most frequent in all that were raised within a week."""


def quality_of(alarms: Iterable[Alarm], now_ms: int) -> AlarmSystemQuality:
    """The measures at one moment."""
    alone = [a for a in alarms if a.parent is None]
    active = [a for a in alone if not a.is_cleared]
    raises = {a.id: [c.at_ms for c in a.history if c.act is Act.RAISE] for a in alone}
    times = [at for found in raises.values() for at in found]
    waits = sorted(wait for a in alone for wait in _waits(a.history, now_ms - WEEK_MS))
    last_ten = _since(times, now_ms - FLOOD_MS)
    week = {a.id: _since(raises[a.id], now_ms - WEEK_MS) for a in alone}
    frequent = _most_frequent(alone, week)
    total = sum(week.values())
    severities = Counter(str(a.severity) for a in active)
    return AlarmSystemQuality(
        raised_last_hour=_since(times, now_ms - HOUR_MS),
        raised_per_hour=round(_since(times, now_ms - DAY_MS) / 24, 2),
        raised_last_ten_minutes=last_ten,
        is_flood=last_ten >= FLOOD_ALARMS,
        chattering=sum(
            _since(found, now_ms - HOUR_MS) >= CHATTERING_RAISES for found in raises.values()
        ),
        flapping=sum(a.is_flapping for a in alone),
        stale=sum(now_ms - a.raised_ms > STALE_MS and not a.is_shelved for a in active),
        active=len(active),
        unacknowledged=sum(a.operator.state == "none" for a in active),
        shelved=sum(a.is_shelved for a in active),
        planned=sum(a.is_planned for a in active),
        by_severity={str(s): severities[str(s)] for s in Severity},
        acknowledge_median_s=_quantile(waits, 0.5),
        acknowledge_p90_s=_quantile(waits, 0.9),
        most_frequent=frequent,
        most_frequent_share=sum(f.raised for f in frequent) / total if total else None,
    )


def _since(times: Iterable[int], after_ms: int) -> int:
    return sum(at > after_ms for at in times)


def _waits(history: tuple[StatusChange, ...], after_ms: int) -> Iterable[float]:
    """Seconds from a raise to the acknowledgement after it; the history is newest first."""
    raised: int | None = None
    for change in reversed(history):
        if change.act is Act.RAISE:
            raised = change.at_ms
        elif change.act is Act.ACKNOWLEDGE and raised is not None:
            if change.at_ms > after_ms:
                yield (change.at_ms - raised) / 1000
            raised = None


def _most_frequent(alarms: list[Alarm], week: dict[str, int]) -> tuple[FrequentSource, ...]:
    total = sum(week.values())
    ordered = sorted((a for a in alarms if week[a.id]), key=lambda a: (-week[a.id], a.id))
    return tuple(
        FrequentSource(a.id, a.type, a.resource, week[a.id], week[a.id] / total)
        for a in ordered[:MOST_FREQUENT]
    )


def _quantile(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
