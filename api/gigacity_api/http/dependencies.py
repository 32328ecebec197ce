"""What routes depend on: the context, and an API key with a scope."""

from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Annotated, Any, cast

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import Receive, Send
from starlette.types import Scope as Scope_

from gigacity_api.http.context import Context
from gigacity_api.http.lanes import Lane
from gigacity_api.http.large_answers import in_lane
from gigacity_api.http.problem_types import (
    DATABASE_UNAVAILABLE,
    MISSING_KEY,
    SCOPE_MISSING,
    UNKNOWN_KEY,
    VOID_TICKET,
    ApiProblem,
)
from gigacity_api.http.shares import CALLER
from gigacity_api.keys import ApiKey, Scope

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_bearer = HTTPBearer(auto_error=False, description="an API key with the scope of the route")


async def context(request: Request) -> Context:
    """The context that the app was made with.

    Like every dependency here a coroutine, though it never waits: a plain function would cost each
    request a turn in the thread pool.
    """
    return cast("Context", request.app.state.context)


InContext = Annotated[Context, Depends(context)]


@dataclass(frozen=True, slots=True)
class Require:
    """A dependency: the request carries a key with a scope."""

    scope: Scope

    async def __call__(
        self,
        request: Request,
        shared: InContext,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> ApiKey:
        """The key of the request.

        Raises:
            ApiProblem: 401 without a known key, 403 if it lacks the scope.
        """
        ticketed: ApiKey | None = getattr(request.state, "ticketed", None)
        if ticketed is not None:
            return ticketed
        return self.key_of(shared, credentials.credentials if credentials else "")

    def key_of(self, shared: Context, presented: str) -> ApiKey:
        """The key that was presented; raises as a call does."""
        if not presented:
            raise ApiProblem(MISSING_KEY, MISSING_KEY.meaning)
        key = shared.keys.find(presented)
        if key is None:
            raise ApiProblem(UNKNOWN_KEY, UNKNOWN_KEY.meaning)
        if not key.may(self.scope):
            raise ApiProblem(SCOPE_MISSING, f"the key {key.name!r} needs the scope {self.scope}")
        return key


class KeyedRoute(APIRoute):
    """A route that asks for the key before it reads a body, and answers within the key's share.

    A plain function runs in the lane of what computes, and its answer becomes text there, too.
    """

    lane: Callable[[Context], Lane] = staticmethod(lambda shared: shared.computing)
    is_counted = True
    takes_tickets = False

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        if not iscoroutinefunction(endpoint):
            endpoint = in_lane(endpoint, type(self).lane, more.get("status_code") or 200)
        super().__init__(path, endpoint, **more)

    async def handle(self, scope: Scope_, receive: Receive, send: Send) -> None:
        """Answer, and hold the key's place until everything is sent."""
        credentials = await _bearer(Request(scope))
        shared: Context = scope["app"].state.context
        key = shared.keys.find(credentials.credentials) if credentials else None
        if key is None:
            await super().handle(scope, receive, send)
            return
        token = CALLER.set(key.name)
        try:
            with shared.shares.request(key.name) if self.is_counted else nullcontext():
                await super().handle(scope, receive, send)
        finally:
            CALLER.reset(token)

    def keyless_handler(self) -> Handler:
        """The handler, which no key guards yet."""
        return super().get_route_handler()

    def get_route_handler(self) -> Handler:
        """The handler, with the key asked first."""
        handle = self.keyless_handler()
        asked = [d.call for d in self.dependant.dependencies if isinstance(d.call, Require)]

        async def keyed(request: Request) -> Response:
            credentials = await _bearer(request)
            if self.takes_tickets and credentials is None and _has_ticket(request):
                return await handle(request)
            for require in asked:
                shared: Context = request.app.state.context
                key = require.key_of(shared, credentials.credentials if credentials else "")
                structlog.contextvars.bind_contextvars(api_key=key.name)
            return await handle(request)

        return keyed


class TicketRoute(KeyedRoute):
    """A route for which a ticket in the address stands for a key.

    Its answer does not end, and has slots of its own.
    """

    takes_tickets = True
    is_counted = False


def _has_ticket(request: Request) -> bool:
    """Whether there is a ticket, which is void afterwards.

    Raises:
        ApiProblem: 401, it is not known, was used or is too old.
    """
    ticket = request.query_params.get("ticket")
    if ticket is None:
        return False
    shared: Context = request.app.state.context
    request.state.ticketed = key = shared.tickets.redeem(ticket)
    if key is None:
        raise ApiProblem(VOID_TICKET, VOID_TICKET.meaning)
    CALLER.set(key.name)
    return True


class DatabaseRoute(KeyedRoute):
    """A route that waits for the database."""

    lane = staticmethod(lambda shared: shared.asking)


class PastRoute(DatabaseRoute):
    """A route about the past: another process answers it, where there is one."""

    def keyless_handler(self) -> Handler:
        """Passes the request on, unread."""
        handle = super().keyless_handler()

        async def answer(request: Request) -> Response:
            process = request.app.state.context.as_of_process
            return await handle(request) if process is None else process.answer()

        return answer


async def known_alarms(shared: InContext) -> None:
    """The log of alarms was read.

    Raises:
        ApiProblem: 503, an empty list would say that all is well.
    """
    check_alarms(shared)


def check_alarms(shared: Context) -> None:
    """As ``known_alarms``."""
    if not shared.alarms.is_restored:
        raise ApiProblem(
            DATABASE_UNAVAILABLE,
            "the log of alarms has not been read yet; /api/v1/alarms?partial=true lists what the"
            " platform says of itself meanwhile",
        )


require_read = Require(Scope.READ)
require_report = Require(Scope.REPORT)
require_operate = Require(Scope.OPERATE)


def read_router(
    tag: str, prefix: str = "/api/v1", route: type[KeyedRoute] = KeyedRoute
) -> APIRouter:
    """A router whose routes need a key that may read."""
    return APIRouter(
        prefix=prefix, tags=[tag], dependencies=[Depends(require_read)], route_class=route
    )
