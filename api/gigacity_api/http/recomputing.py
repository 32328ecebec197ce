"""A past instant made again for a request: in a thread, called off when the caller goes away."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

from anyio import to_thread
from fastapi import Query, Request

from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.publication_cache import Publication
from gigacity_api.http.context import Context
from gigacity_api.http.cursors import decode, question_of
from gigacity_api.http.dependencies import PagePosition, gone
from gigacity_contract.local_time import EARLIEST

T = TypeVar("T")

Moment = Annotated[
    datetime,
    Query(description="RFC 3339, with a time zone", examples=["2026-11-24T10:00:00+08:00"]),
]


def epoch_ms(name: str, moment: datetime) -> int:
    """A moment that a caller gives.

    Raises:
        ApiProblem: 422, it has no time zone, or lies before anything is stored.
    """
    if moment.tzinfo is None or moment < EARLIEST:
        raise ApiProblem(
            422, "invalid-request", "Invalid request",
            f"query.{name}: needs a time zone, such as Z or +08:00, and a year from 2000 on",
        )  # fmt: skip
    return round(moment.timestamp() * 1000)


async def in_thread(request: Request, work: Callable[[Callable[[], bool]], T]) -> T:
    """Run what blocks; it is told when the caller has gone away."""
    gone = threading.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watcher = asyncio.create_task(watch())
    try:
        return await to_thread.run_sync(work, lambda: not gone.is_set())
    finally:
        watcher.cancel()


async def recomputed(
    request: Request, shared: Context, as_of_ms: int, cursor: str | None, *question: object
) -> PagePosition:
    """Where to go on in a recomputation, or the start of one.

    Raises:
        ApiProblem: 400 for what is no cursor of this question; 410 when its recomputation is gone;
            and as ``Recomputer.at``.
    """
    asked = question_of("as-of", as_of_ms, *question)
    if cursor is not None:
        place = decode(cursor, asked)
        publication = shared.recomputer.kept(place.as_of_ms)
        if _edition(publication) != place.edition:
            raise gone("the instant was recomputed with what came since")
        return PagePosition(publication, asked, place.offset, place.edition)
    publication = await in_thread(request, lambda wanted: shared.recomputer.at(as_of_ms, wanted))
    return PagePosition(publication, asked, 0, _edition(publication))


def _edition(publication: Publication) -> int:
    """Tells two recomputations of one instant apart; within this process, which keeps them."""
    return hash(publication.figures) & 0xFFFF_FFFF
