"""Search: areas, communities, OLTs and devices by a part of their name, code or id."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from gigacity_api.http.dependencies import InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.parameters import Parameters
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.objects import Found, SearchPage
from gigacity_api.http.searching import search

router = read_router("places")

MOST = 100


class SearchQuery(Parameters):
    """What is looked for."""

    q: str = Field(
        min_length=1, max_length=64, pattern=r"\S",
        description="a part of a name, a code or an id; of a device the whole id, or"
        " `community/device`", examples=["示例"],
    )  # fmt: skip
    limit: int = Field(20, ge=1, le=MOST, description="the best so many")


@router.get("/search", summary="Find what is registered", **answers(SearchPage))
def search_objects(
    shared: InContext, conditional: InConditional, query: Annotated[SearchQuery, Query()]
) -> SearchPage:
    """Areas, communities, OLTs and devices: what is so called first, then what begins so."""
    inventory = shared.inventory
    conditional.check(inventory.city.version)
    found = search(inventory, query.q)
    items = [Found.of(match, href=f"/api/v1/{match.href}") for match in found[: query.limit]]
    return SearchPage(total=len(found), items=items)
