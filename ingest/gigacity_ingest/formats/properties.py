"""Properties that come plain, with a time each, or as lists of such: one reading for each instant.

A property is wrapped if it is an object of ``value`` alone, or of ``value`` and a time; any other
object is a value with members. A list is a history if each of its elements is wrapped; any other
list is a value.
"""

from collections.abc import Mapping
from typing import Any

from gigacity_ingest.formats.gathering import EMPTY, Gathering
from gigacity_ingest.formats.times import TimeRule

REPEATED = "repeated"
"""Counted where a property has two values of one instant; the last one holds."""


def stated_time(wrapped: Mapping[str, Any]) -> Any:
    """What stands as the time of a wrapped value; None where nothing does."""
    if "time" in wrapped:
        return wrapped["time"]
    return wrapped.get("timestamp", wrapped.get("ts"))


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
    alike = _of_one_time(properties)
    if alike is not None:
        stated, values = alike
        instant = times.instant_ms(stated)
        gathering.add(names, values, time_ms if instant is None else instant, sent_as)
        return
    for instant, values in _by_time(gathering, properties, times, time_ms).items():
        gathering.add(names, values, instant, sent_as)


def _of_one_time(properties: Mapping[str, Any]) -> tuple[Any, dict[str, Any]] | None:
    """The time and the values of properties that all state the same, as most reports do."""
    time: Any = None
    values: dict[str, Any] = {}
    for name, value in properties.items():
        if value.__class__ is not dict or len(value) != 2 or "time" not in value:
            return None
        if "value" not in value or (values and value["time"] != time):
            return None
        time = value["time"]
        values[name] = value["value"]
    return time, values


def _by_time(
    gathering: Gathering, properties: Mapping[str, Any], times: TimeRule, time_ms: int | None
) -> dict[int | None, dict[str, Any]]:
    """Values of one object by instant."""
    by_time: dict[int | None, dict[str, Any]] = {}
    last_stated: Any = None
    instant = time_ms
    for name, value in properties.items():
        if is_wrapped(value):
            history = (value,)
        elif _is_history(value):
            history = value
        else:
            by_time.setdefault(time_ms, {})[name] = value
            continue
        for wrapped in history:
            stated = stated_time(wrapped)
            if stated != last_stated or stated.__class__ is not last_stated.__class__:
                # Properties of one report mostly state one time, which is read once.
                last_stated = stated
                own_ms = times.instant_ms(stated)
                instant = time_ms if own_ms is None else own_ms
            values = by_time.get(instant)
            if values is None:
                values = by_time[instant] = {}
            elif name in values:
                gathering.ignore(REPEATED)
            values[name] = wrapped["value"]
    return by_time
