"""What foreign platforms call the objects of the city: found by source and foreign id."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Self


class ForeignObject(NamedTuple):
    """A device, or an OLT, or one of its ports."""

    area: str
    community: str
    """Empty: it is no device."""
    id: str
    """Of the device or of the OLT."""
    slot: int | None = None
    port: int | None = None
    """None: the OLT as a whole."""


ForeignRow = tuple[str, str, ForeignObject]
"""Source, foreign id, and what it is."""


class ForeignIds:
    """Foreign ids of every source. Never changed once it is made."""

    def __init__(self, rows: Iterable[ForeignRow] = ()) -> None:
        self._by_source: dict[str, dict[str, ForeignObject]] = {}
        for source, foreign_id, found in rows:
            self._by_source.setdefault(source, {})[foreign_id] = found
        self._count = sum(map(len, self._by_source.values()))

    @classmethod
    def counted(cls, count: int) -> Self:
        """How many there are, and none of them: for whoever hears no foreign message."""
        made = cls()
        made._count = count
        return made

    def __len__(self) -> int:
        return self._count

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources of which any id is known."""
        return tuple(self._by_source)

    def of_source(self, source: str) -> Mapping[str, ForeignObject]:
        """What a source's foreign ids stand for."""
        return self._by_source.get(source, {})

    def rows(self) -> Iterator[ForeignRow]:
        """All of them, as they were given."""
        for source, known in self._by_source.items():
            for foreign_id, found in known.items():
                yield source, foreign_id, found
