"""Live figures and revisions: Server-Sent Events."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from pydantic import Field

from gigacity_api.http.bounded import BoundedStream
from gigacity_api.http.dependencies import InContext, TicketRoute, require_read
from gigacity_api.http.parameters import Parameters
from gigacity_api.http.problem_types import TOO_MANY_SUBSCRIBERS
from gigacity_api.http.responses import responses

router = APIRouter(
    prefix="/api/v1", tags=["figures"], dependencies=[Depends(require_read)],
    route_class=TicketRoute,
)  # fmt: skip


class StreamQuery(Parameters):
    """For a browser's EventSource, which can send no header."""

    ticket: str | None = Field(
        None, max_length=64, description="of POST /api/v1/stream/tickets, instead of a key"
    )
    last_event_id: str = Field("", max_length=64, description="instead of the header Last-Event-ID")


_EXAMPLE = (
    "retry: 3000\n\nid: 1795485600000-0-1795485627000-412-70915322\nevent: evaluation\n"
    'data: {"as_of":"2026-11-24T02:00:00.000Z","as_of_ms":1795485600000,"revision":0,...}\n\n'
    "id: 1795485600000-0-1795485641250-412-70915322\nevent: revision\n"
    'data: {"as_of":"2026-11-24T01:12:00.000Z","as_of_ms":1795482720000,"revision":1,'
    '"published_at":"2026-11-24T02:00:41.250Z","indicators":["pon.ports_10g"],"figures":3}\n\n'
    'event: resync\ndata: {"missed":["revision","alarm"]}\n\n'
)


class EventStream(BoundedStream):
    """An endless answer."""

    media_type = "text/event-stream"


@router.get(
    "/stream",
    summary="New evaluations, revisions and alarms as they come",
    response_class=EventStream,
    responses=responses(TOO_MANY_SUBSCRIBERS)
    | {
        200: {
            "description": "events `evaluation`, `revision`, `alarm`, `resync`; comments between",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        }
    },
)
async def stream(
    shared: InContext,
    query: Annotated[StreamQuery, Query()],
    last_event_id: Annotated[
        str,
        Header(max_length=64, description="id of the last event that was seen; goes on after it"),
    ] = "",
) -> EventStream:
    """Server-Sent Events: the newest evaluation at once, then each further one, and each revision.

    An event `evaluation` has the figures of the city at a new instant (or at the newest one, made
    again). An event `revision` says that late data changed figures of an earlier instant: which
    instant, its revision, and which indicators changed; ask history or evidence for the figures.
    An event `alarm` says what happened to an alarm: raised, changed, cleared, or what an operator
    did.

    `curl -N` shows it. A browser's EventSource takes a `ticket` in its address and, when it was
    closed, a new one with `last_event_id`: it goes on after that event, as far as evaluations (the
    last five), revisions (of the last hour) and alarms (the last 1,000 events of the process that
    answers) are kept. Where events in between are lost, an event `resync` comes first and names
    their kinds: ask `/api/v1/scorecard`, history or `/api/v1/alarms` for the present state. It also
    comes to whoever reads too slowly, and after a restart; it has no id.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventStream(
        shared.stream.events(last_event_id or query.last_event_id),
        shared.stream.slots,
        headers=headers,
    )
