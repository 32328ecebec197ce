"""Tickets for the stream: what a browser's EventSource carries instead of a key."""

from typing import Annotated

from fastapi import Depends

from gigacity_api.http.dependencies import InContext, read_router, require_read
from gigacity_api.http.responses import responses
from gigacity_api.http.schemas.stream import TicketOut
from gigacity_api.http.streaming.tickets import VALID_S
from gigacity_api.keys import ApiKey

router = read_router("figures")


@router.post(
    "/stream/tickets",
    summary="A ticket for a browser's EventSource",
    response_model=TicketOut,
    status_code=201,
    responses=responses(),
)
def open_stream_ticket(
    shared: InContext, key: Annotated[ApiKey, Depends(require_read)]
) -> TicketOut:
    """A page asks for it with its key, and opens `/api/v1/stream?ticket=...` with it.

    It holds once and for 60 s, so that an address in a log is of no use.
    """
    return TicketOut(ticket=shared.tickets.issue(key), valid_s=VALID_S)
