"""Texts with places for names: ``{productKey}/{deviceName}``, ``{tags.source|tags.agent_host}``."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gigacity_ingest.mapping.property_paths import property_path

_PLACE = re.compile(r"\{([^{}]*)\}")
MAX_NAMES = 8
Lookup = tuple[str, ...]
"""Names of which the first that has a value counts."""


class IdentityTemplate(NamedTuple):
    """Fixed text between names."""

    text: str
    """As it was written."""
    parts: tuple[str | Lookup, ...]
    """Texts, and what is to be looked up."""

    @classmethod
    def parse(cls, text: str) -> "IdentityTemplate":
        """Read a template.

        Raises:
            ValueError: it names nothing, or a name is none.
        """
        parts: list[str | Lookup] = []
        for place, part in enumerate(_PLACE.split(text)):
            if place % 2:
                parts.append(_lookup(part))
            elif "{" in part or "}" in part:
                raise ValueError("has a brace alone; names stand in braces: '{deviceName}'")
            elif part:
                parts.append(part)
        if sum(isinstance(part, tuple) for part in parts) > MAX_NAMES:
            raise ValueError(f"has more than {MAX_NAMES} names")
        return cls(text, tuple(parts))

    @property
    def lookups(self) -> Iterator[Lookup]:
        """What is to be looked up, in order."""
        return (part for part in self.parts if isinstance(part, tuple))

    def fill(self, value_of: Callable[[Lookup], str | None]) -> str | None:
        """The text; None if one of its names has no value."""
        found = [part if isinstance(part, str) else value_of(part) for part in self.parts]
        return None if None in found else "".join(text for text in found if text)

    def missing(self, value_of: Callable[[Lookup], str | None]) -> str:
        """The names that have no value, for a message."""
        return ", ".join("|".join(names) for names in self.lookups if value_of(names) is None)


def _lookup(text: str) -> Lookup:
    names = tuple(name.strip() for name in text.split("|"))
    for name in names:
        property_path(name)  # A name may be a path into the payload.
    return names
