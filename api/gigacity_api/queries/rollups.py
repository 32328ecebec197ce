"""What roll-ups read: raw rows or finer roll-ups of one area, figures of a day, and progress."""

from gigacity_api.queries.text import Query, quoted, select_rows, tag_equals, time_between
from gigacity_contract.measurements import INDICATOR, PROGRESS, Measurement

KEPT_PROGRESS_MS = 80 * 86_400_000
"""How far back progress is looked for: further than raw retention, and less than is kept."""

FIGURE_STATISTICS = ("min", "max", "mean", "count")


def window_rows(source: Measurement, area: str, start_ms: int, end_ms: int) -> Query:
    """Every row of an area with ``start <= time < end``: tags, then fields."""
    columns = (*source.tags, *(field.name for field in source.fields))
    return select_rows(
        source, columns, after_ms=start_ms - 1, until_ms=end_ms - 1,
        where=(tag_equals("area", area),),
    )  # fmt: skip


def figure_statistics(scope: str, start_ms: int, end_ms: int) -> Query:
    """Minimum, maximum, mean and count of every figure's value, with ``start <= time < end``."""
    parts = ", ".join(f'{name}("value")' for name in FIGURE_STATISTICS)
    tags = ", ".join(quoted(tag) for tag in INDICATOR.tags)
    between = time_between(start_ms - 1, end_ms - 1)
    head = f"SELECT {parts} FROM {quoted(INDICATOR.name)}"  # noqa: S608 - see text.py
    text = f"{head} WHERE {between} AND {tag_equals('scope', scope)} GROUP BY {tags}"
    return Query(text, INDICATOR.policy.name, FIGURE_STATISTICS)


def last_progress(task: str, field: str, now_ms: int) -> Query:
    """The newest mark of a task.

    Raises:
        ValueError: a field that is no mark.
    """
    if field not in {"done_ms", "arrivals_ms"}:
        raise ValueError(f"{field} is no mark")
    between = time_between(now_ms - KEPT_PROGRESS_MS, now_ms)
    head = f"SELECT last({quoted(field)}) FROM {quoted(PROGRESS.name)}"  # noqa: S608 - see text.py
    text = f"{head} WHERE {between} AND {tag_equals('task', task)}"
    return Query(text, PROGRESS.policy.name, ("last",))
