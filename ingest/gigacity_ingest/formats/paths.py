r"""Paths into a JSON document: ``data.items``, ``rx.0.rssi``; ``.`` is the document itself.

A number is a place in a list, from 0. A dot that belongs to a name is written ``\.``.
"""

from typing import Any

MAX_STEPS = 16
FieldPath = tuple[str, ...]


def field_path(text: str) -> FieldPath:
    """The steps of a path.

    Raises:
        ValueError: empty, a step without a name, or too many; says so.
    """
    if text == ".":
        return ()
    steps = tuple(step.replace("\0", ".") for step in text.replace("\\.", "\0").split("."))
    if not all(steps):
        raise ValueError(f"{text!r}: a step without a name")
    if len(steps) > MAX_STEPS:
        raise ValueError(f"{text!r}: more than {MAX_STEPS} steps")
    return steps


def find(value: Any, path: FieldPath) -> Any:
    """What stands there; None where nothing does."""
    for step in path:
        if value.__class__ is dict:
            value = value.get(step)
        elif value.__class__ is list and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
