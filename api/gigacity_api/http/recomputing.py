"""A past instant made again for a request: in a thread, called off when the caller goes away."""

import asyncio
import threading
from collections.abc import Callable
from typing import Annotated, TypeVar

from anyio import to_thread
from fastapi import Request
from pydantic import Field

from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.context import Context
from gigacity_api.http.paging import PageCursor, decode, gone, question_of
from gigacity_api.http.parameters import Paged, QueryTime

T = TypeVar("T")

Moment = Annotated[
    QueryTime,
    Field(description="RFC 3339, with a time zone", examples=["2026-11-24T10:00:00+08:00"]),
]


async def in_thread(request: Request, work: Callable[[Callable[[], bool]], T]) -> T:
    """Run what blocks; it is notified when the caller has gone away."""
    is_gone = threading.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        is_gone.set()

    watcher = asyncio.create_task(watch())
    try:
        return await to_thread.run_sync(work, lambda: not is_gone.is_set())
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
        made = await in_thread(request, lambda wanted: shared.recomputer.at(as_of_ms, wanted))
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
