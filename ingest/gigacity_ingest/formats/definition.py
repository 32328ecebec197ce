"""What a format is to the mapping language: its name, its words, and how its decoder is made."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from gigacity_ingest.formats.readings import FormatDecoder
from gigacity_ingest.formats.times import TimeRule

Dialect = Mapping[str, Any]
"""A source's ``dialect`` as it stands in the mapping."""


class DialectError(ValueError):
    """A source's ``dialect`` has a key or a value that its decoder does not know."""


class Format(NamedTuple):
    """One row of the catalogue."""

    name: str
    make: Callable[[Dialect, TimeRule], FormatDecoder]
    """From the source's ``dialect`` (checked: raises ``DialectError`` naming the key) and times."""
    en: str
    zh: str


def check_keys(dialect: Dialect, known: Collection[str]) -> None:
    """Refuse what no decoder of this format reads.

    Raises:
        DialectError: a key that is not known; names it and those that are.
    """
    for key in dialect:
        if key not in known:
            offer = f"known: {', '.join(sorted(known))}" if known else "this format has none"
            raise DialectError(f"dialect.{key}: no such key; {offer}")


def choice(dialect: Dialect, key: str, choices: Collection[str], default: str) -> str:
    """One word of a closed list.

    Raises:
        DialectError: another word stands there.
    """
    value = dialect.get(key, default)
    if not isinstance(value, str) or value not in choices:
        raise DialectError(f"dialect.{key}: {value!r} is none of {', '.join(sorted(choices))}")
    return value


def flag(dialect: Dialect, key: str, *, default: bool = False) -> bool:
    """A switch.

    Raises:
        DialectError: neither true nor false.
    """
    value = dialect.get(key, default)
    if not isinstance(value, bool):
        raise DialectError(f"dialect.{key}: {value!r} is neither true nor false")
    return value


def text(dialect: Dialect, key: str, default: str = "") -> str:
    """A text, such as a path.

    Raises:
        DialectError: no text.
    """
    value = dialect.get(key, default)
    if not isinstance(value, str):
        raise DialectError(f"dialect.{key}: {value!r} is no text")
    return value
