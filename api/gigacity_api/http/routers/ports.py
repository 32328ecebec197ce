"""Ports: the newest state of each, filtered by where it stands or whom it passes."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Query

from gigacity_api.http.asking import InAsked
from gigacity_api.http.context import evaluation_of
from gigacity_api.http.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    position,
    require_read,
)
from gigacity_api.http.etag import InConditional
from gigacity_api.http.known import known_olt
from gigacity_api.http.presenters.figures import port_out
from gigacity_api.http.problems import responses
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.evidence import PortPage
from gigacity_api.indicators.evidence import page
from gigacity_api.indicators.subjects.port.in_service import PON_PORTS_10G

router = APIRouter(prefix="/api/v1", tags=["places"], dependencies=[Depends(require_read)])


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
    asked: InAsked,
    olt: Annotated[str | None, Query(description="id of an OLT")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 500,
) -> PortPage:
    """Registered ports with what their newest report said, and whether they count as 10G."""
    place = position(shared, cursor, "ports", olt, asked)
    evaluation = evaluation_of(place.publication)
    conditional.check_publication(place.publication)
    inventory = evaluation.inventory
    whole = (
        np.arange(len(inventory.port_olt), dtype=np.int32)
        if olt is None
        else np.flatnonzero(inventory.port_olt == known_olt(inventory, olt)).astype(np.int32)
    )
    chosen = asked.of(evaluation, PON_PORTS_10G, whole)
    found = page(evaluation, PON_PORTS_10G, chosen, offset=place.offset, limit=limit)
    return PortPage(
        as_of=rfc3339(evaluation.as_of_ms),
        as_of_ms=evaluation.as_of_ms,
        total=found.total,
        items=[port_out(entry) for entry in found.entries],
        next_cursor=place.next(found.next_offset),
    )
