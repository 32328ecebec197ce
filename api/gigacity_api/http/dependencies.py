"""What routes depend on: the context, and an API key with a scope."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, cast

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gigacity_api.http.context import Context
from gigacity_api.http.problem_types import MISSING_KEY, SCOPE_MISSING, UNKNOWN_KEY, ApiProblem
from gigacity_api.keys import ApiKey, Scope

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
        shared: InContext,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> ApiKey:
        """The key of the request.

        Raises:
            ApiProblem: 401 without a known key, 403 if it lacks the scope.
        """
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
    """A route that asks for the key before it reads a body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with the key asked first."""
        handle = super().get_route_handler()
        asked = [d.call for d in self.dependant.dependencies if isinstance(d.call, Require)]

        async def keyed(request: Request) -> Response:
            credentials = await _bearer(request)
            for require in asked:
                shared: Context = request.app.state.context
                key = require.key_of(shared, credentials.credentials if credentials else "")
                structlog.contextvars.bind_contextvars(api_key=key.name)
            return await handle(request)

        return keyed


require_read = Require(Scope.READ)
require_report = Require(Scope.REPORT)


def read_router(tag: str, prefix: str = "/api/v1") -> APIRouter:
    """A router whose routes need a key that may read."""
    return APIRouter(
        prefix=prefix, tags=[tag], dependencies=[Depends(require_read)], route_class=KeyedRoute
    )
