"""What identities and conditions are read from: names of format and topic, and the payload.

A plain name is looked for among the named levels of the topic, the names of the format, then in the
payload; what stands there is compared and filled in as text.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from gigacity_ingest.mapping.property_paths import (
    ABSENT,
    Objects,
    PropertyPath,
    find_property,
    property_path,
)
from gigacity_ingest.mapping.templates import Lookup

MAX_TEXT = 256
"""Characters of an identity; a longer one names nothing that is registered."""
LookupKey = tuple[str | None, ...]
"""Texts in the order of the lookups; None where there is none."""
KeyFunction = Callable[
    [Mapping[str, Any], Objects, Mapping[str, str], Mapping[str, str]], LookupKey
]
"""Of values, objects around them, names of the format and names of the topic."""


def text_of(value: Any) -> str | None:
    """A value as identities have it; None where it can be none."""
    if value.__class__ is str:
        text = value
    elif value.__class__ is bool:
        text = "true" if value else "false"
    elif value.__class__ is int and -(10**18) < value < 10**18:
        text = str(value)
    elif value.__class__ is float and value.is_integer() and abs(value) < 1e15:
        text = str(int(value))
    else:
        return None
    return text if 0 < len(text) <= MAX_TEXT else None


def compile_lookups(lookups: Sequence[Lookup], topic_names: Collection[str]) -> KeyFunction:
    """One function for all lookups of a source; its text is made as that of a kind is.

    Args:
        lookups: of identities and conditions.
        topic_names: named levels of the source's topics; they come first.
    """
    bound: dict[str, Any] = {"P": find_property, "X": text_of, "A": ABSENT}
    lines = []
    for number, lookup in enumerate(lookups):
        variable = f"k{number}"
        first, *others = (
            expression
            for place, name in enumerate(lookup)
            for expression in _expressions(name, f"q{number}_{place}", topic_names, bound)
        )
        lines.append(f"{variable} = {first}")
        lines += [
            f"if {variable} is None or {variable} is A: {variable} = {other}" for other in others
        ]
        lines.append(f"if {variable}.__class__ is not str: {variable} = X({variable})")
    keys = "".join(f"k{number}, " for number in range(len(lookups)))
    lines.append(f"return ({keys})")
    body = "\n".join(f"    {line}" for line in lines)
    # Only numbers of variables, and reprs of names that the language has checked.
    exec(compile(f"def key(v, p, n, t):\n{body}", "<lookups>", "exec"), bound)  # noqa: S102
    function: KeyFunction = bound["key"]
    return function


def _expressions(
    name: str, constant: str, topic_names: Collection[str], bound: dict[str, Any]
) -> list[str]:
    path = property_path(name)
    own = path.name or name
    found = [f"t.get({own!r})"] if own in topic_names else []
    if not path.ups:
        found.append(f"n.get({own!r})")
    if not path.name:
        found.append(_in_payload(path, constant, bound))
    return found


def _in_payload(path: PropertyPath, constant: str, bound: dict[str, Any]) -> str:
    """An expression for what stands there; the shortest paths without a call."""
    steps = path.steps
    if path.ups or len(steps) > 2 or any(step.isdecimal() for step in steps):
        bound[constant] = path
        return f"P({constant}, v, p)"
    if len(steps) == 1:
        return f"v.get({steps[0]!r})"
    return f"o.get({steps[1]!r}) if (o := v.get({steps[0]!r})).__class__ is dict else None"
