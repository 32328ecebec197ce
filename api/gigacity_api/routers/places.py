"""Places: areas, communities and OLTs, with their figures."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Depends, Path, Query

from gigacity_api.asking import AreaFilter
from gigacity_api.conditional import InConditional
from gigacity_api.cursors import Cursor, decode, encode, question_of
from gigacity_api.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    cut,
    require_read,
)
from gigacity_api.evaluator.board import Publication
from gigacity_api.indicators.definitions import Level
from gigacity_api.indicators.evidence import community_entry, port_entry
from gigacity_api.indicators.universe import Universe
from gigacity_api.known import known_area, known_community, known_olt
from gigacity_api.presenting import figure_out, item_out, name_out, port_out, reason_out
from gigacity_api.problems import responses
from gigacity_api.schemas.common import rfc3339
from gigacity_api.schemas.figures import FigureOut
from gigacity_api.schemas.places import (
    AreaDetail,
    AreaList,
    AreaOut,
    CommunityDetail,
    CommunityOut,
    CommunityPage,
    OltDetail,
    OltOut,
    OltPage,
)

router = APIRouter(prefix="/api/v1", tags=["places"], dependencies=[Depends(require_read)])


def _figures(publication: Publication, scope: str, code: str) -> list[FigureOut]:
    return [
        figure_out(publication, figure)
        for figure in publication.figures
        if figure.scope == scope and figure.code == code
    ]


def _offset(universe: Universe, cursor: str | None, *question: object) -> tuple[int, str]:
    asked = question_of(universe.city.version, *question)
    return (decode(cursor, asked).offset if cursor else 0), asked


def _area(universe: Universe, index: int) -> AreaOut:
    area = universe.city.areas[index]
    return AreaOut(
        code=area.code,
        name=name_out(area.name),
        kind=area.kind,
        retired_codes=list(area.retired),
        is_local=area.is_local,
        communities=int(np.count_nonzero(universe.community_area == index)),
        olts=int(np.count_nonzero(universe.olt_area == index)),
        ports=int(np.count_nonzero(universe.port_area == index)),
        devices=int(np.count_nonzero(universe.device_area == index)),
    )


def _community(universe: Universe, index: int) -> CommunityOut:
    community = universe.city.communities[index]
    return CommunityOut(
        code=community.code,
        name=community.name,
        area=community.area,
        urban_class=community.urban_class,
        is_urban=bool(universe.community_is_urban[index]),
        households=int(universe.community_households[index]),
        devices=len(universe.device_of_tags[community.code]),
    )


def _olt(universe: Universe, index: int) -> OltOut:
    olt = universe.city.olts[index]
    ports = int(np.count_nonzero(universe.port_olt == index))
    return OltOut(id=olt.id, area=olt.area, ports=ports)


@router.get("/areas", summary="Areas", response_model=AreaList, responses=responses(cached=True))
def areas(shared: InContext, conditional: InConditional) -> AreaList:
    """County-level units and development zones."""
    universe = shared.universe
    conditional.check(universe.city.version)
    return AreaList(items=[_area(universe, i) for i in range(len(universe.city.areas))])


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
    universe = publication.universe
    index = known_area(universe, code)
    conditional.check_publication(publication)
    found = _area(universe, index)
    return AreaDetail(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        area=found,
        figures=_figures(publication, Level.AREA, found.code),
    )


CommunitySort = Literal["code", "-code", "name", "-name", "households", "-households"]


def _community_key(universe: Universe, sort: CommunitySort) -> Callable[[int], Any]:
    column = sort.removeprefix("-")
    if column == "households":
        return lambda index: int(universe.community_households[index])
    return lambda index: getattr(universe.city.communities[index], column)


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
    universe = shared.universe
    conditional.check(universe.city.version)
    offset, asked = _offset(universe, cursor, "communities", area, urban, name, sort)
    wanted = np.ones(len(universe.community_area), dtype=np.bool_)
    if area is not None:
        wanted &= universe.community_area == known_area(universe, area)
    if urban is not None:
        wanted &= universe.community_is_urban == urban
    found = [
        index
        for index in np.flatnonzero(wanted).tolist()
        if name is None or name in universe.city.communities[index].name
    ]
    found.sort(key=_community_key(universe, sort), reverse=sort.startswith("-"))
    chosen, following = cut(found, offset, limit)
    return CommunityPage(
        items=[_community(universe, index) for index in chosen],
        next_cursor=None if following is None else encode(Cursor(0, asked, following)),
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
    universe = publication.universe
    index = known_community(universe, code)
    conditional.check_publication(publication)
    evaluation = publication.evaluation
    entry = None if evaluation is None else community_entry(evaluation, index)
    return CommunityDetail(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        community=_community(universe, index),
        figures=_figures(publication, Level.COMMUNITY, code),
        smart=None if entry is None else entry.verdict,
        reason=None if entry is None else reason_out(entry.reason),
        items=[] if entry is None else [item_out(item) for item in entry.items],
    )


@router.get(
    "/olts", summary="OLTs", response_model=OltPage, responses=responses(400, 404, cached=True)
)
def olts(
    *,
    shared: InContext,
    conditional: InConditional,
    area: AreaFilter = None,
    cursor: CursorParam = None,
    limit: LimitParam = 500,
) -> OltPage:
    """Optical line terminals in the order of the city file."""
    universe = shared.universe
    conditional.check(universe.city.version)
    offset, asked = _offset(universe, cursor, "olts", area)
    wanted = range(len(universe.city.olts))
    if area is not None:
        wanted_in = np.flatnonzero(universe.olt_area == known_area(universe, area))
        chosen, following = cut(wanted_in.tolist(), offset, limit)
    else:
        chosen, following = cut(wanted, offset, limit)
    return OltPage(
        items=[_olt(universe, index) for index in chosen],
        next_cursor=None if following is None else encode(Cursor(0, asked, following)),
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
    universe = publication.universe
    index = known_olt(universe, id)
    conditional.check_publication(publication)
    evaluation = publication.evaluation
    ports = [] if evaluation is None else np.flatnonzero(universe.port_olt == index).tolist()
    return OltDetail(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        olt=_olt(universe, index),
        figures=_figures(publication, Level.OLT, id),
        ports=[port_out(port_entry(evaluation, i)) for i in ports] if evaluation else [],
    )
