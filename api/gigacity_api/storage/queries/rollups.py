"""What roll-ups read: raw rows of one area, figures of a day, and progress."""

from gigacity_api.storage.queries.query import Condition, Query, select_rows, tag_equals
from gigacity_contract.measurements import INDICATOR, PROGRESS, Measurement

KEPT_PROGRESS_MS = 80 * 86_400_000
"""How far back progress is looked for: further than raw retention, and less than is kept."""

FIGURE_STATISTICS = ("min", "max", "mean", "count")


def area_rows(
    source: Measurement, area: str, start_ms: int, end_ms: int, where: tuple[Condition, ...] = ()
) -> Query:
    """Rows of an area with ``start <= time < end``, of whatever else holds: tags, then fields."""
    columns = (*source.tags, *(field.name for field in source.fields))
    return select_rows(
        source, columns, after_ms=start_ms - 1, until_ms=end_ms - 1,
        where=(tag_equals("area", area), *where),
    )  # fmt: skip


def figure_statistics(
    scope: str, start_ms: int, end_ms: int, names: tuple[str, ...] = FIGURE_STATISTICS
) -> Query:
    """Statistics of every figure's value over its rows, with ``start <= time < end``.

    One interval that is the whole range: without any, openGemini counts a row that was rewritten
    once for each time it was written, until it has merged them.
    """
    every_ms = end_ms - start_ms
    return Query(
        measurement=INDICATOR, columns=names, after_ms=start_ms - 1, until_ms=end_ms - 1,
        where=(tag_equals("scope", scope),), field="value", by=INDICATOR.tags,
        every_ms=every_ms, offset_ms=start_ms % every_ms,
    )  # fmt: skip


def figure_means(scope: str, start_ms: int, end_ms: int, every_ms: int) -> Query:
    """Mean and count of the first value of each interval of a range.

    Where rows are written when something changed, a mean over rows would favour restless hours.
    """
    return Query(
        measurement=INDICATOR, columns=("mean", "count"), after_ms=start_ms - 1,
        until_ms=end_ms - 1, where=(tag_equals("scope", scope),), field="value",
        of_each_ms=every_ms, by=INDICATOR.tags,
    )  # fmt: skip


def last_progress(task: str, field: str, now_ms: int) -> Query:
    """The newest mark of a task.

    Raises:
        ValueError: a field that is no mark.
    """
    if field not in {"done_ms", "arrivals_ms", "backlog"}:
        raise ValueError(f"{field} is no mark")
    return Query(
        measurement=PROGRESS, columns=("last",), after_ms=now_ms - KEPT_PROGRESS_MS,
        until_ms=now_ms, where=(tag_equals("task", task),), field=field,
    )  # fmt: skip
