"""InfluxQL text for panels, checked against the storage table while it is built. Pure.

Every query names its retention policy, is bounded by the panel's time range, and is valid on 1.x
and 2.x alike: no ``SHOW`` (2.x answers it from the default policy alone), no ``LIMIT`` with grouped
tags, and never ``last()`` of several fields. Latest state is read as raw rows; the panel keeps the
newest of each object.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from gigacity_contract.measurements import Measurement
from gigacity_dashboards.errors import PanelQueryError

TIME_FILTER = "$timeFilter"
INTERVAL = "$__interval"


class Aggregate(NamedTuple):
    """One column of a query over time: ``function(field)``."""

    function: str
    field: str

    def __str__(self) -> str:
        return f'{self.function}("{self.field}") AS "{self.field}"'


def _source(measurement: Measurement) -> str:
    return f'"{measurement.policy.name}"."{measurement.name}"'


def _check_fields(measurement: Measurement, names: Sequence[str]) -> None:
    unknown = set(names) - {field.name for field in measurement.fields}
    if unknown or not names:
        raise PanelQueryError(
            f"{measurement.name} has no field {', '.join(sorted(unknown)) or '(none)'}"
        )


def _check_tags(measurement: Measurement, names: Sequence[str]) -> None:
    unknown = set(names) - set(measurement.tags)
    if unknown:
        raise PanelQueryError(f"{measurement.name} has no tag {', '.join(sorted(unknown))}")


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _where(conditions: Sequence[str]) -> str:
    return " AND ".join([*conditions, TIME_FILTER])


def equals(measurement: Measurement, tag: str, *values: str) -> str:
    """The condition that a tag has one of the values.

    Raises:
        PanelQueryError: no such tag, or a value that would need quoting.
    """
    _check_tags(measurement, [tag])
    if not values or any("'" in value or "\\" in value for value in values):
        raise PanelQueryError(f"{tag}: {values} cannot be compared without quoting")
    tests = [f"\"{tag}\" = '{value}'" for value in values]
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


def matches_variable(measurement: Measurement, tag: str, variable: str) -> str:
    """The condition that a tag is among the chosen values of a board's variable."""
    _check_tags(measurement, [tag])
    return f'"{tag}" =~ /^${{{variable}:regex}}$/'


def begins_with(measurement: Measurement, tag: str, prefix: str) -> str:
    """The condition that a tag's value begins with a prefix of letters, digits, ``_`` and dots."""
    _check_tags(measurement, [tag])
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
    _check_fields(measurement, fields)
    _check_tags(measurement, tags)
    columns = ", ".join(_quoted([*tags, *fields]))
    _check_tags(measurement, by)
    grouping = f" GROUP BY {', '.join(_quoted(by))}" if by else ""
    condition = _where(where)
    return f"SELECT {columns} FROM {_source(measurement)} WHERE {condition}{grouping}"  # noqa: S608 - names are those of the storage table


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
    _check_fields(measurement, [aggregate.field for aggregate in aggregates])
    _check_tags(measurement, by)
    if sum(aggregate.function == "last" for aggregate in aggregates) > 1:
        raise PanelQueryError("last() of several fields takes seconds on large measurements")
    columns = ", ".join(str(aggregate) for aggregate in aggregates)
    grouping = ", ".join([f"time({INTERVAL})", *_quoted(by)])
    return (
        f"SELECT {columns} FROM {_source(measurement)} WHERE {_where(where)}"  # noqa: S608 - names are those of the storage table
        f" GROUP BY {grouping} fill(null)"
    )


def extreme(
    measurement: Measurement,
    function: Literal["top", "bottom"],
    field: str,
    *,
    of: Sequence[str],
    count: int,
    where: Sequence[str] = (),
) -> str:
    """The ``count`` highest or lowest values of the panel's time range, one for each object.

    Args:
        measurement: whose rows are looked at.
        function: the highest, or the lowest.
        field: what is compared.
        of: the tags that name an object; each is a column.
        count: how many.
        where: conditions on tags.

    Raises:
        PanelQueryError: an unknown field or tag.
    """
    _check_fields(measurement, [field])
    _check_tags(measurement, of)
    names = ", ".join(_quoted([field, *of]))
    return (
        f'SELECT {function}({names}, {count}) AS "{field}" FROM {_source(measurement)}'  # noqa: S608 - names are those of the storage table
        f" WHERE {_where(where)}"
    )


def most_spread(
    measurement: Measurement,
    field: str,
    *,
    of: Sequence[str],
    count: int,
    where: Sequence[str] = (),
) -> str:
    """The objects whose values lie furthest apart in the panel's time range.

    Those whose values did not move are left out. For a counter that is its growth, unless it was
    reset; for a level, how far it drifted.

    Raises:
        PanelQueryError: an unknown field or tag.
    """
    _check_fields(measurement, [field])
    _check_tags(measurement, of)
    tags = ", ".join(_quoted(of))
    spread = (
        f'SELECT spread("{field}") AS "{field}" FROM {_source(measurement)}'  # noqa: S608 - names are those of the storage table
        f" WHERE {_where(where)} GROUP BY {tags}"
    )
    condition = f'"{field}" > 0 AND {TIME_FILTER}'
    columns = f'top("{field}", {tags}, {count}) AS "{field}"'
    return f"SELECT {columns} FROM ({spread}) WHERE {condition}"  # noqa: S608 - as above


def number_of(
    measurement: Measurement,
    field: str,
    *,
    of: Sequence[str],
    where: Sequence[str] = (),
    by: Sequence[str] = (),
    between: tuple[float | None, float | None] = (None, None),
) -> str:
    """How many objects reported in the panel's time range, by ``by``.

    Args:
        measurement: whose rows are looked at.
        field: what they must have reported; its lowest value of the range counts.
        of: the tags that name an object.
        where: conditions on tags.
        by: one number for each value of these tags.
        between: from (included) and to (excluded) which lowest value; None: no bound.

    Raises:
        PanelQueryError: an unknown field or tag.
    """
    _check_fields(measurement, [field])
    _check_tags(measurement, [*of, *by])
    low, high = between
    reduce = "count" if between == (None, None) else "min"
    each = (
        f'SELECT {reduce}("{field}") AS "{field}" FROM {_source(measurement)}'  # noqa: S608 - names are those of the storage table
        f" WHERE {_where(where)} GROUP BY {', '.join(_quoted([*of, *by]))}"
    )
    tests = [f'"{field}" >= {low}'] if low is not None else []
    tests += [f'"{field}" < {high}'] if high is not None else []
    grouping = f" GROUP BY {', '.join(_quoted(by))}" if by else ""
    return (
        f'SELECT count("{field}") AS "{field}" FROM ({each})'  # noqa: S608 - as above
        f" WHERE {' AND '.join([*tests, TIME_FILTER])}{grouping}"
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
    _check_fields(measurement, [field])
    _check_tags(measurement, by)
    steps = (
        f'SELECT {step} AS "{field}" FROM {_source(measurement)} WHERE {_where(where)}'  # noqa: S608 - names are those of the storage table
        f" GROUP BY {', '.join(_quoted(by))}"
    )
    grouping = ", ".join([f"time({INTERVAL})", *_quoted(by)])
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
    _check_fields(measurement, [field])
    _check_tags(measurement, by)
    tags = ", ".join(_quoted(by))
    each = (
        f'SELECT difference("{field}") AS "{field}" FROM {_source(measurement)}'  # noqa: S608 - names are those of the storage table
        f" WHERE {_where(where)} GROUP BY {tags}"
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
