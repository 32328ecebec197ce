"""Data quality: who is fresh, what is wrong with reports, what workers refused."""

from typing import Annotated, Literal

import numpy as np
from fastapi import Query, Response
from pydantic import Field

from gigacity_api.errors import StoreError
from gigacity_api.evaluator.refusals import RefusalCounts, refusals
from gigacity_api.http.context import Context, evaluation_of
from gigacity_api.http.dependencies import InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.lookups import known_area
from gigacity_api.http.paging import published_position
from gigacity_api.http.parameters import AreaFilter, Paged, Parameters
from gigacity_api.http.presenters.figures import port_out
from gigacity_api.http.problem_types import UNKNOWN_KIND, ApiProblem
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.quality import (
    ContradictionOut,
    FreshShare,
    ImplausiblePage,
    ImplausiblePort,
    QualityReport,
    Refused,
    RefusedBy,
    SilentPage,
    SilentPublisherOut,
    Unregistered,
    UnregisteredPage,
)
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.inventory import KINDS
from gigacity_api.indicators.levels import PORT_REPORTER
from gigacity_api.indicators.reporters import current_unregistered, shares
from gigacity_api.indicators.silent import silent_publishers
from gigacity_api.indicators.subjects.port.onus import ONU_ONLINE
from gigacity_api.indicators.subjects.port.plausibility import (
    TEXTS,
    Contradiction,
    contradictions,
    implausible_ports,
)
from gigacity_city.model import Name
from gigacity_contract.kinds import CATALOGUE

router = read_router("quality")

HOUR_MS = 3_600_000
NAMES = {PORT_REPORTER: Name("PON端口", "PON port")} | {
    kind.name: Name(kind.zh, kind.en) for kind in CATALOGUE.values()
}


class QualityQuery(Parameters):
    """Whose freshness."""

    area: AreaFilter = None
    kind: str | None = Field(None, description="port, or a device kind")


class ImplausibleQuery(Paged):
    """Ports that contradict themselves."""

    area: AreaFilter = None
    contradiction: Contradiction | None = Field(None, description="only this one")


class SilentQuery(Paged):
    """Publishers that are connected and report nothing."""

    area: AreaFilter = None
    publisher: Literal["olt", "gateway", "device"] | None = Field(None, description="only these")


class UnregisteredQuery(Paged):
    """Reporters that are not registered."""

    area: str | None = Field(None, description="as the topic names it")
    kind: str | None = Field(None, description="port, or a device kind")


@router.get(
    "/quality", summary="How far the data can be trusted", **answers(QualityReport, 404, 501)
)
def quality(
    shared: InContext, conditional: InConditional, query: Annotated[QualityQuery, Query()]
) -> Response:
    """Reporters by kind and area at the newest instant; what workers refused in the last hour.

    Implausible are readings that contradict themselves, as they are stored. Readings out of range,
    duplicates and wrong clocks never reach the database: workers refuse and count them.
    """
    evaluation = evaluation_of(shared.publication())
    if query.kind not in {None, PORT_REPORTER, *KINDS}:
        raise ApiProblem(UNKNOWN_KIND, f"there is no kind {query.kind!r}")
    inventory = evaluation.inventory
    area = query.area and inventory.city.areas[known_area(inventory, query.area)].code
    items = [
        FreshShare.of(share, share.quality, name=NAMES[share.kind])
        for share in shares(evaluation.instant)
        if query.kind in {None, share.kind} and area in {None, share.area}
    ]
    report = QualityReport.of(evaluation, total=len(items), items=items, refused=_refused(shared))
    return conditional.answer(report, telling_time={"refused": {"since": True, "until": True}})


def _refused(shared: Context) -> Refused | None:
    until_ms = shared.clock.now_ms()
    since_ms = until_ms - HOUR_MS
    try:
        found = refusals(shared.store, since_ms, until_ms)
    except StoreError:
        return None  # Freshness is known from memory all the same.
    return Refused.of(
        RefusalCounts.total(found.values()),
        since=since_ms,
        until=until_ms,
        workers=[RefusedBy.of(mine, worker=worker) for worker, mine in sorted(found.items())],
    )


@router.get(
    "/quality/implausible",
    summary="Ports whose newest report contradicts itself",
    **answers(ImplausiblePage, 400, 404, 410, 501),
)
def implausible(
    shared: InContext, conditional: InConditional, query: Annotated[ImplausibleQuery, Query()]
) -> ImplausiblePage:
    """Each port with what it said, and which values cannot both be right."""
    publication, cursor = published_position(shared, query, "implausible")
    evaluation = evaluation_of(publication)
    conditional.check_publication(publication)
    flags = implausible_ports(evaluation.instant)
    if query.contradiction is not None:
        flags = contradictions(evaluation.instant)[query.contradiction]
    if query.area is not None:
        inventory = evaluation.inventory
        flags = flags & (inventory.port_area == known_area(inventory, query.area))
    found = np.flatnonzero(flags).tolist()
    chosen, following = cursor.cut(found, query.limit)
    items = [_implausible_out(evaluation, index) for index in chosen]
    return ImplausiblePage.of(evaluation, total=len(found), items=items, next_cursor=following)


def _implausible_out(evaluation: Evaluation, index: int) -> ImplausiblePort:
    mine = [c for c, flags in contradictions(evaluation.instant).items() if flags[index]]
    return ImplausiblePort(
        port=port_out(ONU_ONLINE.entry(evaluation.instant, index)),
        contradictions=[ContradictionOut.of(TEXTS[c], slug=str(c)) for c in mine],
    )


@router.get(
    "/quality/unregistered",
    summary="Reporters that the city file does not list",
    **answers(UnregisteredPage, 400, 404, 410, 501),
)
def unregistered(
    shared: InContext, conditional: InConditional, query: Annotated[UnregisteredQuery, Query()]
) -> UnregisteredPage:
    """Whoever reported inside the window of its kind without being registered."""
    publication, cursor = published_position(shared, query, "unregistered")
    evaluation = evaluation_of(publication)
    conditional.check_publication(publication)
    found = sorted(
        (reporter, at)
        for reporter, at in current_unregistered(evaluation.instant)
        if query.area in {None, reporter.area} and query.kind in {None, reporter.kind}
    )
    chosen, following = cursor.cut(found, query.limit)
    return UnregisteredPage.of(
        evaluation,
        total=len(found),
        overflow=evaluation.state.unregistered.overflow,
        items=[Unregistered.of(who, id=who.identity, last_report_ms=at) for who, at in chosen],
        next_cursor=following,
    )


@router.get(
    "/quality/silent",
    summary="Publishers that are connected and report nothing",
    **answers(SilentPage, 400, 404, 410, 501),
)
def silent(
    shared: InContext, conditional: InConditional, query: Annotated[SilentQuery, Query()]
) -> SilentPage:
    """Whoever is connected for a whole window without a report that was accepted.

    Such a publisher sends to other topics, or what is refused, or has nothing to report. On MQTT
    3.1.1 a message outside its own path is acknowledged all the same.
    """
    publication, cursor = published_position(shared, query, "silent")
    evaluation = evaluation_of(publication)
    conditional.check_publication(publication)
    inventory = evaluation.inventory
    area = query.area and inventory.city.areas[known_area(inventory, query.area)].code
    found = [
        one
        for one in silent_publishers(evaluation.instant)
        if area in {None, one.area} and query.publisher in {None, one.publisher}
    ]
    chosen, following = cursor.cut(found, query.limit)
    return SilentPage.of(
        evaluation,
        total=len(found),
        items=[SilentPublisherOut.of(one) for one in chosen],
        next_cursor=following,
    )
