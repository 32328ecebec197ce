"""Port and device reports, presence and arrivals: what the evaluator reads."""

from gigacity_api.indicators.row_loader import PORT_COLUMNS, PRESENCE_COLUMNS, device_columns
from gigacity_api.storage.queries.query import (
    Condition,
    Query,
    select_rows,
    tag_among,
    tag_differs,
    tag_equals,
)
from gigacity_contract.identifiers import EARLIEST_SESSION_MS
from gigacity_contract.measurements import ARRIVAL, DEVICE_MEASUREMENTS, PON_PORT, PRESENCE

ARRIVAL_COLUMNS = ("measurement", "area", "worker", "from_ms", "to_ms", "points")

SESSION_FIELDS = ("online_ms", "ended_ms", "seen_ended_ms")
"""Fields of ``presence`` that tell when a session began and ended."""


AreaChoice = str | frozenset[str] | None
"""One area; every one but these; None: all."""


def _in_area(area: AreaChoice) -> tuple[Condition, ...]:
    if area is None:
        return ()
    if isinstance(area, str):
        return (tag_equals("area", area),)
    return tuple(tag_differs("area", other) for other in sorted(area))


def port_rows(after_ms: int, until_ms: int, area: AreaChoice = None) -> Query:
    """Port reports of a range; of one area where it is known that no other has changed."""
    return select_rows(
        PON_PORT, PORT_COLUMNS, after_ms=after_ms, until_ms=until_ms, where=_in_area(area)
    )


def device_rows(kind: str, after_ms: int, until_ms: int, area: AreaChoice = None) -> Query:
    """Device reports of one kind."""
    return select_rows(
        DEVICE_MEASUREMENTS[kind], device_columns(kind), after_ms=after_ms, until_ms=until_ms,
        where=_in_area(area),
    )  # fmt: skip


def community_rows(kind: str, after_ms: int, until_ms: int, communities: tuple[str, ...]) -> Query:
    """Device reports of one kind in some communities."""
    return select_rows(
        DEVICE_MEASUREMENTS[kind], device_columns(kind), after_ms=after_ms, until_ms=until_ms,
        where=(tag_among("community", communities),),
    )  # fmt: skip


def presence_rows(after_ms: int, until_ms: int) -> Query:
    """Sessions that began in a range."""
    return select_rows(PRESENCE, PRESENCE_COLUMNS, after_ms=after_ms, until_ms=until_ms)


def newest_presence(field: str, until_ms: int) -> Query:
    """The newest session of every publisher that has this field, since sessions exist at all.

    One field: ``last`` of a single one keeps its row's time, and costs by publisher rather than by
    session. Asked for each of ``SESSION_FIELDS``, the greatest of the times is the newest session,
    and the values that stand at that time are its own.
    """
    if field not in SESSION_FIELDS:
        raise ValueError(f"{field} tells nothing of a session")
    return Query(
        measurement=PRESENCE, columns=("last",), after_ms=EARLIEST_SESSION_MS, until_ms=until_ms,
        field=field, by=PRESENCE.tags,
    )  # fmt: skip


def arrivals(after_ms: int, until_ms: int) -> Query:
    """Batches of late data, by the moment at which they were confirmed."""
    return select_rows(ARRIVAL, ARRIVAL_COLUMNS, after_ms=after_ms, until_ms=until_ms)
