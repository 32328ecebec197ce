"""Published figures: the newest, those of one instant, and the history of one."""

from gigacity_api.queries.text import Query, select_rows, tag_equals
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG

FIGURE_COLUMNS = (*INDICATOR.tags, *(field.name for field in INDICATOR.fields))
LOG_COLUMNS = (*INDICATOR_LOG.tags, *(field.name for field in INDICATOR_LOG.fields))


def city_figures(after_ms: int, until_ms: int) -> Query:
    """Figures of the city as a whole: which instants have been published."""
    where = (tag_equals("scope", "city"),)
    columns = ("indicator", "revision")
    return select_rows(INDICATOR, columns, after_ms=after_ms, until_ms=until_ms, where=where)


def figures_at(as_of_ms: int) -> Query:
    """Every figure of one instant."""
    return select_rows(INDICATOR, FIGURE_COLUMNS, after_ms=as_of_ms - 1, until_ms=as_of_ms)


def _of_place(indicator: str, scope: str, code: str) -> tuple[str, ...]:
    return (
        tag_equals("indicator", indicator), tag_equals("scope", scope), tag_equals("code", code),
    )  # fmt: skip


def history(indicator: str, scope: str, code: str, after_ms: int, until_ms: int) -> Query:
    """The best current figure of each instant in a range."""
    return select_rows(
        INDICATOR, FIGURE_COLUMNS, after_ms=after_ms, until_ms=until_ms,
        where=_of_place(indicator, scope, code),
    )  # fmt: skip


def publications(indicator: str, scope: str, code: str, after_ms: int, until_ms: int) -> Query:
    """What was published in a range of time, whatever instant it spoke of."""
    return select_rows(
        INDICATOR_LOG, LOG_COLUMNS, after_ms=after_ms, until_ms=until_ms,
        where=_of_place(indicator, scope, code),
    )  # fmt: skip
