"""InfluxQL text for panels, checked against the storage table while it is built. Pure.

Every query names its retention policy, is bounded by the panel's time range, and is valid on 1.x
and 2.x alike: no ``SHOW`` (2.x answers it from the default policy alone), no ``LIMIT`` with grouped
tags, and never ``last()`` of several fields. Latest state is read as raw rows; the panel keeps the
newest of each object. One series' newest row alone may be asked for, with ``LIMIT``.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gigacity_contract.measurements import Measurement
from gigacity_dashboards.errors import PanelQueryError

TIME_FILTER = "$timeFilter"
INTERVAL = "$__interval"
_KNOWN = ("known_in", "known_out", "unknown")


class Aggregate(NamedTuple):
    """One column of a query over time: ``function(field)``."""

    function: str
    field: str

    def __str__(self) -> str:
        return f'{self.function}("{self.field}") AS "{self.field}"'


def source_of(measurement: Measurement) -> str:
    """The measurement in its retention policy."""
    return f'"{measurement.policy.name}"."{measurement.name}"'


def check_fields(measurement: Measurement, names: Sequence[str]) -> None:
    """Refuse fields that the storage table does not have.

    Raises:
        PanelQueryError: one is unknown, or there is none.
    """
    unknown = set(names) - {field.name for field in measurement.fields}
    if unknown or not names:
        raise PanelQueryError(
            f"{measurement.name} has no field {', '.join(sorted(unknown)) or '(none)'}"
        )


def check_tags(measurement: Measurement, names: Sequence[str]) -> None:
    """Refuse tags that the storage table does not have.

    Raises:
        PanelQueryError: one is unknown.
    """
    unknown = set(names) - set(measurement.tags)
    if unknown:
        raise PanelQueryError(f"{measurement.name} has no tag {', '.join(sorted(unknown))}")


def quoted(names: Sequence[str]) -> list[str]:
    """Names as identifiers."""
    return [f'"{name}"' for name in names]


def all_of(conditions: Sequence[str]) -> str:
    """The conditions and the panel's time range, together."""
    return " AND ".join([*conditions, TIME_FILTER])


def equals(measurement: Measurement, tag: str, *values: str) -> str:
    """The condition that a tag has one of the values.

    Raises:
        PanelQueryError: no such tag, or a value that would need quoting.
    """
    check_tags(measurement, [tag])
    if not values or any("'" in value or "\\" in value for value in values):
        raise PanelQueryError(f"{tag}: {values} cannot be compared without quoting")
    tests = [f"\"{tag}\" = '{value}'" for value in values]
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


def matches_variable(measurement: Measurement, tag: str, variable: str) -> str:
    """The condition that a tag is among the chosen values of a board's variable."""
    check_tags(measurement, [tag])
    return f'"{tag}" =~ /^${{{variable}:regex}}$/'


def matches_variable_as_field(measurement: Measurement, field: str, variable: str) -> str:
    """The same of a field, of rare rows alone: it reads every row of the range."""
    check_fields(measurement, [field])
    return f'"{field}" =~ /^${{{variable}:regex}}$/'


def begins_with(measurement: Measurement, tag: str, prefix: str) -> str:
    """The condition that a tag's value begins with a prefix of letters, digits, ``_`` and dots."""
    check_tags(measurement, [tag])
    return f'"{tag}" =~ /^{prefix.replace(".", "[.]")}/'


def rows(
    measurement: Measurement,
    *,
    fields: Sequence[str],
    tags: Sequence[str] = (),
    where: Sequence[str] = (),
    by: Sequence[str] = (),
) -> str:
    """Raw rows of the panel's time range, oldest first; one series for each combination of ``by``.

    Raises:
        PanelQueryError: a field or tag that the storage table does not have, or no field.
    """
    check_fields(measurement, fields)
    check_tags(measurement, tags)
    columns = ", ".join(quoted([*tags, *fields]))
    check_tags(measurement, by)
    grouping = f" GROUP BY {', '.join(quoted(by))}" if by else ""
    condition = all_of(where)
    return f"SELECT {columns} FROM {source_of(measurement)} WHERE {condition}{grouping}"  # noqa: S608 - names are those of the storage table


MOSTLY_KNOWN = '"known_in" + "known_out" >= "unknown"'
"""The condition that at least half is known of a figure: the value of a few others means little."""
MOSTLY_UNKNOWN = '"known_in" + "known_out" < "unknown"'


