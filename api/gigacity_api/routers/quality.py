"""Data quality: who is fresh, what was refused, who reports without being registered."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import numpy as np
from fastapi import APIRouter, Depends, Query, Response

from gigacity_api.asking import AreaFilter
from gigacity_api.conditional import InConditional
from gigacity_api.context import Context, evaluation_of
from gigacity_api.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    cut,
    position,
    require_read,
)
from gigacity_api.errors import ApiProblem, StoreError
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.quality import grade
from gigacity_api.indicators.state import Stranger
from gigacity_api.indicators.universe import KINDS
from gigacity_api.indicators.verdicts import Flags, Indices
from gigacity_api.known import known_area
from gigacity_api.presenting import name_out
from gigacity_api.problems import responses
from gigacity_api.refusals import IMPLAUSIBLE, WorkerTotals, letters
from gigacity_api.schemas.common import rfc3339
from gigacity_api.schemas.quality import (
    FreshShare,
    QualityReport,
    Refused,
    Unregistered,
    UnregisteredPage,
)
from gigacity_contract.city.model import Name
from gigacity_contract.decoding import Reason
from gigacity_contract.kinds import CATALOGUE

router = APIRouter(prefix="/api/v1", tags=["quality"], dependencies=[Depends(require_read)])

HOUR_MS = 3_600_000
PORT = "port"
PORT_NAME = Name("PON端口", "PON port")


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
    """Fresh share by kind and area at the newest instant; what workers refused in the last hour."""
    evaluation = evaluation_of(shared.publication())
    if kind not in {None, PORT, *KINDS}:
        raise ApiProblem(404, "unknown-kind", "No such kind", f"there is no kind {kind!r}")
    chosen = None
    if area is not None:
        index = known_area(evaluation.universe, area)
        chosen = evaluation.universe.city.areas[index].code
    items = [
        item
        for item in _shares(evaluation)
        if (kind is None or item.kind == kind) and (chosen is None or item.area == chosen)
    ]
    report = QualityReport(
        as_of=rfc3339(evaluation.as_of_ms),
        as_of_ms=evaluation.as_of_ms,
        items=items,
        refused=_refused(shared),
    )
    return conditional.answer(report, telling_time={"refused": {"since": True, "until": True}})


class _Reporters(NamedTuple):
    """The registered reporters of one kind."""

    kind: str
    name: Name
    area: Indices
    fresh: Flags


def _reporters(evaluation: Evaluation) -> Iterator[_Reporters]:
    universe = evaluation.universe
    yield _Reporters(PORT, PORT_NAME, universe.port_area, evaluation.ports.fresh)
    for index, kind in enumerate(KINDS):
        mine = universe.device_kind == index
        name = Name(CATALOGUE[kind].zh, CATALOGUE[kind].en)
        yield _Reporters(kind, name, universe.device_area[mine], evaluation.devices.fresh[mine])


def _shares(evaluation: Evaluation) -> Iterator[FreshShare]:
    """Of each kind the city first, then every area that expects or hears anything of it."""
    areas = evaluation.universe.city.areas
    strangers = Counter((s.kind, s.area) for s, _ in _current_strangers(evaluation))
    everywhere = Counter(s.kind for s, _ in _current_strangers(evaluation))
    for reporters in _reporters(evaluation):
        kind = reporters.kind
        expected = np.bincount(reporters.area, minlength=len(areas)).tolist()
        heard = np.bincount(reporters.area[reporters.fresh], minlength=len(areas)).tolist()
        yield _share(reporters, None, (sum(heard), sum(expected), everywhere[kind]))
        for area, got, due in zip(areas, heard, expected, strict=True):
            unregistered = strangers[kind, area.code]
            if due or unregistered:
                yield _share(reporters, area.code, (got, due, unregistered))


def _share(reporters: _Reporters, area: str | None, counts: tuple[int, int, int]) -> FreshShare:
    fresh, expected, unregistered = counts
    found = grade(fresh, expected, unregistered)
    return FreshShare(
        kind=reporters.kind,
        name=name_out(reporters.name),
        area=area,
        expected=expected,
        fresh=fresh,
        fresh_share=found.fresh_share,
        unregistered=unregistered,
        grade=found.grade,
    )


def _current_strangers(evaluation: Evaluation) -> Iterator[tuple[Stranger, int]]:
    """Unregistered reporters that reported inside the window of their kind."""
    windows = {kind: _window_ms(evaluation, kind) for kind in (PORT, *KINDS)}
    for stranger, at in evaluation.state.strangers.seen.items():
        if at > evaluation.as_of_ms - windows[stranger.kind]:
            yield stranger, at


def _window_ms(evaluation: Evaluation, kind: str) -> int:
    cadence = evaluation.universe.city.cadence
    return cadence.pon_window_ms() if kind == PORT else cadence.window_ms(kind)


def _refused(shared: Context) -> Refused | None:
    until_ms = shared.clock.now_ms()
    since_ms = until_ms - HOUR_MS
    try:
        found = letters(shared.store, since_ms, until_ms)
        totals = WorkerTotals(shared.store, since_ms, until_ms)
    except StoreError:
        return None  # Freshness is known from memory all the same.

    def of(*reasons: Reason) -> int:
        return sum(growth.added for (reason, _), growth in found.items() if reason in reasons)

    return Refused(
        since=rfc3339(since_ms),
        until=rfc3339(until_ms),
        implausible=of(*IMPLAUSIBLE),
        duplicates=of(Reason.DUPLICATE_ENTRY) + totals.grown("messages_redelivered"),
        absent_fields=totals.grown("absent_fields"),
        dead_letters=of(*Reason),
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
        (stranger, at)
        for stranger, at in _current_strangers(evaluation)
        if (area is None or stranger.area == area) and (kind is None or stranger.kind == kind)
    )
    chosen, following = cut(found, place.offset, limit)
    return UnregisteredPage(
        as_of=rfc3339(evaluation.as_of_ms),
        as_of_ms=evaluation.as_of_ms,
        total=len(found),
        overflow=evaluation.state.strangers.overflow,
        items=[
            Unregistered(
                kind=s.kind, area=s.area, id=s.identity, last_report=rfc3339(at), last_report_ms=at
            )
            for s, at in chosen
        ],
        next_cursor=place.next(following),
    )
