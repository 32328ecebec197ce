"""Every decoder by the name that a mapping gives it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from gigacity_ingest.formats.readings import FormatDecoder
from gigacity_ingest.formats.times import TimeRule


class Format(NamedTuple):
    """One row of the catalogue."""

    name: str
    make: Callable[[Mapping[str, Any], TimeRule], FormatDecoder]
    """From the source's ``dialect`` (checked: raises ``DialectError`` naming the key) and times."""
    en: str
    zh: str


class DialectError(ValueError):
    """A source's ``dialect`` has a key or a value that its decoder does not know."""


FORMATS: MappingProxyType[str, Format] = MappingProxyType({})
"""Every format by name."""
