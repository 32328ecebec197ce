"""Where a property stands: ``a.b``; ``../id`` around the reading; ``@ifName`` among the names."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from gigacity_ingest.formats.paths import FieldPath, field_path
from gigacity_ingest.formats.readings import Reading

MAX_UPS = 8
_MAX_SEQUENCE = 2**53 - 1
ABSENT = object()
"""In the place of a property that is not there; None is one that is null."""
Objects = tuple[Mapping[str, Any], ...]
"""Around a reading, innermost first."""


class PropertyPath(NamedTuple):
    """One place of a reading."""

    steps: FieldPath
    ups: int = 0
    """How many ``../`` stand before it."""
    name: str = ""
    """Of the topic or the format, in the place of a path; empty: a path."""


def property_path(text: str) -> PropertyPath:
    """Read a path.

    Raises:
        ValueError: it names nothing, or is too long.
    """
    if text.startswith("@"):
        if len(text) == 1:
            raise ValueError("has no name behind '@'")
        return PropertyPath((), 0, text[1:])
    rest, ups = text, 0
    while rest.startswith("../"):
        rest, ups = rest[3:], ups + 1
    if ups > MAX_UPS:
        raise ValueError(f"goes up more than {MAX_UPS} objects")
    steps = field_path(rest)
    if not steps:
        raise ValueError("names the whole object; name one of its properties")
    return PropertyPath(steps, ups)


def step_down(value: Any, steps: FieldPath) -> Any:
    """What stands at a path in which numbers may be places of lists; ``ABSENT`` if nothing does."""
    for step in steps:
        if value.__class__ is dict:
            value = value.get(step, ABSENT)
        elif value.__class__ is list and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value


def find_property(path: PropertyPath, values: Mapping[str, Any], around: Objects) -> Any:
    """What stands in a reading, or around it; ``ABSENT`` if nothing does. No names."""
    if not path.ups:
        return step_down(values, path.steps)
    return step_down(around[path.ups - 1], path.steps) if path.ups <= len(around) else ABSENT


def sequence_number(
    path: PropertyPath, reading: Reading, topic_names: Mapping[str, str]
) -> int | None:
    """The whole number, from 0, that stands at a path of a reading; None if none does."""
    if path.name:
        found: Any = topic_names.get(path.name, reading.names.get(path.name))
    else:
        found = find_property(path, reading.values, reading.parents)
    if found.__class__ is str and found.isascii() and found.isdecimal() and len(found) < 16:
        found = int(found)
    return found if found.__class__ is int and 0 <= found <= _MAX_SEQUENCE else None
