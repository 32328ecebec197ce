"""What routes depend on: the context, and an API key with a scope."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gigacity_api.http.context import Context
from gigacity_api.http.problem_types import SCOPE_MISSING, UNAUTHENTICATED, ApiProblem
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
        key = None if credentials is None else shared.keys.find(credentials.credentials)
        if key is None:
            raise ApiProblem(UNAUTHENTICATED, UNAUTHENTICATED.meaning)
        if not key.may(self.scope):
            raise ApiProblem(SCOPE_MISSING, f"the key {key.name!r} needs the scope {self.scope}")
        return key


require_read = Require(Scope.READ)
require_report = Require(Scope.REPORT)


def read_router(tag: str, prefix: str = "/api/v1") -> APIRouter:
    """A router whose routes need a key that may read."""
    return APIRouter(prefix=prefix, tags=[tag], dependencies=[Depends(require_read)])
