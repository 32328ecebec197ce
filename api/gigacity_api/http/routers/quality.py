"""Data quality: who is fresh, what is wrong with reports, what workers refused."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Query, Response

from gigacity_api.errors import ApiProblem, StoreError
from gigacity_api.evaluator.refusals import RefusalCounts, refusals
from gigacity_api.http.asking import AreaFilter
from gigacity_api.http.context import Context, evaluation_of
from gigacity_api.http.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    cut,
    position,
    require_read,
)
from gigacity_api.http.etag import InConditional
from gigacity_api.http.known import known_area
from gigacity_api.http.presenters.figures import name_out, port_out
from gigacity_api.http.problems import responses
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.quality import (
    ContradictionOut,
    FreshShare,
    ImplausiblePage,
    ImplausiblePort,
    QualityReport,
    Refused,
    RefusedBy,
    Unregistered,
    UnregisteredPage,
)
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.inventory import KINDS
from gigacity_api.indicators.levels import PORT_REPORTER
from gigacity_api.indicators.reporters import Share, current_unregistered, shares
from gigacity_api.indicators.subjects.port.onus import ONU_ONLINE
from gigacity_api.indicators.subjects.port.plausibility import (
    TEXTS,
    Contradiction,
    contradictions,
    implausible_ports,
)
from gigacity_city.model import Name
from gigacity_contract.kinds import CATALOGUE

router = APIRouter(prefix="/api/v1", tags=["quality"], dependencies=[Depends(require_read)])

HOUR_MS = 3_600_000
NAMES = {PORT_REPORTER: Name("PON端口", "PON port")} | {
    kind.name: Name(kind.zh, kind.en) for kind in CATALOGUE.values()
}


@router.get(
    "/quality",
    summary="How far the data can be trusted",
    response_model=QualityReport,
    responses=responses(404, 501, cached=True),
)
def quality(
    *,
    shared: InContext,
    conditional: InConditional,
    area: AreaFilter = None,
    kind: Annotated[str | None, Query(description="port, or a device kind")] = None,
) -> Response:
    """Reporters by kind and area at the newest instant; what workers refused in the last hour.

    Implausible are readings that contradict themselves, as they are stored. Readings out of range,
    duplicates and wrong clocks never reach the database: workers refuse and count them.
    """
    evaluation = evaluation_of(shared.publication())
    if kind not in {None, PORT_REPORTER, *KINDS}:
        raise ApiProblem(404, "unknown-kind", "No such kind", f"there is no kind {kind!r}")
    chosen = None if area is None else known_area(evaluation.inventory, area)
    code = None if chosen is None else evaluation.inventory.city.areas[chosen].code
    report = QualityReport(
        as_of=rfc3339(evaluation.as_of_ms),
        as_of_ms=evaluation.as_of_ms,
        items=[
            _share_out(share)
            for share in shares(evaluation.instant)
            if (kind is None or share.kind == kind) and (code is None or share.area == code)
        ],
        refused=_refused(shared),
    )
    return conditional.answer(report, telling_time={"refused": {"since": True, "until": True}})


def _share_out(share: Share) -> FreshShare:
    return FreshShare(
        kind=share.kind,
        name=name_out(NAMES[share.kind]),
        area=share.area,
        expected=share.expected,
        fresh=share.fresh,
        fresh_share=share.quality.fresh_share,
        incomplete=share.incomplete,
        implausible=share.implausible,
        unregistered=share.unregistered,
        grade=share.quality.grade,
    )


def _refused(shared: Context) -> Refused | None:
    until_ms = shared.clock.now_ms()
    since_ms = until_ms - HOUR_MS
    try:
        found = refusals(shared.store, since_ms, until_ms)
    except StoreError:
        return None  # Freshness is known from memory all the same.
    total = RefusalCounts.total(found.values())
    return Refused(
        since=rfc3339(since_ms),
        until=rfc3339(until_ms),
        **total._asdict(),
        workers=[
            RefusedBy(worker=worker, **mine._asdict()) for worker, mine in sorted(found.items())
        ],
    )


@router.get(
    "/quality/implausible",
    summary="Ports whose newest report contradicts itself",
    response_model=ImplausiblePage,
    responses=responses(400, 404, 410, 501, cached=True),
)
def implausible(
    *,
    shared: InContext,
    conditional: InConditional,
    area: AreaFilter = None,
    contradiction: Annotated[Contradiction | None, Query(description="only this one")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 500,
) -> ImplausiblePage:
    """Each port with what it said, and which values cannot both be right."""
    place = position(shared, cursor, "implausible", area, contradiction)
    evaluation = evaluation_of(place.publication)
    conditional.check_publication(place.publication)
    flags = implausible_ports(evaluation.instant)
    if contradiction is not None:
        flags = contradictions(evaluation.instant)[contradiction]
    if area is not None:
        inventory = evaluation.inventory
        flags = flags & (inventory.port_area == known_area(inventory, area))
    found = np.flatnonzero(flags).tolist()
    chosen, following = cut(found, place.offset, limit)
    return ImplausiblePage(
        as_of=rfc3339(evaluation.as_of_ms),
        as_of_ms=evaluation.as_of_ms,
        total=len(found),
        items=[_implausible_out(evaluation, index) for index in chosen],
        next_cursor=place.next(following),
    )


def _implausible_out(evaluation: Evaluation, index: int) -> ImplausiblePort:
    mine = [c for c, flags in contradictions(evaluation.instant).items() if flags[index]]
    return ImplausiblePort(
        port=port_out(ONU_ONLINE.entry(evaluation.instant, index)),
        contradictions=[
            ContradictionOut(slug=str(c), zh=TEXTS[c].zh, en=TEXTS[c].en) for c in mine
        ],
    )


@router.get(
    "/quality/unregistered",
    summary="Reporters that the city file does not list",
    response_model=UnregisteredPage,
    responses=responses(400, 404, 410, 501, cached=True),
)
def unregistered(
    *,
    shared: InContext,
    conditional: InConditional,
    area: Annotated[str | None, Query(description="as the topic names it")] = None,
    kind: Annotated[str | None, Query(description="port, or a device kind")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 500,
) -> UnregisteredPage:
    """Whoever reported inside the window of its kind without being registered."""
    place = position(shared, cursor, "unregistered", area, kind)
    evaluation = evaluation_of(place.publication)
    conditional.check_publication(place.publication)
    found = sorted(
        (reporter, at)
        for reporter, at in current_unregistered(evaluation.instant)
        if (area is None or reporter.area == area) and (kind is None or reporter.kind == kind)
    )
    chosen, following = cut(found, place.offset, limit)
    return UnregisteredPage(
        as_of=rfc3339(evaluation.as_of_ms),
        as_of_ms=evaluation.as_of_ms,
        total=len(found),
        overflow=evaluation.state.unregistered.overflow,
        items=[
            Unregistered(
                kind=s.kind, area=s.area, id=s.identity, last_report=rfc3339(at), last_report_ms=at
            )
            for s, at in chosen
        ],
        next_cursor=place.next(following),
    )
