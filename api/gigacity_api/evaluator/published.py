"""What was published at a moment, from ``indicator_log``; and how it differs from the recomputed.

The log has the figures of the city and its areas at every publication; of other places when they
changed, at least once a day, and after every revision. What held at a moment is the newest instant
among a place's rows before it, in its last revision by then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gigacity_api.evaluator.lines import LogRow, figure_of_row, key_of
from gigacity_api.evaluator.publishing import LOG_WHOLE_MS
from gigacity_api.evaluator.reach import reaches_of
from gigacity_api.indicators.figures import Figure, FigureKey
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.storage.late_data import LateDataMarker
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.as_of import announced_in, logged
from gigacity_city.model import City

WHOLE_LOOK_BACK_MS = 3_600_000
"""How far back the newest publication of the city and its areas is looked for."""

PLACE_LOOK_BACK_MS = LOG_WHOLE_MS + 3_600_000

Cause = Literal["method_version", "city_version", "late_data", "unannounced_data"]


def look_back_ms(scope: Level) -> int:
    """How far before a moment the figure that held at it may have been logged."""
    return WHOLE_LOOK_BACK_MS if scope in {Level.CITY, Level.AREA} else PLACE_LOOK_BACK_MS


def published_at(
    store: Store, scope: Level, code: str | None, at_ms: int, *, as_of_ms: int | None = None
) -> dict[FigureKey, LogRow]:
    """The newest published figure of each place by a moment; at most one instant's revisions.

    Args:
        store: where it is read.
        scope: of the places.
        code: of one place; None: of all.
        at_ms: the moment.
        as_of_ms: what was said of later instants is left out: one that is published late comes
            after those that follow it.

    Raises:
        StoreError: the database cannot answer.
    """
    newest: dict[FigureKey, LogRow] = {}
    for batch in store.rows(logged(scope, code, at_ms - look_back_ms(scope), at_ms), LogRow):
        for row in batch:
            if as_of_ms is not None and (row.as_of_ms or 0) > as_of_ms:
                continue
            key = key_of(row)
            known = newest.get(key)
            if known is None or _age(row) > _age(known):
                newest[key] = row
    return newest


def _age(row: LogRow) -> tuple[int, int, int]:
    return (row.as_of_ms or 0, row.revision or 0, row.time)


def first_publication_ms(store: Store, city: City, as_of_ms: int, until_ms: int) -> int | None:
    """When an instant was published for the first time; None if it was not, by ``until_ms``.

    Raises:
        StoreError: the database cannot answer.
    """
    end_ms = min(until_ms, as_of_ms + PLACE_LOOK_BACK_MS)
    moments = [
        row.time
        for batch in store.rows(logged(Level.CITY, city.code, as_of_ms, end_ms), LogRow)
        for row in batch
        if row.as_of_ms == as_of_ms
    ]
    return min(moments, default=None)


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure as published and as recomputed."""

    published: LogRow
    recomputed: Figure
    cause: Cause


def differences(
    published: dict[FigureKey, LogRow],
    recomputed: Iterable[Figure],
    city_version: str,
    announced: list[LateDataMarker],
) -> list[Difference]:
    """Figures whose counts or value are not those that were published, each with the cause."""
    found = []
    for figure in recomputed:
        row = published.get(key_of(figure))
        if row is None or _says(figure_of_row(row)) == _says(figure):
            continue
        found.append(Difference(row, figure, _cause(row, city_version, announced)))
    return found


def _says(figure: Figure) -> tuple[object, ...]:
    return (
        figure.value, figure.known_in, figure.known_out, figure.unknown, figure.denominator,
        figure.lower, figure.upper,
    )  # fmt: skip


def _cause(row: LogRow, city_version: str, announced: list[LateDataMarker]) -> Cause:
    if row.method_version != REGISTRY[row.indicator].method_version:
        return "method_version"
    if row.city_version != city_version:
        return "city_version"
    return "late_data" if announced else "unannounced_data"


def announced_since(
    store: Store, city: City, as_of_ms: int, published_ms: int, until_ms: int
) -> list[LateDataMarker]:
    """Late data that counts at an instant and was confirmed after its publication.

    Raises:
        StoreError: the database cannot answer.
    """
    reaches = reaches_of(city)
    return [
        row
        for batch in store.rows(announced_in(published_ms, until_ms), LateDataMarker)
        for row in batch
        if row.from_ms is not None
        and row.to_ms is not None
        and row.measurement in reaches
        and row.from_ms <= as_of_ms < row.to_ms + reaches[row.measurement]
    ]
