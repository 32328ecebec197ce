"""Lines of many points at once: the numbers of a whole batch become text in one step.

Every point leaves two pieces of a template, its prefix (measurement, tags, fields that are text)
and its suffix (the other fields' names), and its numbers. ``text`` has msgspec write all numbers as
one JSON array, splits that at its commas, and fills the templates with one ``%``.

That is safe because nothing but numbers and booleans goes through the array: their JSON text holds
no comma, so the pieces cannot shift from one point to another, and their count must match, else
``%`` raises. Identities never go through it: they stand in the prefixes, and their grammar has no
percent sign.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

import msgspec

from gigacity_contract.fields import Field, FieldType

Number = float | int | bool
_encode = msgspec.json.Encoder().encode
_CONVERSIONS = {FieldType.FLOAT: b"%b", FieldType.INTEGER: b"%bi", FieldType.BOOLEAN: b"%b"}
# A whole number in a float field (JSON 5) lacks the suffix i, and so is read as a float.
_MAX_SUFFIXES = 4096


class Shape(NamedTuple):
    """Which of a measurement's fields a point has."""

    absent: int
    pick: Callable[[Sequence[Number | None]], Sequence[Number]]
    """The values that are present."""
    suffix: bytes
    """The template of their names and of the time."""


class FieldSuffixes:
    """Suffixes for the fields of one measurement, by which of them are present.

    Args:
        fields: numbers and booleans only, in the order of their values.
        first: what stands before the first field: a space, or a comma behind other fields.
        skip: how many values that are never None stand before those of the fields.
    """

    def __init__(self, fields: Sequence[Field], *, first: bytes = b" ", skip: int = 0) -> None:
        self._first = first
        self._skip = skip
        self._names = [b"%b=%b" % (f.name.encode(), _CONVERSIONS[f.type]) for f in fields]
        self.full = self._build([True] * len(fields))
        self._partial: dict[tuple[bool, ...], Shape] = {}

    def _build(self, present: Sequence[bool]) -> Shape:
        names = [name for name, there in zip(self._names, present, strict=True) if there]
        places = [place for place, there in enumerate(present, self._skip) if there]
        suffix = (self._first if names else b"") + b",".join(names) + b" %b\n"
        return Shape(len(present) - len(names), _picker(places), suffix)

    def shape_of(self, values: Sequence[Number | None]) -> Shape:
        """The shape of these values."""
        if None not in values:
            return self.full
        present = tuple([value is not None for value in values[self._skip :]])
        shape = self._partial.get(present)
        if shape is None:
            if len(self._partial) >= _MAX_SUFFIXES:
                self._partial.clear()
            shape = self._partial[present] = self._build(present)
        return shape


def _picker(places: list[int]) -> Callable[[Sequence[Number | None]], Sequence[Number]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: [values[place] for place in places]  # type: ignore[misc] # None is not there.


class LineBuilder:
    """Collects points and gives their lines.

    The two lists are filled in place by the hot paths: for each point a prefix and a suffix in
    ``pieces``, its present values and its time in ``numbers``.
    """

    __slots__ = ("count", "numbers", "pieces")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.numbers: list[Number] = []
        self.count = 0
        """Points."""

    def add(
        self, prefix: bytes, suffixes: FieldSuffixes, values: Sequence[Number | None], ts: int
    ) -> None:
        """Add one point; the prefix holds no percent sign."""
        shape = suffixes.shape_of(values)
        self.pieces += (prefix, shape.suffix)
        self.numbers += shape.pick(values)
        self.numbers.append(ts)
        self.count += 1

    def text(self) -> bytes:
        """The lines, joined by line feeds."""
        if not self.count:
            return b""
        template = b"".join(self.pieces)[:-1]
        return template % tuple(_encode(self.numbers)[1:-1].split(b","))
