"""One query: its text, its retention policy and the columns of its answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gigacity_contract.measurements import Measurement

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Query:
    """An InfluxQL statement that reads one measurement."""

    text: str
    policy: str
    columns: tuple[str, ...]
    """Columns of the answer after ``time``."""


def quoted(name: str) -> str:
    """An identifier."""
    return f'"{name}"'


def tag_equals(tag: str, value: str) -> str:
    """A condition on a tag.

    Raises:
        ValueError: a value outside the grammar of codes and ids, which could end the string.
    """
    if not _PLAIN.match(value):
        raise ValueError(f"{value!r} is no code or id")
    return f"\"{tag}\" = '{value}'"


def tag_differs(tag: str, value: str) -> str:
    """A condition on a tag; raises as ``tag_equals`` does."""
    return tag_equals(tag, value).replace(" = ", " != ", 1)


def tag_among(tag: str, values: Iterable[str]) -> str:
    """A condition: the tag is one of these values; raises as ``tag_equals`` does."""
    return f"({' OR '.join(tag_equals(tag, value) for value in values)})"


def time_between(after_ms: int, until_ms: int) -> str:
    """``after < time <= until``, in epoch milliseconds."""
    return f"time > {after_ms}ms AND time <= {until_ms}ms"


def select_rows(
    measurement: Measurement,
    columns: tuple[str, ...],
    *,
    after_ms: int,
    until_ms: int,
    where: tuple[str, ...] = (),
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
    chosen = ", ".join(quoted(column) for column in columns)
    conditions = " AND ".join((time_between(after_ms, until_ms), *where))
    # Names come from the storage table, values through ``tag_equals``: nothing can end a string.
    text = f"SELECT {chosen} FROM {quoted(measurement.name)} WHERE {conditions}"  # noqa: S608
    return Query(text, measurement.policy.name, columns)
