"""Maintenance windows: planned work, so that its alarms call nobody."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path

from gigacity_api.alarms.maintenance import MaintenanceWindow
from gigacity_api.alarms.model import AlarmResource, ResourceKind
from gigacity_api.http.auditing import audit_alarm
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import InContext, KeyedRoute, known_alarms, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.parameters import moment_ms
from gigacity_api.http.presenters.alarms import window_out
from gigacity_api.http.problem_types import (
    ALARMS_ELSEWHERE,
    BAD_REQUEST,
    INVALID_REQUEST,
    TOO_MANY_WINDOWS,
    UNKNOWN_ALARM,
    ApiProblem,
)
from gigacity_api.http.responses import answers, responses
from gigacity_api.http.routers.alarms import Operator
from gigacity_api.http.schemas.alarms import MaintenanceIn, MaintenanceOut, MaintenancePage

reading = read_router("alarms")
acting = APIRouter(prefix="/api/v1", tags=["alarms"], route_class=KeyedRoute)
router = APIRouter(dependencies=[Depends(known_alarms)])

LONGEST_MS = 31 * 86_400_000
_PLANNED: dict[str, Any] = {
    "response_model": MaintenanceOut,
    "responses": responses(BAD_REQUEST, 413, UNKNOWN_ALARM, ALARMS_ELSEWHERE, TOO_MANY_WINDOWS),
}


@reading.get("/maintenance", summary="Planned work", **answers(MaintenancePage))
def windows(shared: InContext, conditional: InConditional) -> MaintenancePage:
    """Windows that have not ended.

    未结束的检修窗口。
    """
    snapshot = shared.alarms.snapshot
    conditional.check(snapshot.edition, shared.clock.now_ms() // 60_000)
    now_ms = shared.clock.now_ms()
    known = sorted(
        (w for w in snapshot.windows if w.ends_ms > now_ms), key=lambda w: (w.starts_ms, w.id)
    )
    return MaintenancePage(items=[window_out(window) for window in known])


@acting.post("/maintenance", summary="Plan work", status_code=201, **_PLANNED)
def plan(shared: InContext, key: Operator, given: MaintenanceIn) -> MaintenanceOut:
    """Alarms of the resource, and of what hangs below it, are recorded as planned meanwhile.

    Figures are not touched, and calls for help (smoke, gas, SOS) are told all the same.
    登记检修窗口:期间的告警记为计划内,不通知任何人;指标不受影响。
    """
    starts_ms, ends_ms = moment_ms("starts", given.starts), moment_ms("ends", given.ends)
    if not (starts_ms < ends_ms <= starts_ms + LONGEST_MS and ends_ms > shared.clock.now_ms()):
        raise ApiProblem(
            INVALID_REQUEST, "body.ends: must come after starts and now, and within 31 days"
        )
    who = f"{given.user} ({key.name})" if given.user else key.name
    window = MaintenanceWindow(
        id=f"mw-{shared.clock.now_ms()}",
        resource=AlarmResource(given.kind, given.id, _area(given)),
        starts_ms=starts_ms,
        ends_ms=ends_ms,
        who=who,
        why=given.why,
        ticket=given.ticket,
    )
    return _taken(shared, window, "plan", key.name)


def _area(given: MaintenanceIn) -> str:
    return given.id if given.kind is ResourceKind.AREA else ""


@acting.delete("/maintenance/{window}", summary="Call planned work off", **_PLANNED)
def cancel(
    shared: InContext,
    key: Operator,
    id_: Annotated[str, Path(alias="window", pattern="^mw-[0-9]{1,15}$")],
) -> MaintenanceOut:
    """End a window now.

    取消检修窗口。
    """
    found = next((w for w in shared.alarms.snapshot.windows if w.id == id_), None)
    if found is None:
        raise ApiProblem(UNKNOWN_ALARM, f"there is no maintenance window {id_!r}")
    return _taken(shared, msgspec.structs.replace(found, is_cancelled=True), "cancel", key.name)


def _taken(shared: Context, window: MaintenanceWindow, act: str, key: str) -> MaintenanceOut:
    if not shared.alarms.is_leading:
        raise ApiProblem(ALARMS_ELSEWHERE, ALARMS_ELSEWHERE.meaning)
    if not shared.alarms.plan(window):
        raise ApiProblem(TOO_MANY_WINDOWS, TOO_MANY_WINDOWS.meaning)
    audit_alarm(f"maintenance {act}", key, window.id, window.who)
    return window_out(window)


router.include_router(reading)
router.include_router(acting)
