"""Published figures: the newest, those of one instant, and the history of one."""

from gigacity_api.indicators.figures import FigureKey
from gigacity_api.storage.queries.query import Condition, Query, select_rows, tag_equals
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG

FIGURE_COLUMNS = (*INDICATOR.tags, *(field.name for field in INDICATOR.fields))
LOG_COLUMNS = (*INDICATOR_LOG.tags, *(field.name for field in INDICATOR_LOG.fields))

ALWAYS_PUBLISHED = "pon.ports_10g"
"""Needs no parameter of the city file, so that the city has it at every published instant."""


def city_figures(after_ms: int, until_ms: int) -> Query:
    """Figures of the city as a whole: which instants have been published."""
    where = (tag_equals("scope", "city"),)
    columns = ("indicator", "revision")
    return select_rows(INDICATOR, columns, after_ms=after_ms, until_ms=until_ms, where=where)


def figures_between(after_ms: int, until_ms: int) -> Query:
    """Every stored figure of a range of instants."""
    return select_rows(INDICATOR, FIGURE_COLUMNS, after_ms=after_ms, until_ms=until_ms)


def instants(after_ms: int, until_ms: int) -> Query:
    """Which instants have been published, from one figure that every city has."""
    where = (tag_equals("indicator", ALWAYS_PUBLISHED), tag_equals("scope", "city"))
    return select_rows(
        INDICATOR, ("revision", "city_version"), after_ms=after_ms, until_ms=until_ms, where=where
    )


def of_key(key: FigureKey) -> tuple[Condition, ...]:
    """Conditions on the tags of one figure."""
    return tuple(map(tag_equals, ("indicator", "scope", "code"), key))


def history(key: FigureKey, after_ms: int, until_ms: int) -> Query:
    """What is stored of one place in a range of instants."""
    return select_rows(
        INDICATOR, FIGURE_COLUMNS, after_ms=after_ms, until_ms=until_ms, where=of_key(key)
    )


def publications(key: FigureKey, after_ms: int, until_ms: int) -> Query:
    """What was published in a range of time, whatever instant it spoke of."""
    return select_rows(
        INDICATOR_LOG, LOG_COLUMNS, after_ms=after_ms, until_ms=until_ms, where=of_key(key)
    )
