"""Every key of the mapping language, by the place where it may stand; ``docs/mapping.md`` has them.

The vocabulary is closed: no expressions, no templates but names in braces, no code.
"""

from types import MappingProxyType
from typing import NamedTuple

from gigacity_ingest.mapping.nodes import Place

VERSION = 1
"""Of the language."""


class PlaceKeys(NamedTuple):
    """Keys of one place."""

    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def known(self) -> tuple[str, ...]:
        """All of them."""
        return self.required + self.optional


KEYS: MappingProxyType[str, PlaceKeys] = MappingProxyType(
    {
        "file": PlaceKeys(("version", "sources"), ("tests",)),
        "source": PlaceKeys(
            ("name", "topics", "decoder", "owner", "identity", "kinds"),
            ("dialect", "time", "publishers", "answers", "sequence"),
        ),
        "owner": PlaceKeys((), ("areas", "worker")),
        "publishers": PlaceKeys((), ("levels", "users")),
        "time": PlaceKeys((), ("unit", "zone", "format", "missing", "retained")),
        "identity": PlaceKeys(
            (), ("registry", "area", "community", "device", "olt", "port", "unknown")
        ),
        "port": PlaceKeys((), ("slot", "port", "label", "index", "formula")),
        "kind": PlaceKeys(("kind", "fields"), ("when", "ignore")),
        "field": PlaceKeys(("from",), ("map", "sentinel", "scale", "offset", "unit")),
        "test": PlaceKeys(
            ("source", "topic", "payload", "expect"), ("retained", "received", "registry")
        ),
        "expect": PlaceKeys((), ("stored", "refused", "counts")),
    }
)
"""Keys by place. ``dialect`` is the decoder's own."""

ELSEWHERE: MappingProxyType[tuple[str, str], str] = MappingProxyType(
    {
        ("source", "each"): "dialect.each takes lists apart",
        ("time", "from"): "dialect.time says where the time stands",
        ("source", "fields"): "fields stand below kinds",
        ("source", "kind"): "a kind is an item of kinds",
        ("source", "format"): "decoder names the format",
        ("source", "topic"): "topics is the list of filters",
        ("identity", "key"): "registry itself is the text of the foreign id",
        ("kind", "each"): "dialect.each of the source takes lists apart",
    }
)
"""What people write at a place that has no such key, and where it goes."""


def section_of(place: Place, kind: str) -> dict[str, Place]:
    """The values of one section by key; unknown and missing keys are noted.

    Raises:
        PlaceError: it is no mapping of names to values.
    """
    keys = KEYS[kind]
    hints = {key: hint for (where, key), hint in ELSEWHERE.items() if where == kind}
    return place.section(keys.known, keys.required, hints)
