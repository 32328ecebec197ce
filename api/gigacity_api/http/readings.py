"""The raw reports of one device or port: a page of a bounded range, oldest first."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from pydantic import Field

from gigacity_api.http.context import Context
from gigacity_api.http.paging import PageCursor, bad_cursor, decode, encode, question_of
from gigacity_api.http.parameters import Paged, QueryTime, moment_ms
from gigacity_api.http.problem_types import INVALID_REQUEST, ApiProblem
from gigacity_api.http.schemas.objects import Reading, ReadingPage
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.query import Query
from gigacity_contract.local_time import DAY_MS, EARLIEST
from gigacity_contract.measurements import RAW

LONGEST_MS = RAW.duration_s * 1000
"""Raw reports are not kept for longer."""

ReadingsQuery = Callable[[int, int], Query]
"""The query of a range: after, until."""


class ReadingsRange(Paged):
    """Of which time."""

    since: QueryTime | None = Field(
        None, alias="from", description="RFC 3339, exclusive; a day before `to` if absent"
    )
    until: QueryTime | None = Field(
        None, alias="to", description="RFC 3339, inclusive; now if absent"
    )


def readings(store: Store, query: Query, most: int) -> list[Reading]:
    """The first reports of a range; the rest is not read."""
    rows = (row for batch in store.rows(query, list) for row in batch)
    return [
        Reading(
            at=row[0],
            at_ms=row[0],
            values={n: v for n, v in zip(query.columns, row[1:], strict=True) if v is not None},
        )
        for row in islice(rows, most)
    ]


def readings_page(
    shared: Context, asked_of: str, query_of: ReadingsQuery, query: ReadingsRange
) -> ReadingPage:
    """A page of reports.

    Raises:
        ApiProblem: 400 for what is no cursor of this question, 422 for a range that is none.
    """
    asked = question_of("readings", asked_of)
    if query.cursor is None:
        after_ms, until_ms = _range(query, shared.clock.now_ms())
    else:
        place = decode(query.cursor, asked)
        after_ms, until_ms = place.offset, place.as_of_ms
        if not 0 < until_ms - after_ms <= LONGEST_MS:
            raise bad_cursor()
    found = readings(shared.store, query_of(after_ms, until_ms), query.limit + 1)
    chosen = found[: query.limit]
    cursor = PageCursor(until_ms, asked, chosen[-1].at_ms if chosen else 0)
    return ReadingPage(
        id=asked_of, items=chosen, next_cursor=encode(cursor) if len(found) > len(chosen) else None
    )


def _range(query: ReadingsRange, now_ms: int) -> tuple[int, int]:
    until_ms = now_ms if query.until is None else moment_ms("to", query.until, earliest=EARLIEST)
    since_ms = until_ms - DAY_MS
    if query.since is not None:
        since_ms = moment_ms("from", query.since, earliest=EARLIEST)
    if not 0 < until_ms - since_ms <= LONGEST_MS:
        raise ApiProblem(
            INVALID_REQUEST,
            f"query.from: must be before query.to, by {LONGEST_MS // DAY_MS} days at most: raw"
            " reports are not kept for longer",
        )
    return since_ms, until_ms


def last_values(store: Store, query_of: ReadingsQuery, at_ms: int | None) -> dict[str, Any]:
    """Everything that the report of a moment said; nothing if there is none."""
    if at_ms is None:
        return {}
    found = readings(store, query_of(at_ms - 1, at_ms), 1)
    return found[0].values if found else {}