def newest_if(
    measurement: Measurement,
    condition: str,
    *,
    sums: Mapping[str, Sequence[str]],
    where: Sequence[str] = (),
) -> str:
    """The newest row of one series, if it fulfils a condition; nothing otherwise.

    Args:
        measurement: where from.
        condition: ``MOSTLY_KNOWN`` or the opposite.
        sums: columns by name, each the sum of fields.
        where: which series.

    Raises:
        PanelQueryError: a field that the storage table does not have.
    """
    read = sorted({name for names in sums.values() for name in names} | set(_KNOWN))
    columns = ", ".join(f'{" + ".join(quoted(names))} AS "{as_}"' for as_, names in sums.items())
    newest = f"{rows(measurement, fields=read, where=where)} ORDER BY time DESC LIMIT 1"
    # 1.x wants both in one order.
    return (
        f"SELECT {columns} FROM ({newest}) WHERE {all_of([condition])}"  # noqa: S608 - as above
        " ORDER BY time DESC"
    )


def over_time_if(
    measurement: Measurement,
    condition: str,
    aggregate: Aggregate,
    *,
    where: Sequence[str] = (),
    by: Sequence[str] = (),
) -> str:
    """An aggregate of the rows that fulfil a condition, of each interval of the panel.

    Raises:
        PanelQueryError: a field or tag that the storage table does not have.
    """
    read = sorted({aggregate.field, *_KNOWN})
    inner = rows(measurement, fields=read, where=where, by=by)
    grouping = ", ".join([f"time({INTERVAL})", *quoted(by)])
    return (
        f"SELECT {aggregate} FROM ({inner}) WHERE {all_of([condition])}"  # noqa: S608 - as above
        f" GROUP BY {grouping}"
    )


def over_time(
    measurement: Measurement,
    aggregates: Sequence[Aggregate],
    *,
    where: Sequence[str] = (),
    by: Sequence[str] = (),
) -> str:
    """Aggregates of each interval of the panel, one series for each combination of ``by``.

    Raises:
        PanelQueryError: an unknown field or tag, or ``last`` of more than one field.
    """
    check_fields(measurement, [aggregate.field for aggregate in aggregates])
    check_tags(measurement, by)
    if sum(aggregate.function == "last" for aggregate in aggregates) > 1:
        raise PanelQueryError("last() of several fields takes seconds on large measurements")
    columns = ", ".join(str(aggregate) for aggregate in aggregates)
    grouping = ", ".join([f"time({INTERVAL})", *quoted(by)])
    return (
        f"SELECT {columns} FROM {source_of(measurement)} WHERE {all_of(where)}"  # noqa: S608 - names are those of the storage table
        f" GROUP BY {grouping} fill(null)"
    )


def _of_counter(
    measurement: Measurement,
    field: str,
    *,
    step: str,
    reduce: str,
    where: Sequence[str],
    by: Sequence[str],
    fill: str,
) -> str:
    """Steps between neighbouring rows first, intervals of the panel second.

    The other way round (the difference of each interval's last row) would show the interval that
    has just begun as a collapse, and lose a whole interval at every restart.
    """
    check_fields(measurement, [field])
    check_tags(measurement, by)
    steps = (
        f'SELECT {step} AS "{field}" FROM {source_of(measurement)} WHERE {all_of(where)}'  # noqa: S608 - names are those of the storage table
        f" GROUP BY {', '.join(quoted(by))}"
    )
    grouping = ", ".join([f"time({INTERVAL})", *quoted(by)])
    return (
        f'SELECT {reduce}("{field}") AS "{field}" FROM ({steps}) WHERE {TIME_FILTER}'  # noqa: S608 - names are those of the storage table
        f" GROUP BY {grouping} fill({fill})"
    )


def steps(
    measurement: Measurement, field: str, *, by: Sequence[str], where: Sequence[str] = ()
) -> str:
    """Where a number rose from one row to the next, with the tags that name the series.

    Raises:
        PanelQueryError: an unknown field or tag.
    """
    check_fields(measurement, [field])
    check_tags(measurement, by)
    tags = ", ".join(quoted(by))
    each = (
        f'SELECT difference("{field}") AS "{field}" FROM {source_of(measurement)}'  # noqa: S608 - names are those of the storage table
        f" WHERE {all_of(where)} GROUP BY {tags}"
    )
    return f'SELECT "{field}", {tags} FROM ({each}) WHERE "{field}" > 0 AND {TIME_FILTER}'  # noqa: S608 - as above


def increase(
    measurement: Measurement, field: str, *, by: Sequence[str], where: Sequence[str] = ()
) -> str:
    """How much a counter grew in each interval.

    The counter starts at 0 with every process life. The step over a restart is left out: it is
    negative, and what was counted in it cannot be told.
    """
    step = f'non_negative_difference("{field}")'
    return _of_counter(measurement, field, step=step, reduce="sum", where=where, by=by, fill="none")


def rate_per_s(measurement: Measurement, field: str, *, by: Sequence[str]) -> str:
    """A counter's growth per second; a restart and an absent worker are gaps."""
    step = f'non_negative_derivative("{field}", 1s)'
    return _of_counter(measurement, field, step=step, reduce="mean", where=(), by=by, fill="null")
