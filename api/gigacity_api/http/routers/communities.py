"""Communities and villages, with their figures and items."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Depends, Path, Query

from gigacity_api.http.asking import AreaFilter
from gigacity_api.http.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    city_position,
    cut,
    require_read,
)
from gigacity_api.http.etag import InConditional
from gigacity_api.http.known import known_area, known_community
from gigacity_api.http.presenters.figures import item_out, reason_out
from gigacity_api.http.presenters.places import community_out, figures_at
from gigacity_api.http.problems import responses
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.places import CommunityDetail, CommunityPage
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.subjects.community.smart import COMMUNITY_SMART_COVERAGE

router = APIRouter(prefix="/api/v1", tags=["places"], dependencies=[Depends(require_read)])


CommunitySort = Literal["code", "-code", "name", "-name", "households", "-households"]


def _community_key(inventory: Inventory, sort: CommunitySort) -> Callable[[int], Any]:
    column = sort.removeprefix("-")
    if column == "households":
        return lambda index: int(inventory.community_households[index])
    return lambda index: getattr(inventory.city.communities[index], column)


@router.get(
    "/communities",
    summary="Communities",
    response_model=CommunityPage,
    responses=responses(400, 404, cached=True),
)
def communities(
    *,
    shared: InContext,
    conditional: InConditional,
    area: AreaFilter = None,
    urban: Annotated[
        bool | None, Query(description="true: urban, county level and above; false: the others")
    ] = None,
    name: Annotated[str | None, Query(description="part of the name", max_length=80)] = None,
    sort: Annotated[CommunitySort, Query(description="a minus sorts downwards")] = "code",
    cursor: CursorParam = None,
    limit: LimitParam = 500,
) -> CommunityPage:
    """Communities and villages, filtered and sorted."""
    inventory = shared.inventory
    conditional.check(inventory.city.version)
    place = city_position(inventory, cursor, "communities", area, urban, name, sort)
    wanted = np.ones(len(inventory.community_area), dtype=np.bool_)
    if area is not None:
        wanted &= inventory.community_area == known_area(inventory, area)
    if urban is not None:
        wanted &= inventory.community_is_urban == urban
    found = [
        index
        for index in np.flatnonzero(wanted).tolist()
        if name is None or name in inventory.city.communities[index].name
    ]
    found.sort(key=_community_key(inventory, sort), reverse=sort.startswith("-"))
    chosen, following = cut(found, place.offset, limit)
    return CommunityPage(
        items=[community_out(inventory, index) for index in chosen],
        next_cursor=place.next(following),
    )


@router.get(
    "/communities/{code}",
    summary="One community",
    response_model=CommunityDetail,
    responses=responses(404, cached=True),
)
def community(
    *,
    shared: InContext,
    conditional: InConditional,
    code: Annotated[str, Path(examples=["371602001001"])],
) -> CommunityDetail:
    """A community with its figures, and item by item against the smart-community standard."""
    publication = shared.publication()
    inventory = publication.inventory
    index = known_community(inventory, code)
    conditional.check_publication(publication)
    evaluation = publication.evaluation
    entry = (
        None if evaluation is None else COMMUNITY_SMART_COVERAGE.entry(evaluation.instant, index)
    )
    return CommunityDetail(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        community=community_out(inventory, index),
        figures=figures_at(publication, Level.COMMUNITY, code),
        smart=None if entry is None else entry.verdict,
        reason=None if entry is None else reason_out(entry.reason),
        items=[] if entry is None else [item_out(item) for item in entry.items],
    )
