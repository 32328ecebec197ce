"""InfluxQL text that compares: the worst places, how far values lie apart, which flags are set.

As ``influxql``: checked against the storage table while it is built. Pure.
"""

from collections.abc import Sequence
from typing import Literal

from gigacity_contract.measurements import Measurement
from gigacity_dashboards.influxql import (
    INTERVAL,
    Aggregate,
    all_of,
    check_fields,
    check_tags,
    over_time,
    quoted,
    source_of,
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
    check_fields(measurement, [field])
    check_tags(measurement, of)
    names = ", ".join(quoted([field, *of]))
    return (
        f'SELECT {function}({names}, {count}) AS "{field}" FROM {source_of(measurement)}'  # noqa: S608 - names are those of the storage table
        f" WHERE {all_of(where)}"
    )


def flagged(measurement: Measurement, field: str, *, is_set: bool, by: Sequence[str]) -> str:
    """How many rows of each interval have a flag set, or not set.

    Raises:
        PanelQueryError: an unknown field or tag.
    """
    wanted = f'"{field}" = {"true" if is_set else "false"}'
    return over_time(measurement, [Aggregate("count", field)], where=[wanted], by=by)


def apart(
    measurement: Measurement, above: str, below: str, *, where: Sequence[str], by: Sequence[str]
) -> str:
    """How far one number lies above another, over time.

    Raises:
        PanelQueryError: an unknown field or tag.
    """
    check_fields(measurement, [above, below])
    check_tags(measurement, by)
    grouping = ", ".join([f"time({INTERVAL})", *quoted(by)])
    return (
        f'SELECT mean("{above}") - mean("{below}") AS "{above}" FROM {source_of(measurement)}'  # noqa: S608 - names are those of the storage table
        f" WHERE {all_of(where)} GROUP BY {grouping} fill(none)"
    )


def most_spread_of_all(measurement: Measurement, field: str, *, where: Sequence[str]) -> str:
    """How far a number moved within the range.

    Raises:
        PanelQueryError: an unknown field.
    """
    check_fields(measurement, [field])
    return (
        f'SELECT spread("{field}") AS "{field}" FROM {source_of(measurement)} WHERE {all_of(where)}'  # noqa: S608 - names are those of the storage table
    )
