"""Lines of many points at once: a whole batch becomes text in one step.

Every point is one small object whose members are its prefix (measurement, tags, fields that are
text), its values and its time, under names that already hold what stands between them in a line.
``text`` has msgspec write all of them as one JSON array, and one ``translate`` turns that into line
protocol: it deletes what only JSON needs and replaces four marks::

    [{"|":"pon_port;olt=olt-1~admin=`up`",";rx_dbm=":-21.5,";onu_total=":7,"i~":1790000000000}]
    pon_port,olt=olt-1 admin="up",rx_dbm=-21.5,onu_total=7i 1790000000000

That is safe because no value can hold a mark or a character of JSON: values are numbers and
booleans, and the grammar of identities, from which prefixes are made, has none of them.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from gigacity_contract.fields import FieldSpec, FieldType

Number = float | int | bool
_encode = msgspec.json.Encoder().encode
_MARKS = str.maketrans(' ,"\n', "~;`|")
_TO_LINES = bytes.maketrans(b"~;`|", b' ,"\n')
_ONLY_JSON = b'"{}[],:'
_LINE_BEGINS = "|"
# A whole number in a float field (JSON 5) lacks the suffix i, and so is read as a float.
_SUFFIXES = {FieldType.FLOAT: "", FieldType.INTEGER: "i", FieldType.BOOLEAN: ""}
_MAX_SHAPES = 4096
_MAX_STRUCTS = 64
"""Shapes with a struct of their own; devices that keep changing what they report get by with a
slower dict."""


def marked(text: str) -> str:
    """Line protocol with marks where JSON would need an escape, as prefixes are kept."""
    return text.translate(_MARKS)


class Shape(NamedTuple):
    """Which of a measurement's fields a point has."""

    absent: int
    pick: Callable[[Sequence[Number | None]], Sequence[Number]]
    """The values that are present."""
    make: Callable[..., Any]
    """The point, of its prefix, its present values and its time (positional, in this order)."""


class FieldShapes:
    """Shapes of the points of one measurement, by which of the fields are present.

    Args:
        fields: numbers and booleans only, in the order of their values.
        first: what stands before the first field: a space, or a comma behind other fields.
        skip: how many values that are never None stand before those of the fields.
    """

    def __init__(self, fields: Sequence[FieldSpec], *, first: str = " ", skip: int = 0) -> None:
        self._fields = fields
        self._first = first
        self._skip = skip
        self._structs = 0
        self._partial: dict[tuple[bool, ...], Shape] = {}
        self.full = self._build([True] * len(fields))

    def _build(self, present: Sequence[bool]) -> Shape:
        places = [place for place, there in enumerate(present, self._skip) if there]
        names, between = [_LINE_BEGINS], self._first
        for field, there in zip(self._fields, present, strict=True):
            if there:
                names.append(marked(f"{between}{field.name}="))
                between = f"{_SUFFIXES[field.type]},"
        names.append(marked(f"{between[:-1] if places else ''} "))
        return Shape(len(present) - len(places), _picker(places), self._maker(names))

    def _maker(self, names: list[str]) -> Callable[..., Any]:
        if self._structs >= _MAX_STRUCTS:
            return lambda *members: dict(zip(names, members, strict=True))
        self._structs += 1
        members = [(f"member_{number}", Any) for number in range(len(names))]
        rename = {member: name for (member, _), name in zip(members, names, strict=True)}
        return msgspec.defstruct("Point", members, rename=rename, gc=False)

    def shape_of(self, values: Sequence[Number | None]) -> Shape:
        """The shape of these values."""
        if None not in values:
            return self.full
        present = tuple([value is not None for value in values[self._skip :]])
        shape = self._partial.get(present)
        if shape is None:
            if len(self._partial) >= _MAX_SHAPES:
                known = self._partial.items()
                self._partial = {key: s for key, s in known if isinstance(s.make, type)}
            shape = self._partial[present] = self._build(present)
        return shape


def _picker(places: list[int]) -> Callable[[Sequence[Number | None]], Sequence[Number]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: [values[place] for place in places]  # type: ignore[misc] # None is not there.


class LineBuilder:
    """Collects points and gives their lines; hot paths add to ``points`` in place."""

    __slots__ = ("_texts", "folded", "points")

    def __init__(self) -> None:
        self.points: list[Any] = []
        """As a shape makes them; always the same list."""
        self.folded = 0
        """Points that are text already."""
        self._texts: list[bytes] = []

    @property
    def count(self) -> int:
        """How many points."""
        return self.folded + len(self.points)

    def add(
        self, prefix: str, shapes: FieldShapes, values: Sequence[Number | None], ts: int
    ) -> None:
        """Add one point.

        Args:
            prefix: measurement, tags and fields that are text, ``marked``.
            shapes: of the measurement.
            values: of its fields, in their order.
            ts: in the unit of the lines' retention policy.
        """
        shape = shapes.shape_of(values)
        self.points.append(shape.make(prefix, *shape.pick(values), ts))

    def fold(self) -> None:
        """Make text of the points so far, while they are still in the processor's cache."""
        if self.points:
            self._texts.append(_encode(self.points).translate(_TO_LINES, _ONLY_JSON))
            self.folded += len(self.points)
            self.points.clear()

    def text(self) -> bytes:
        """The lines, joined by line feeds."""
        self.fold()
        return b"".join(self._texts)[1:]
