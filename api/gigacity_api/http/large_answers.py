"""Answers that are made in a lane, and become text there: the event loop only sends them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING, Any

from fastapi.responses import Response
from pydantic import BaseModel

from gigacity_api.http.etag import Conditional

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from gigacity_api.http.context import Context
    from gigacity_api.http.lanes import Lane

PART_BYTES = 65_536

PIECE = 100
"""Items that are made together: some milliseconds."""


class JsonAnswer(Response):
    """A JSON text, sent in parts between which the event loop does other work."""

    media_type = "application/json"

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send it; whoever does not read holds it, and so its place, until a deadline."""
        if len(self.body) <= PART_BYTES:
            await super().__call__(scope, receive, send)
            return
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        body = memoryview(self.body)
        for first in range(0, len(body), PART_BYTES):
            part = bytes(body[first : first + PART_BYTES])
            more = first + PART_BYTES < len(body)
            await send({"type": "http.response.body", "body": part, "more_body": more})
            await asyncio.sleep(0)


async def long_list(
    lane: "Lane", head: BaseModel, items: Iterable[BaseModel], headers: dict[str, str]
) -> JsonAnswer:
    """A body with many items, made some at a time, so that others have their turn in between.

    Args:
        lane: where it is made.
        head: the body, with no ``items``.
        items: made one by one.
        headers: of the answer.
    """
    before, mark, after = head.model_dump_json(by_alias=True).encode().rpartition(b'"items":[]')
    parts = [part async for part in lane.each(_texts(items))]
    return JsonAnswer(b"".join((before, mark[:-1], b",".join(parts), b"]", after)), headers=headers)


def _texts(items: Iterable[BaseModel]) -> Iterator[bytes]:
    following = iter(items)
    while some := list(islice(following, PIECE)):
        yield b",".join(item.model_dump_json(by_alias=True).encode() for item in some)


def in_lane(
    route: Callable[..., Any], lane: "Callable[[Context], Lane]", status: int
) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A route that runs in a lane of its context.

    Args:
        route: a plain function, with the context as its parameter ``shared``.
        lane: of a context. A model becomes its text there, unless the route sets a status (by its
            parameter ``response``): then FastAPI does it.
        status: of that text.
    """

    @wraps(route)
    async def run(**given: Any) -> Any:
        def make() -> Any:
            answer = route(**given)
            if "response" in given or not isinstance(answer, BaseModel):
                return answer
            conditional: Conditional | None = given.get("conditional")
            headers = conditional.headers if conditional else None
            return JsonAnswer(answer.model_dump_json(by_alias=True), status, headers)

        return await lane(given["shared"]).run(make)

    return run
