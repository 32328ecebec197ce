"""Query parameters: models that routes share, and the refusal of any that a route does not have.

A filter with a typing error would otherwise answer with everything, and look like an answer.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, get_type_hints

from fastapi import Path, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gigacity_api.http.problem_types import INVALID_REQUEST, ApiProblem
from gigacity_api.indicators.levels import Level

MAX_LIMIT = 5_000

IdParam = Annotated[str, Path(description="id of an indicator", examples=["pon.ports_10g"])]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="entries a page")]
Filter = Annotated[list[str] | None, Field(description="may be repeated")]
AreaFilter = Annotated[str | None, Field(description="code of an area", examples=["371602"])]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_PLUS_LOST = re.compile(r"(\d)[ ](\d\d:?\d\d)\Z")


def _with_plus(given: object) -> object:
    """A plus that was not encoded arrives as a space (``2026-11-24T10:00:00 08:00``)."""
    return _PLUS_LOST.sub(r"\1+\2", given) if isinstance(given, str) and "T" in given else given


QueryTime = Annotated[datetime, BeforeValidator(_with_plus)]
"""A moment; its time zone's plus may be unencoded."""


class Parameters(BaseModel):
    """Base: what a route does not name is refused (by ``known_query``, which names the rest)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Paged(Parameters):
    """A page of a list."""

    cursor: str | None = Field(None, description="next_cursor of the page before")
    limit: Limit = 500

    @property
    def question(self) -> str:
        """What is asked for, whatever the page."""
        return self.model_dump_json(exclude={"cursor", "limit"})


class FigurePlace(Parameters):
    """Where a figure is: level and code."""

    scope: Level = Field(Level.CITY, description="level of the figure")
    code: str | None = Field(
        None,
        description="code of the place; the city's may be left out",
        pattern="^[A-Za-z0-9._-]{1,64}$",
    )


def moment_ms(name: str, moment: datetime, *, earliest: datetime | None = None) -> int:
    """Epoch milliseconds of a moment that a caller gives, cut to the one that it lies in.

    Raises:
        ApiProblem: 422, it has no time zone, or lies before what is possible.
    """
    if moment.tzinfo is None or (earliest is not None and moment < earliest):
        more = "" if earliest is None else f", and a year from {earliest.year} on"
        raise ApiProblem(
            INVALID_REQUEST, f"query.{name}: needs a time zone, such as Z or +08:00{more}"
        )
    return (moment - _EPOCH) // _MILLISECOND


async def known_query(request: Request) -> None:
    """A dependency: every parameter is one of the route's, and is given once unless it may repeat.

    Raises:
        ApiProblem: 422, naming the parameters and those that the route has.
    """
    if not request.url.query:
        return
    known = _parameters_of(request.scope["endpoint"])
    given = [name for name, _ in request.query_params.multi_items()]
    allowed = ", ".join(sorted(known)) or "none"
    errors = [_unknown(name, known, allowed) for name in sorted(set(given) - known.keys())]
    errors += [
        _error(name, "may stand only once", "参数重复")
        for name in sorted(n for n in set(given) & known.keys() if given.count(n) > 1)
        if not known[name]
    ]
    if errors:
        detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors)
        raise ApiProblem(INVALID_REQUEST, detail, errors=errors)


RENAMED = {"since": "from", "until": "to", "start": "from", "end": "to"}
"""What other services call parameters, and what every route here does."""


def _unknown(name: str, known: Mapping[str, bool], allowed: str) -> dict[str, str]:
    instead = RENAMED.get(name)
    if instead in known:
        return _error(name, f"is called {instead} here", f"此处参数名为 {instead}")
    return _error(name, f"is no parameter of this route, which has: {allowed}", "未知参数")


def _error(name: str, message: str, zh: str) -> dict[str, str]:
    return {"field": f"query.{name}", "message": message, "zh": zh}


@cache
def _parameters_of(endpoint: Callable[..., object]) -> dict[str, bool]:
    """The query parameters of a route, and whether each may be repeated.

    A route takes them all as one model, in its argument ``query``.
    """
    model: type[Parameters] = get_type_hints(endpoint).get("query", Parameters)
    return {
        field.alias or name: "list[" in str(field.annotation)
        for name, field in model.model_fields.items()
    }
