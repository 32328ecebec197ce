"""Properties that come plain, with a time each, or as lists of such: one reading for each instant.

A property is wrapped if it is an object of ``value`` alone, or of ``value`` and a time; any other
object is a value with members. A list is a history if each of its elements is wrapped; any other
list is a value.
"""

from collections.abc import Mapping
from typing import Any

from gigacity_ingest.formats.gathering import EMPTY, Gathering
from gigacity_ingest.formats.times import TimeRule

_TIMES = ("time", "timestamp", "ts")
REPEATED = "repeated"
"""Counted where a property has two values of one instant; the last one holds."""
_UNSET = object()


def stated_time(wrapped: Mapping[str, Any]) -> Any:
    """What stands as the time of a wrapped value; None where nothing does."""
    for name in _TIMES:
        if name in wrapped:
            return wrapped[name]
    return None


def is_wrapped(value: Any) -> bool:
    """Whether an object wraps a value."""
    if value.__class__ is not dict or "value" not in value:
        return False
    members = len(value)
    return members == 1 or (
        members == 2 and ("time" in value or "timestamp" in value or "ts" in value)
    )


def _is_history(value: Any) -> bool:
    return value.__class__ is list and bool(value) and all(map(is_wrapped, value))


def add_properties(
    gathering: Gathering,
    names: Mapping[str, str],
    properties: Mapping[str, Any],
    times: TimeRule,
    *,
    time_ms: int | None = None,
    sent_as: str = "",
) -> None:
    """Readings of one object's properties.

    Args:
        gathering: takes them.
        names: whose they are.
        properties: by name.
        times: how instants are written.
        time_ms: of what states none of its own.
        sent_as: the message's id.

    Raises:
        PayloadError: too many readings.
    """
    if not properties:
        gathering.ignore(EMPTY)
        return
    for value in properties.values():
        if value.__class__ is dict or value.__class__ is list:
            break
    else:
        gathering.add(names, properties, time_ms, sent_as)
        return
    grouped = _Grouping(gathering, times, time_ms)
    for name, value in properties.items():
        if is_wrapped(value):
            grouped.put(name, value["value"], stated_time(value))
        elif _is_history(value):
            for element in value:
                grouped.put(name, element["value"], stated_time(element))
        else:
            grouped.put(name, value, None)
    for instant, values in grouped.by_time.items():
        gathering.add(names, values, instant, sent_as)


class _Grouping:
    """Values of one object by instant."""

    __slots__ = ("_gathering", "_instant", "_stated", "_time_ms", "_times", "by_time")

    def __init__(self, gathering: Gathering, times: TimeRule, time_ms: int | None) -> None:
        self.by_time: dict[int | None, dict[str, Any]] = {}
        self._gathering = gathering
        self._times = times
        self._time_ms = time_ms
        self._stated: Any = _UNSET
        self._instant: int | None = None

    def put(self, name: str, value: Any, stated: Any) -> None:
        instant = self._time_ms if stated is None else self._instant_of(stated)
        values = self.by_time.get(instant)
        if values is None:
            values = self.by_time[instant] = {}
        elif name in values:
            self._gathering.ignore(REPEATED)
        values[name] = value

    def _instant_of(self, stated: Any) -> int | None:
        # Properties of one report mostly state one time.
        if stated != self._stated or stated.__class__ is not self._stated.__class__:
            self._stated = stated
            instant = self._times.instant_ms(stated)
            self._instant = self._time_ms if instant is None else instant
        return self._instant
