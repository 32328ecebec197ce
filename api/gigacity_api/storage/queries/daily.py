"""The value of a figure that stood at the end of each day: as rolled up, or from every instant."""

from gigacity_api.indicators.figures import FigureKey
from gigacity_api.storage.queries.figures import LOG_COLUMNS, of_key
from gigacity_api.storage.queries.query import Query, select_rows, tag_equals
from gigacity_contract.local_time import DAY_MS, UTC_OFFSET_MS
from gigacity_contract.measurements import INDICATOR
from gigacity_contract.rollup_measurements import INDICATOR_DAILY

DAILY_FIELDS = ("value", "lower", "upper")
PLACE_COLUMNS = ("code", *DAILY_FIELDS)
HISTORY_COLUMNS = (*LOG_COLUMNS, "value_min", "value_max", "value_count")


def daily_figures(key: FigureKey, *, after_ms: int, until_ms: int) -> Query:
    """The daily figures that were rolled up; a row's time is its day's start.

    Args:
        key: of the figure.
        after_ms: start of the range.
        until_ms: its end.
    """
    return select_rows(
        INDICATOR_DAILY, DAILY_FIELDS, after_ms=after_ms, until_ms=until_ms, where=of_key(key)
    )


def daily_history(key: FigureKey, *, after_ms: int, until_ms: int) -> Query:
    """As ``daily_figures``, with everything that is known of each day."""
    return select_rows(
        INDICATOR_DAILY, HISTORY_COLUMNS, after_ms=after_ms, until_ms=until_ms, where=of_key(key)
    )


def daily_of_places(indicator: str, scope: str, *, after_ms: int, until_ms: int) -> Query:
    """The daily figures of every place of a scope.

    Args:
        indicator: of the figures.
        scope: of the places.
        after_ms: start of the range.
        until_ms: its end.
    """
    where = (tag_equals("indicator", indicator), tag_equals("scope", scope))
    return select_rows(
        INDICATOR_DAILY, PLACE_COLUMNS, after_ms=after_ms, until_ms=until_ms, where=where
    )


def daily_last(field: str, key: FigureKey, *, after_ms: int, until_ms: int) -> Query:
    """The last value of one field on each day that has one; its row's time is the day's start.

    Args:
        field: one of ``DAILY_FIELDS``.
        key: of the figure.
        after_ms: start of the range.
        until_ms: its end.
    """
    if field not in DAILY_FIELDS:
        raise ValueError(f"{field} has no daily value")
    return Query(
        measurement=INDICATOR, columns=("last",), after_ms=after_ms, until_ms=until_ms,
        where=of_key(key), field=field, every_ms=DAY_MS, offset_ms=DAY_MS - UTC_OFFSET_MS,
    )  # fmt: skip


def day_end_ms(start_ms: int, now_ms: int) -> int:
    """The instant that a day's last value stands for."""
    return min(start_ms + DAY_MS - 1, now_ms)
