"""Ports: the newest state of each, filtered by where it stands or whom it passes."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Query

from gigacity_api.conditional import InConditional
from gigacity_api.context import evaluation_of
from gigacity_api.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    position,
    require_read,
)
from gigacity_api.errors import ApiProblem
from gigacity_api.indicators.evidence import page
from gigacity_api.indicators.registry import PON_PORTS_10G
from gigacity_api.indicators.universe import Universe
from gigacity_api.indicators.verdicts import BY_NAME, Indices
from gigacity_api.presenting import port_out
from gigacity_api.problems import responses
from gigacity_api.routers.places import AreaFilter, known_area
from gigacity_api.schemas.common import rfc3339
from gigacity_api.schemas.evidence import PortPage, VerdictName

router = APIRouter(prefix="/api/v1", tags=["places"], dependencies=[Depends(require_read)])


def _chosen(
    universe: Universe, area: str | None, olt: str | None, community: str | None
) -> Indices:
    chosen = np.ones(len(universe.port_olt), dtype=np.bool_)
    if area is not None:
        chosen &= universe.port_area == known_area(universe, area)
    if olt is not None:
        if olt not in universe.olt_index:
            raise ApiProblem(404, "unknown-olt", "No such OLT", f"there is no OLT {olt!r}")
        chosen &= universe.port_olt == universe.olt_index[olt]
    if community is not None:
        index = universe.community_index.get(community)
        if index is None:
            raise ApiProblem(
                404, "unknown-community", "No such community", f"there is none {community!r}"
            )
        passes = universe.building_community[universe.coverage_building] == index
        passing = np.zeros_like(chosen)
        passing[universe.coverage_port[passes]] = True
        chosen &= passing
    return np.flatnonzero(chosen).astype(np.int32)


@router.get(
    "/ports",
    summary="Ports and their verdicts",
    response_model=PortPage,
    responses=responses(400, 404, 410, 501, cached=True),
)
def ports(
    *,
    shared: InContext,
    conditional: InConditional,
    area: AreaFilter = None,
    olt: Annotated[str | None, Query(description="id of an OLT")] = None,
    community: Annotated[
        str | None,
        Query(description="ports that pass it; one may pass several, so these do not add up"),
    ] = None,
    verdict: Annotated[VerdictName | None, Query(description="10G and in service")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 500,
) -> PortPage:
    """Registered ports with what their newest report said, and whether they count as 10G."""
    place = position(shared, cursor, "ports", area, olt, community, verdict)
    evaluation = evaluation_of(place.publication)
    conditional.check_publication(place.publication)
    found = page(
        evaluation, PON_PORTS_10G, _chosen(evaluation.universe, area, olt, community),
        verdict=None if verdict is None else BY_NAME[verdict], offset=place.offset, limit=limit,
    )  # fmt: skip
    return PortPage(
        as_of=rfc3339(evaluation.as_of_ms),
        as_of_ms=evaluation.as_of_ms,
        total=found.total,
        items=[port_out(entry) for entry in found.entries],
        next_cursor=place.next(found.next_offset),
    )
