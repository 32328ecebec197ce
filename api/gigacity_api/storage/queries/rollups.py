"""What roll-ups read: raw rows of one area, figures of a day, and progress."""

from gigacity_api.storage.queries.text import Query, quoted, select_rows, tag_equals, time_between
from gigacity_contract.measurements import INDICATOR, PROGRESS, Measurement

KEPT_PROGRESS_MS = 80 * 86_400_000
"""How far back progress is looked for: further than raw retention, and less than is kept."""

_FIRST = 'first("value")'
FIGURE_STATISTICS = ("min", "max", "mean", "count")


def area_rows(source: Measurement, area: str, start_ms: int, end_ms: int) -> Query:
    """Every row of an area with ``start <= time < end``: tags, then fields."""
    columns = (*source.tags, *(field.name for field in source.fields))
    return select_rows(
        source, columns, after_ms=start_ms - 1, until_ms=end_ms - 1,
        where=(tag_equals("area", area),),
    )  # fmt: skip


def _figure_head(parts: str) -> str:
    return f"SELECT {parts} FROM {quoted(INDICATOR.name)}"  # noqa: S608 - see text.py


def _of_scope(scope: str, start_ms: int, end_ms: int) -> str:
    return f"WHERE {time_between(start_ms - 1, end_ms - 1)} AND {tag_equals('scope', scope)}"


def _by_tags() -> str:
    return ", ".join(quoted(tag) for tag in INDICATOR.tags)


def figure_statistics(
    scope: str, start_ms: int, end_ms: int, names: tuple[str, ...] = FIGURE_STATISTICS
) -> Query:
    """Statistics of every figure's value over its rows, with ``start <= time < end``.

    One interval that is the whole range: without any, openGemini counts a row that was rewritten
    once for each time it was written, until it has merged them.
    """
    head = _figure_head(", ".join(f'{name}("value")' for name in names))
    every_ms = end_ms - start_ms
    text = f"{head} {_of_scope(scope, start_ms, end_ms)}"
    text += f" GROUP BY time({every_ms}ms, {start_ms % every_ms}ms), {_by_tags()} fill(none)"
    return Query(text, INDICATOR.policy.name, names)


def figure_means(scope: str, start_ms: int, end_ms: int, every_ms: int) -> Query:
    """Mean and count of the first value of each interval of a range.

    Where rows are written when something changed, a mean over rows would favour restless hours.
    """
    inner = f"{_figure_head(_FIRST)} {_of_scope(scope, start_ms, end_ms)}"
    inner += f" GROUP BY time({every_ms}ms), {_by_tags()} fill(none)"
    between = time_between(start_ms - 1, end_ms - 1)
    text = f'SELECT mean("first"), count("first") FROM ({inner})'  # noqa: S608 - see text.py
    text += f" WHERE {between} GROUP BY {_by_tags()}"
    return Query(text, INDICATOR.policy.name, ("mean", "count"))


def last_progress(task: str, field: str, now_ms: int) -> Query:
    """The newest mark of a task.

    Raises:
        ValueError: a field that is no mark.
    """
    if field not in {"done_ms", "arrivals_ms", "backlog"}:
        raise ValueError(f"{field} is no mark")
    between = time_between(now_ms - KEPT_PROGRESS_MS, now_ms)
    head = f"SELECT last({quoted(field)}) FROM {quoted(PROGRESS.name)}"  # noqa: S608 - see text.py
    text = f"{head} WHERE {between} AND {tag_equals('task', task)}"
    return Query(text, PROGRESS.policy.name, ("last",))
