"""Figures that were published again."""

from gigacity_api.storage.queries.text import Query, select_rows
from gigacity_contract.measurements import INDICATOR_LOG

REVISED_COLUMNS = ("indicator", "as_of_ms", "revision")


def revised_figures(after_ms: int, until_ms: int) -> Query:
    """Figures whose instant had been published before, by the moment of publication."""
    return select_rows(
        INDICATOR_LOG, REVISED_COLUMNS, after_ms=after_ms, until_ms=until_ms,
        where=('"revision" > 0',),
    )  # fmt: skip
