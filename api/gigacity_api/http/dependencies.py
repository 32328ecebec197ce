"""What routes depend on: the context, an API key with a scope, pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.publication_cache import Publication
from gigacity_api.http.context import Context
from gigacity_api.http.cursors import PageCursor, decode, encode, question_of
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.keys import ApiKey, Scope

T = TypeVar("T")

MAX_LIMIT = 5_000

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
            raise ApiProblem(
                401, "unauthenticated", "API key needed",
                "send Authorization: Bearer <key>; `gigacity credentials` makes one",
                headers={"WWW-Authenticate": 'Bearer realm="gigacity"'},
            )  # fmt: skip
        if not key.may(self.scope):
            raise ApiProblem(
                403, "scope-missing", "The key may not do this",
                f"the key {key.name!r} needs the scope {self.scope}",
            )  # fmt: skip
        return key


require_read = Require(Scope.READ)
require_report = Require(Scope.REPORT)


CursorParam = Annotated[str | None, Query(description="next_cursor of the page before")]
LimitParam = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="entries a page")]


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Where a page begins, and in which publication."""

    publication: Publication
    question: str
    offset: int
    edition: int
    """Tells publications of one instant apart: a revision may list other objects."""
    entries: int = 0
    """How many reports the list began with; 0: not said."""

    def next(self, offset: int | None, *, entries: int = 0) -> str | None:
        """The cursor of the page after this one.

        Args:
            offset: where it begins; None: there is none.
            entries: how many reports a list that shows them began with.
        """
        if offset is None:
            return None
        as_of_ms = self.publication.as_of_ms
        return encode(PageCursor(as_of_ms, self.question, offset, self.edition, entries))


def place_code(shared: Context, scope: Level, code: str | None) -> str:
    """The code of a figure's place; the city's own may be left out.

    Raises:
        ApiProblem: 404, another code is given for the city.
    """
    city = shared.inventory.city.code
    if scope is not Level.CITY:
        return code or ""
    if code not in {None, city}:
        raise ApiProblem(
            404, "unknown-figure", "No such figure", f"the city has the code {city}, not {code!r}"
        )
    return city


def position(shared: Context, cursor: str | None, *question: object) -> PagePosition:
    """Where to go on, or the start of the newest publication.

    Raises:
        ApiProblem: 400 for what is no cursor of this question; 410 when its publication is
            gone or revised.
    """
    asked = question_of(*question)
    newest = shared.publication()
    if cursor is None:
        return PagePosition(newest, asked, 0, newest.revision)
    place = decode(cursor, asked)
    publication = shared.cache.at(place.as_of_ms)
    if publication is None:
        raise gone("the list speaks of an instant that is no longer kept")
    if publication.revision != place.edition:
        raise gone("late data has revised the instant of the list since")
    return PagePosition(publication, asked, place.offset, place.edition, place.entries)


@dataclass(frozen=True, slots=True)
class CityListPosition:
    """Where a page of a list of the city file begins."""

    question: str
    offset: int

    def next(self, offset: int | None) -> str | None:
        """The cursor of the page after this one."""
        return None if offset is None else encode(PageCursor(0, self.question, offset))


def city_position(inventory: Inventory, cursor: str | None, *question: object) -> CityListPosition:
    """Where to go on in a list of registered objects, or its start.

    Raises:
        ApiProblem: 400 for what is no cursor of this question and city version.
    """
    asked = question_of(inventory.city.version, *question)
    return CityListPosition(asked, decode(cursor, asked).offset if cursor else 0)


def gone(why: str) -> ApiProblem:
    """The list that a cursor goes on with is no longer there."""
    return ApiProblem(
        410, "evaluation-gone", "That evaluation is gone", f"{why}; start again without a cursor"
    )


def cut(items: Sequence[T], offset: int, limit: int) -> tuple[Sequence[T], int | None]:
    """A page of a list, and where the next one begins."""
    end = offset + limit
    return items[offset:end], end if end < len(items) else None
