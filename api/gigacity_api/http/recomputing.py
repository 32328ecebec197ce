"""A past instant made again for a request: one at a time, called off when the caller goes away."""

import asyncio
import threading
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Request
from pydantic import Field

from gigacity_api.errors import RecomputationCalledOffError
from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.context import Context
from gigacity_api.http.lanes import Lane
from gigacity_api.http.paging import PageCursor, decode, gone, question_of
from gigacity_api.http.parameters import Paged, QueryTime

T = TypeVar("T")

Moment = Annotated[
    QueryTime,
    Field(description="RFC 3339, with a time zone", examples=["2026-11-24T10:00:00+08:00"]),
]


async def in_lane_while_wanted(
    request: Request, lane: Lane, work: Callable[[Callable[[], bool]], T]
) -> T:
    """Run what blocks in a lane; once the caller has gone away it is notified, or never begins."""
    is_gone, has_begun = threading.Event(), threading.Event()

    def begin() -> T:
        has_begun.set()
        return work(lambda: not is_gone.is_set())

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        is_gone.set()
        if not has_begun.is_set():
            turn.cancel()

    turn = asyncio.create_task(lane.run(begin))
    watcher = asyncio.create_task(watch())
    try:
        return await turn
    except asyncio.CancelledError:
        turn.cancel()
        if is_gone.is_set():
            raise RecomputationCalledOffError("the caller is gone") from None
        raise
    finally:
        watcher.cancel()


async def recomputed(
    request: Request, shared: Context, as_of_ms: int, query: Paged, *question: object
) -> tuple[Publication, PageCursor]:
    """A recomputation, and where to go on in it.

    Raises:
        ApiProblem: 400 for what is no cursor of this question; 410 when its recomputation is gone.
        RecomputationError: as ``Recomputer.at``.
    """
    asked = question_of("as-of", *question, query.question)
    if query.cursor is None:
        made = await in_lane_while_wanted(
            request, shared.recomputing, lambda wanted: shared.recomputer.at(as_of_ms, wanted)
        )
        return made, PageCursor(as_of_ms, asked, 0, _edition(made))
    found = decode(query.cursor, asked)
    kept = shared.recomputer.kept(found.as_of_ms)
    if kept is None:
        raise gone("the recomputation is no longer kept")
    if _edition(kept) != found.edition:
        raise gone("the instant was recomputed with what came since")
    return kept, found


def _edition(publication: Publication) -> int:
    """Tells two recomputations of one instant apart; within this process, which keeps them."""
    return hash(publication.figures) & 0xFFFF_FFFF
