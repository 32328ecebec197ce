"""Areas, communities, OLTs and ports: what is registered, with its figures."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import Path, Query, Response
from pydantic import Field

from gigacity_api.http.context import evaluation_of
from gigacity_api.http.dependencies import InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.filters import EvidenceFilter
from gigacity_api.http.large_answers import long_list
from gigacity_api.http.lookups import known_area, known_community, known_olt
from gigacity_api.http.paging import position, published_position
from gigacity_api.http.parameters import AreaFilter, Paged
from gigacity_api.http.presenters.figures import figures_at, item_out, port_out
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.evidence import PortPage
from gigacity_api.http.schemas.places import (
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
from gigacity_api.indicators.evidence import Page, page
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.subjects.community.smart import COMMUNITY_SMART_COVERAGE
from gigacity_api.indicators.subjects.port.in_service import PON_PORTS_10G

router = read_router("places")

CommunitySort = Literal["code", "-code", "name", "-name", "households", "-households"]
OltSort = Literal["registered", "id", "-id", "ports", "-ports"]


class CommunitiesQuery(Paged):
    """Communities, filtered and sorted."""

    area: AreaFilter = None
    urban: bool | None = Field(
        None, description="true: urban, county level and above; false: the others"
    )
    name: str | None = Field(None, description="part of the name", max_length=80)
    sort: CommunitySort = Field("code", description="a minus sorts downwards")


class OltsQuery(Paged):
    """OLTs, filtered and sorted."""

    area: AreaFilter = None
    sort: OltSort = Field(
        "registered", description="`registered`: as the city file has them; a minus: downwards"
    )


class PortsQuery(Paged, EvidenceFilter):
    """Ports, filtered and sorted."""

    olt: str | None = Field(None, description="id of an OLT")


def _area(inventory: Inventory, index: int) -> AreaOut:
    area = inventory.city.areas[index]
    return AreaOut.of(
        area,
        retired_codes=area.retired,
        communities=int(np.count_nonzero(inventory.community_area == index)),
        olts=int(np.count_nonzero(inventory.olt_area == index)),
        ports=int(np.count_nonzero(inventory.port_area == index)),
        devices=int(np.count_nonzero(inventory.device_area == index)),
    )


def _community(inventory: Inventory, index: int) -> CommunityOut:
    community = inventory.city.communities[index]
    return CommunityOut.of(
        community,
        is_urban=bool(inventory.community_is_urban[index]),
        households=int(inventory.community_households[index]),
        devices=len(inventory.device_of_tags[community.code]),
    )


def _olt(inventory: Inventory, index: int) -> OltOut:
    ports = int(np.count_nonzero(inventory.port_olt == index))
    return OltOut.of(inventory.city.olts[index], ports=ports)


@router.get("/areas", summary="Areas", **answers(AreaList))
def areas(shared: InContext, conditional: InConditional) -> AreaList:
    """County-level units and development zones."""
    inventory = shared.inventory
    conditional.check(inventory.city.version)
    items = [_area(inventory, i) for i in range(len(inventory.city.areas))]
    return AreaList(total=len(items), items=items)


@router.get("/areas/{code}", summary="One area", **answers(AreaDetail, 404))
def area(
    shared: InContext,
    conditional: InConditional,
    code: Annotated[str, Path(description="current or retired code", examples=["371602"])],
) -> AreaDetail:
    """An area with all of its figures."""
    publication = shared.publication()
    found = _area(publication.inventory, known_area(publication.inventory, code))
    conditional.check_publication(publication)
    figures = figures_at(publication, Level.AREA, found.code)
    return AreaDetail.of(publication, area=found, figures=figures)


def _community_key(inventory: Inventory, sort: CommunitySort) -> Callable[[int], Any]:
    column = sort.removeprefix("-")
    if column == "households":
        return lambda index: int(inventory.community_households[index])
    return lambda index: getattr(inventory.city.communities[index], column)


@router.get("/communities", summary="Communities", **answers(CommunityPage, 400, 404))
def communities(
    shared: InContext, conditional: InConditional, query: Annotated[CommunitiesQuery, Query()]
) -> CommunityPage:
    """Communities and villages, filtered and sorted."""
    inventory = shared.inventory
    conditional.check(inventory.city.version)
    cursor = position(query, "communities", inventory.city.version)
    wanted = np.ones(len(inventory.community_area), dtype=np.bool_)
    if query.area is not None:
        wanted &= inventory.community_area == known_area(inventory, query.area)
    if query.urban is not None:
        wanted &= inventory.community_is_urban == query.urban
    found = [
        index
        for index in np.flatnonzero(wanted).tolist()
        if query.name is None or query.name in inventory.city.communities[index].name
    ]
    found.sort(key=_community_key(inventory, query.sort), reverse=query.sort.startswith("-"))
    chosen, following = cursor.cut(found, query.limit)
    items = [_community(inventory, index) for index in chosen]
    return CommunityPage(total=len(found), items=items, next_cursor=following)


@router.get("/communities/{code}", summary="One community", **answers(CommunityDetail, 404))
def community(
    shared: InContext,
    conditional: InConditional,
    code: Annotated[str, Path(examples=["371602001001"])],
) -> CommunityDetail:
    """A community with its figures, and item by item against the smart-community standard."""
    publication = shared.publication()
    inventory, evaluation = publication.inventory, publication.evaluation
    index = known_community(inventory, code)
    conditional.check_publication(publication)
    smart = COMMUNITY_SMART_COVERAGE
    entry = None if evaluation is None else smart.entry(evaluation.instant, index)
    return CommunityDetail.of(
        publication,
        community=_community(inventory, index),
        figures=figures_at(publication, Level.COMMUNITY, code),
        smart=None if entry is None else entry.verdict,
        reason=None if entry is None else entry.reason,
        items=[] if entry is None else [item_out(item) for item in entry.items],
    )


def _sorted_olts(inventory: Inventory, olts: list[int], sort: OltSort) -> list[int]:
    """In an order; equals stay as the city file has them."""
    descending = sort.startswith("-")
    if sort.endswith("id"):
        return sorted(olts, key=lambda i: inventory.city.olts[i].id, reverse=descending)
    if sort.endswith("ports"):
        ports = np.bincount(inventory.port_olt, minlength=len(inventory.city.olts)).tolist()
        return sorted(olts, key=ports.__getitem__, reverse=descending)
    return olts


@router.get("/olts", summary="OLTs", **answers(OltPage, 400, 404))
def olts(
    shared: InContext, conditional: InConditional, query: Annotated[OltsQuery, Query()]
) -> OltPage:
    """Optical line terminals, filtered and sorted."""
    inventory = shared.inventory
    conditional.check(inventory.city.version)
    cursor = position(query, "olts", inventory.city.version)
    wanted = np.arange(len(inventory.city.olts))
    if query.area is not None:
        wanted = np.flatnonzero(inventory.olt_area == known_area(inventory, query.area))
    found = _sorted_olts(inventory, wanted.tolist(), query.sort)
    chosen, following = cursor.cut(found, query.limit)
    items = [_olt(inventory, index) for index in chosen]
    return OltPage(total=len(found), items=items, next_cursor=following)


@router.get("/olts/{id}", summary="One OLT", **answers(OltDetail, 404))
def olt(
    shared: InContext,
    conditional: InConditional,
    id: Annotated[str, Path(examples=["olt-1"])],  # noqa: A002 - the name in the path
) -> OltDetail:
    """An OLT with its figures and its ports."""
    publication = shared.publication()
    inventory, evaluation = publication.inventory, publication.evaluation
    index = known_olt(inventory, id)
    conditional.check_publication(publication)
    of_olt = np.flatnonzero(inventory.port_olt == index).tolist()
    found = [PON_PORTS_10G.entry(evaluation.instant, i) for i in of_olt] if evaluation else []
    return OltDetail.of(
        publication,
        olt=_olt(inventory, index),
        figures=figures_at(publication, Level.OLT, id),
        ports=[port_out(entry) for entry in found],
    )


@router.get("/ports", summary="Ports and their verdicts", **answers(PortPage, 400, 404, 410, 501))
async def ports(
    shared: InContext, conditional: InConditional, query: Annotated[PortsQuery, Query()]
) -> Response:
    """Registered ports with what their newest report said, and whether they count as 10G."""
    publication, cursor = published_position(shared, query, "ports")
    evaluation = evaluation_of(publication)
    headers = conditional.check_publication(publication)
    inventory = evaluation.inventory
    whole = np.arange(len(inventory.port_olt), dtype=np.int32)
    if query.olt is not None:
        whole = whole[inventory.port_olt == known_olt(inventory, query.olt)]

    def found() -> Page:
        chosen = query.of(evaluation, PON_PORTS_10G, whole)
        return page(evaluation, PON_PORTS_10G, chosen, offset=cursor.offset, limit=query.limit)

    some = await shared.computing.run(found)
    head = PortPage.of(
        publication, total=some.total, items=[], next_cursor=cursor.at(some.next_offset)
    )
    return await long_list(shared.computing, head, map(port_out, some.entries), headers)
