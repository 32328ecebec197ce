"""Figures that were published again."""

from gigacity_api.indicators.figures import FigureKey
from gigacity_api.storage.queries.figures import LOG_COLUMNS, of_key
from gigacity_api.storage.queries.query import Condition, Query, select_rows
from gigacity_contract.measurements import INDICATOR_LOG

_IS_REVISED = Condition("revision", ">", (0,))
REVISED_COLUMNS = ("indicator", "as_of_ms", "revision")


def revised_figures(after_ms: int, until_ms: int) -> Query:
    """Figures whose instant had been published before, by the moment of publication."""
    return select_rows(
        INDICATOR_LOG, REVISED_COLUMNS, after_ms=after_ms, until_ms=until_ms,
        where=(_IS_REVISED,),
    )  # fmt: skip


def revisions_of(
    key: FigureKey, after_ms: int, until_ms: int, as_of_ms: int | None = None
) -> Query:
    """Publications of one figure, by their moment.

    Args:
        key: of the figure.
        after_ms: start of the range of moments.
        until_ms: its end.
        as_of_ms: all publications of this instant; None: of every instant those that are not its
            first.
    """
    wanted = _IS_REVISED if as_of_ms is None else Condition("as_of_ms", "=", (as_of_ms,))
    return select_rows(
        INDICATOR_LOG, LOG_COLUMNS, after_ms=after_ms, until_ms=until_ms,
        where=(*of_key(key), wanted),
    )  # fmt: skip
