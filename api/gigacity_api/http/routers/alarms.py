"""Alarms: the list, one of them, what operators do with them, and how good the system is."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from gigacity_api.alarms.book import MAX_ACTIVE
from gigacity_api.alarms.model import Act, Alarm, ResourceKind, Severity
from gigacity_api.alarms.quality import quality_of
from gigacity_api.http.auditing import audit_alarm
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import (
    InContext,
    KeyedRoute,
    check_alarms,
    known_alarms,
    read_router,
    require_operate,
)
from gigacity_api.http.etag import InConditional
from gigacity_api.http.paging import PageCursor, position
from gigacity_api.http.parameters import AreaFilter, Filter, Paged, QueryTime, moment_ms
from gigacity_api.http.presenters.alarms import alarm_detail, alarm_out, quality_out
from gigacity_api.http.problem_types import (
    ALARMS_ELSEWHERE,
    BAD_REQUEST,
    INVALID_REQUEST,
    UNKNOWN_ALARM,
    ApiProblem,
)
from gigacity_api.http.responses import answers, responses
from gigacity_api.http.schemas.alarms import (
    AlarmActIn,
    AlarmCommentIn,
    AlarmDetail,
    AlarmPage,
    AlarmQuality,
    AlarmShelveIn,
)
from gigacity_api.keys import ApiKey

listing = read_router("alarms")
reading = read_router("alarms")
acting = APIRouter(prefix="/api/v1", tags=["alarms"], route_class=KeyedRoute)
router = APIRouter()

LONGEST_SHELF_MS = 7 * 86_400_000

Operator = Annotated[ApiKey, Depends(require_operate)]
AlarmId = Annotated[
    str, Path(alias="alarm", pattern="^[0-9a-f]{16}$", examples=["5f0c8a529d3e4a4b"])
]


_SHOWN: dict[str, Any] = {
    "response_model": AlarmDetail,
    "responses": responses(UNKNOWN_ALARM, cached=True),
}


class AlarmsQuery(Paged):
    """Alarms, filtered; the newest first."""

    state: Literal["open", "active", "cleared", "all"] = Field(
        "open",
        description="open: active, and not part of another one; active: those, too; cleared; all",
    )
    severity: list[Severity] | None = Field(None, description="may be repeated")
    type: Filter = Field(None, description="of the catalogue, or the beginning of one (pon.)")
    kind: list[ResourceKind] | None = Field(None, description="of the alarmed object")
    area: AreaFilter = None
    cause: Filter = Field(None, description="slug of a cause")
    parent: str | None = Field(None, description="only parts of this alarm", max_length=32)
    acknowledged: bool | None = Field(None, description="whether somebody took it on")
    raised_from: QueryTime | None = Field(
        None, alias="from", description="RFC 3339; raised then or later"
    )
    partial: bool = Field(
        False,
        description="answer before the log of alarms was read, too, as while the database is away"
        " at the service's start: with what the platform has said of itself since then",
    )


@listing.get("/alarms", summary="What is wrong", **answers(AlarmPage, 400))
def alarms(
    shared: InContext, conditional: InConditional, query: Annotated[AlarmsQuery, Query()]
) -> AlarmPage:
    """Alarms, one for each cause, the newest first; names are those of TMF642.

    An alarm that is raised between two pages stands on none of them: begin again to see it.
    Where `is_whole` is false, an alarm that is not listed may be open all the same.
    告警列表:一个原因一条告警,最新的在前;字段名遵循 TMF642。
    """
    # Asked first: what is seen afterwards may only be more.
    is_whole = shared.alarms.is_restored
    if not query.partial:
        check_alarms(shared)
    snapshot = shared.alarms.snapshot
    cursor = position(query, "alarms")
    conditional.check(snapshot.edition, shared.inventory.city.version, is_whole)
    from_ms = None if query.raised_from is None else moment_ms("from", query.raised_from)
    found = [a for a in snapshot.alarms if _is_wanted(a, query, from_ms)]
    found.sort(key=lambda a: (-a.raised_ms, a.id))
    rest = _after(found, cursor)
    page, city = rest[: query.limit], shared.inventory.city
    following = _cursor(cursor, page) if len(rest) > len(page) else None
    items = [alarm_out(alarm, city) for alarm in page]
    return AlarmPage(total=len(found), items=items, next_cursor=following, is_whole=is_whole)


def _is_wanted(alarm: Alarm, query: AlarmsQuery, from_ms: int | None) -> bool:
    state = {
        "open": alarm.is_open, "active": not alarm.is_cleared, "cleared": alarm.is_cleared,
        "all": True,
    }[query.state]  # fmt: skip
    acknowledged = alarm.operator.state in {"ack", "closed"}
    return (
        state
        and (not query.severity or alarm.severity in query.severity)
        and (not query.type or alarm.type.startswith(tuple(query.type)))
        and (not query.kind or alarm.resource.kind in query.kind)
        and query.area in {None, alarm.resource.area}
        and (not query.cause or (alarm.cause is not None and alarm.cause.slug in query.cause))
        and query.parent in {None, alarm.parent}
        and query.acknowledged in {None, acknowledged}
        and (from_ms is None or alarm.raised_ms >= from_ms)
    )


def _after(found: list[Alarm], cursor: PageCursor) -> list[Alarm]:
    """What stands after the last entry of the page before: by its moment, and how many of it."""
    if not cursor.as_of_ms:
        return found
    same = [a for a in found if a.raised_ms == cursor.as_of_ms][cursor.offset :]
    return same + [a for a in found if a.raised_ms < cursor.as_of_ms]


def _cursor(cursor: PageCursor, page: list[Alarm]) -> str | None:
    last = page[-1].raised_ms
    given = sum(a.raised_ms == last for a in page)
    before = cursor.offset if cursor.as_of_ms == last else 0
    return PageCursor(last, cursor.question, 0).at(before + given)


@reading.get("/alarms/quality", summary="How good the alarms are", **answers(AlarmQuality))
def alarm_quality(shared: InContext, conditional: InConditional) -> AlarmQuality:
    """Rate, floods, chattering, stale ones, the most frequent sources, time to acknowledge.

    告警系统自身的质量(ISA-18.2):频率、洪泛、抖动、陈旧告警、最频繁来源、确认用时。
    """
    now_ms = shared.clock.now_ms()
    conditional.check(shared.alarms.snapshot.edition, now_ms // 60_000)
    return quality_out(quality_of(shared.alarms.snapshot.alarms, now_ms))


@reading.get("/alarms/{alarm}", summary="One alarm", **_SHOWN)
def alarm(shared: InContext, conditional: InConditional, id_: AlarmId) -> AlarmDetail:
    """An alarm with its history, what it explains, and whom it hits."""
    conditional.check(shared.alarms.snapshot.edition, shared.inventory.city.version)
    return _detail(shared, id_)


def _known(shared: Context, id_: str) -> Alarm:
    found = next((a for a in shared.alarms.snapshot.alarms if a.id == id_), None)
    if found is None:
        raise ApiProblem(UNKNOWN_ALARM, f"there is no alarm {id_!r} among those that are kept")
    return found


def _detail(shared: Context, id_: str) -> AlarmDetail:
    parts = [a for a in shared.alarms.snapshot.alarms if a.parent == id_ and not a.is_cleared]
    return alarm_detail(_known(shared, id_), shared.inventory.city, parts[:MAX_ACTIVE])


_ACTED: dict[str, Any] = {
    "response_model": AlarmDetail,
    "responses": responses(BAD_REQUEST, 413, UNKNOWN_ALARM, ALARMS_ELSEWHERE),
}


def _act(
    shared: Context, key: ApiKey, id_: str, act: Act, *, why: str, user: str, until_ms: int = 0
) -> AlarmDetail:
    if not shared.alarms.is_leading:
        raise ApiProblem(ALARMS_ELSEWHERE, ALARMS_ELSEWHERE.meaning)
    _known(shared, id_)
    who = f"{user} ({key.name})" if user else key.name
    shared.alarms.act([id_], act, who=who, why=why, until_ms=until_ms)
    audit_alarm(act, key.name, id_, user)
    return _detail(shared, id_)


@acting.post("/alarms/{alarm}/acknowledge", summary="Take an alarm on", **_ACTED)
def acknowledge(shared: InContext, key: Operator, id_: AlarmId, given: AlarmActIn) -> AlarmDetail:
    """Say that somebody looks after it: it is repeated less often.

    确认告警。
    """
    return _act(shared, key, id_, Act.ACKNOWLEDGE, why=given.why, user=given.user)


@acting.post("/alarms/{alarm}/unacknowledge", summary="Give an alarm back", **_ACTED)
def unacknowledge(shared: InContext, key: Operator, id_: AlarmId, given: AlarmActIn) -> AlarmDetail:
    """Take an acknowledgement back; one that was closed is open again.

    取消确认。
    """
    return _act(shared, key, id_, Act.UNACKNOWLEDGE, why=given.why, user=given.user)


@acting.post("/alarms/{alarm}/comment", summary="Say something of an alarm", **_ACTED)
def comment(
    shared: InContext,
    key: Operator,
    id_: AlarmId,
    given: AlarmCommentIn,
) -> AlarmDetail:
    """Add a comment to its history.

    添加备注。
    """
    return _act(shared, key, id_, Act.COMMENT, why=given.comment, user=given.user)


@acting.post("/alarms/{alarm}/shelve", summary="Put an alarm aside", **_ACTED)
def shelve(
    shared: InContext,
    key: Operator,
    id_: AlarmId,
    given: AlarmShelveIn,
) -> AlarmDetail:
    """Let it change silently until a time, with a reason; the shelf ends by itself.

    搁置告警。
    """
    now_ms, until_ms = shared.clock.now_ms(), moment_ms("until", given.until)
    if not now_ms < until_ms <= now_ms + LONGEST_SHELF_MS:
        raise ApiProblem(INVALID_REQUEST, "body.until: must lie within the next 7 days")
    return _act(shared, key, id_, Act.SHELVE, why=given.why, user=given.user, until_ms=until_ms)


@acting.post("/alarms/{alarm}/unshelve", summary="Take an alarm back from the shelf", **_ACTED)
def unshelve(shared: InContext, key: Operator, id_: AlarmId, given: AlarmActIn) -> AlarmDetail:
    """End a shelf before its time.

    取消搁置。
    """
    return _act(shared, key, id_, Act.UNSHELVE, why=given.why, user=given.user)


@acting.post("/alarms/{alarm}/close", summary="Be done with an alarm", **_ACTED)
def close(shared: InContext, key: Operator, id_: AlarmId, given: AlarmActIn) -> AlarmDetail:
    """Say that nothing more is to be done; it still clears only when the resource is well.

    An alarm that is raised again begins unacknowledged. 关闭告警。
    """
    return _act(shared, key, id_, Act.CLOSE, why=given.why, user=given.user)


router.include_router(listing)
for _routes in (reading, acting):
    router.include_router(_routes, dependencies=[Depends(known_alarms)])
