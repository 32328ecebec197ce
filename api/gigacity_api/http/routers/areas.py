"""Areas, with their figures."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from gigacity_api.http.dependencies import InContext, require_read
from gigacity_api.http.etag import InConditional
from gigacity_api.http.known import known_area
from gigacity_api.http.presenters.places import area_out, figures_at
from gigacity_api.http.problems import responses
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.places import AreaDetail, AreaList
from gigacity_api.indicators.levels import Level

router = APIRouter(prefix="/api/v1", tags=["places"], dependencies=[Depends(require_read)])


@router.get("/areas", summary="Areas", response_model=AreaList, responses=responses(cached=True))
def areas(shared: InContext, conditional: InConditional) -> AreaList:
    """County-level units and development zones."""
    inventory = shared.inventory
    conditional.check(inventory.city.version)
    return AreaList(items=[area_out(inventory, i) for i in range(len(inventory.city.areas))])


@router.get(
    "/areas/{code}",
    summary="One area",
    response_model=AreaDetail,
    responses=responses(404, cached=True),
)
def area(
    *,
    shared: InContext,
    conditional: InConditional,
    code: Annotated[str, Path(description="current or retired code", examples=["371602"])],
) -> AreaDetail:
    """An area with all of its figures."""
    publication = shared.publication()
    inventory = publication.inventory
    index = known_area(inventory, code)
    conditional.check_publication(publication)
    found = area_out(inventory, index)
    return AreaDetail(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        area=found,
        figures=figures_at(publication, Level.AREA, found.code),
    )
