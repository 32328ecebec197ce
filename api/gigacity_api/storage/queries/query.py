"""One query of one measurement, in parts, and how InfluxQL writes it.

Everything that reads asks with parts; the text is made here alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gigacity_contract.measurements import Measurement

ROWS_AT_ONCE = 10_000
"""Of usual rows."""

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


class Condition(NamedTuple):
    """A column is compared; with several values, any of them will do."""

    column: str
    operator: Literal["=", "!=", ">"]
    values: tuple[str | int, ...]
    """Texts compare a tag, numbers a field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question to the database: rows, or functions of one field by groups."""

    measurement: Measurement
    columns: tuple[str, ...]
    """Columns of the answer after ``time``; of functions their names."""
    after_ms: int
    until_ms: int
    """``after < time <= until``."""
    where: tuple[Condition, ...] = ()
    field: str = ""
    """What the functions are of; empty: rows are read."""
    of_each_ms: int = 0
    """The functions are of the field's first value in each interval; 0: of all its values."""
    by: tuple[str, ...] = ()
    """Tags of the groups."""
    every_ms: int = 0
    """Groups of time, too; 0: none."""
    offset_ms: int = 0
    """Where a group of time begins, from a multiple of ``every_ms`` on."""
    rows_at_once: int = ROWS_AT_ONCE
    """Rows a document of the answer: bounds the memory that answering and decoding take."""

    @property
    def policy(self) -> str:
        """The retention policy that it reads."""
        return self.measurement.policy.name

    @property
    def text(self) -> str:
        """As InfluxQL.

        Names come from the storage table, values through ``Condition``s: nothing can end a string.
        """
        if not self.field:
            return self._select(", ".join(map(_quoted, self.columns)))
        if self.of_each_ms:
            inner = self._select(f"first({_quoted(self.field)})")
            inner += f" GROUP BY {', '.join([f'time({self.of_each_ms}ms)', *self._tags()])}"
            chosen = ", ".join(f'{name}("first")' for name in self.columns)
            text = f"SELECT {chosen} FROM ({inner} fill(none)) WHERE {self._between()}"  # noqa: S608
            return f"{text} GROUP BY {', '.join(self._tags())}"
        text = self._select(", ".join(f"{name}({_quoted(self.field)})" for name in self.columns))
        groups = self._tags()
        if self.every_ms:
            groups.insert(0, f"time({self.every_ms}ms, {self.offset_ms}ms)")
        text += f" GROUP BY {', '.join(groups)}" if groups else ""
        return f"{text} fill(none)" if self.every_ms else text

    def _select(self, chosen: str) -> str:
        conditions = " AND ".join((self._between(), *map(_condition_text, self.where)))
        return f"SELECT {chosen} FROM {_quoted(self.measurement.name)} WHERE {conditions}"  # noqa: S608

    def _between(self) -> str:
        return f"time > {self.after_ms}ms AND time <= {self.until_ms}ms"

    def _tags(self) -> list[str]:
        return [_quoted(tag) for tag in self.by]


def _quoted(name: str) -> str:
    return f'"{name}"'


def _condition_text(condition: Condition) -> str:
    column, operator, values = condition
    written = [str(value) if isinstance(value, int) else f"'{value}'" for value in values]
    texts = [f"{_quoted(column)} {operator} {value}" for value in written]
    return texts[0] if len(texts) == 1 else f"({' OR '.join(texts)})"


def tag_equals(tag: str, value: str) -> Condition:
    """A condition on a tag.

    Raises:
        ValueError: a value outside the grammar of codes and ids, which could end the string.
    """
    return tag_among(tag, (value,))


def tag_differs(tag: str, value: str) -> Condition:
    """A condition on a tag; raises as ``tag_equals`` does."""
    return tag_equals(tag, value)._replace(operator="!=")


def tag_among(tag: str, values: Iterable[str]) -> Condition:
    """A condition: the tag is one of these values; raises as ``tag_equals`` does."""
    known = tuple(values)
    if wrong := [value for value in known if not _PLAIN.match(value)]:
        raise ValueError(f"{wrong[0]!r} is no code or id")
    return Condition(tag, "=", known)


def select_rows(
    measurement: Measurement,
    columns: tuple[str, ...],
    *,
    after_ms: int,
    until_ms: int,
    where: tuple[Condition, ...] = (),
    rows_at_once: int = ROWS_AT_ONCE,
) -> Query:
    """Raw rows of a measurement over a bounded range.

    Raises:
        ValueError: a column that the storage table does not name, or none that is a field (the
            servers then answer with no rows and no error).
    """
    fields = {field.name for field in measurement.fields}
    unknown = set(columns) - fields - set(measurement.tags)
    if unknown or not fields.intersection(columns):
        raise ValueError(f"{measurement.name} has no column {sorted(unknown)}, or no field is read")
    return Query(
        measurement=measurement, columns=columns, after_ms=after_ms, until_ms=until_ms,
        where=where, rows_at_once=rows_at_once,
    )  # fmt: skip
