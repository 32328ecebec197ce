"""OLTs, with their figures and ports."""

from typing import Annotated, Literal

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
from gigacity_api.http.known import known_area, known_olt
from gigacity_api.http.presenters.figures import port_out
from gigacity_api.http.presenters.places import figures_at, olt_out
from gigacity_api.http.problems import responses
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.places import OltDetail, OltPage
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.subjects.port.in_service import PON_PORTS_10G

router = APIRouter(prefix="/api/v1", tags=["places"], dependencies=[Depends(require_read)])

OltSort = Literal["registered", "id", "-id", "ports", "-ports"]


def _sorted(inventory: Inventory, olts: list[int], sort: OltSort) -> list[int]:
    """In an order; equals stay as the city file has them."""
    descending = sort.startswith("-")
    if sort.endswith("id"):
        return sorted(olts, key=lambda i: inventory.city.olts[i].id, reverse=descending)
    if sort.endswith("ports"):
        ports = np.bincount(inventory.port_olt, minlength=len(inventory.city.olts)).tolist()
        return sorted(olts, key=ports.__getitem__, reverse=descending)
    return olts


@router.get(
    "/olts", summary="OLTs", response_model=OltPage, responses=responses(400, 404, cached=True)
)
def olts(
    *,
    shared: InContext,
    conditional: InConditional,
    area: AreaFilter = None,
    sort: Annotated[
        OltSort, Query(description="`registered`: as the city file has them; a minus: downwards")
    ] = "registered",
    cursor: CursorParam = None,
    limit: LimitParam = 500,
) -> OltPage:
    """Optical line terminals, filtered and sorted."""
    inventory = shared.inventory
    conditional.check(inventory.city.version)
    place = city_position(inventory, cursor, "olts", area, sort)
    wanted = np.arange(len(inventory.city.olts))
    if area is not None:
        wanted = np.flatnonzero(inventory.olt_area == known_area(inventory, area))
    found = _sorted(inventory, wanted.tolist(), sort)
    chosen, following = cut(found, place.offset, limit)
    return OltPage(
        items=[olt_out(inventory, index) for index in chosen],
        next_cursor=place.next(following),
    )


@router.get(
    "/olts/{id}", summary="One OLT", response_model=OltDetail, responses=responses(404, cached=True)
)
def olt(
    *,
    shared: InContext,
    conditional: InConditional,
    id: Annotated[str, Path(examples=["olt-1"])],  # noqa: A002 - the name in the path
) -> OltDetail:
    """An OLT with its figures and its ports."""
    publication = shared.publication()
    inventory = publication.inventory
    index = known_olt(inventory, id)
    conditional.check_publication(publication)
    evaluation = publication.evaluation
    ports = [] if evaluation is None else np.flatnonzero(inventory.port_olt == index).tolist()
    return OltDetail(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        olt=olt_out(inventory, index),
        figures=figures_at(publication, Level.OLT, id),
        ports=[port_out(PON_PORTS_10G.entry(evaluation.instant, i)) for i in ports]
        if evaluation
        else [],
    )
