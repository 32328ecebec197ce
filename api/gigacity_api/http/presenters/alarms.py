"""Alarms as schemas of the answers. Pure."""

from collections.abc import Iterable

from gigacity_api.alarms.catalogue import ALARM_TYPES, CAUSES
from gigacity_api.alarms.maintenance import MaintenanceWindow
from gigacity_api.alarms.model import Act, Alarm, AlarmResource, Severity, StatusChange
from gigacity_api.alarms.quality import AlarmSystemQuality
from gigacity_api.alarms.wording import place_of
from gigacity_api.http.schemas.alarms import (
    AlarmCause,
    AlarmChange,
    AlarmComment,
    AlarmCounts,
    AlarmDetail,
    AlarmedObject,
    AlarmImpact,
    AlarmOut,
    AlarmParts,
    AlarmQuality,
    AlarmRef,
    ChildOut,
    FigureShiftOut,
    FrequentSourceOut,
    MaintenanceOut,
)
from gigacity_api.http.schemas.common import BilingualName
from gigacity_city.model import City
from gigacity_contract.local_time import rfc3339


def alarm_out(alarm: Alarm, city: City) -> AlarmOut:
    """One alarm, as lists show it."""
    return AlarmOut.model_validate(_fields(alarm, city))


def alarm_detail(alarm: Alarm, city: City, parts: Iterable[Alarm]) -> AlarmDetail:
    """One alarm with its history; ``parts`` are the alarms of which it is the cause."""
    comments = [c for c in alarm.history if c.act is Act.COMMENT]
    more = AlarmParts(
        history=[_change(change) for change in alarm.history],
        comment=[
            AlarmComment(comment=c.why, user_id=c.who, system_id="gigacity", time=rfc3339(c.at_ms))
            for c in comments
        ],
        children=[
            ChildOut(
                specific_problem=child.type,
                alarmed_object_type=str(child.resource.kind),
                alarmed_object=_object(child.resource, city),
            )
            for child in alarm.children
        ],
        correlated_alarm=[AlarmRef(id=part.id) for part in parts],
    )
    return AlarmDetail.model_validate(_fields(alarm, city) | dict(more))


def _fields(alarm: Alarm, city: City) -> dict[str, object]:
    type_, operator = ALARM_TYPES.get(alarm.type), alarm.operator
    cause, impact = alarm.cause, alarm.impact
    is_changed = bool(alarm.history) and alarm.history[0].act is not Act.RAISE
    state = "cleared" if alarm.is_cleared else "updated" if is_changed else "raised"
    is_acknowledged = operator.state in {"ack", "closed"}
    return {
        "id": alarm.id,
        "state": state,
        "alarm_type": str(type_.x_type) if type_ else "processingErrorAlarm",
        "specific_problem": alarm.type,
        "probable_cause": cause.slug if cause else None,
        "perceived_severity": str(alarm.severity),
        "alarmed_object_type": str(alarm.resource.kind),
        "alarmed_object": _object(alarm.resource, city),
        "source_system_id": "gigacity",
        "alarm_raised_time": rfc3339(alarm.raised_ms),
        "alarm_reporting_time": rfc3339(alarm.reported_ms),
        "alarm_changed_time": rfc3339(alarm.changed_ms),
        "alarm_cleared_time": _time(alarm.cleared_ms),
        "alarm_details": BilingualName(zh=alarm.text.zh, en=alarm.text.en),
        "proposed_repaired_actions": BilingualName(
            zh=type_.next_step.zh if type_ else "", en=type_.next_step.en if type_ else ""
        ),
        "is_root_cause": alarm.parent is None,
        "parent_alarm": [AlarmRef(id=alarm.parent)] if alarm.parent else [],
        "service_affecting": bool(impact.households_at_most or impact.onus),
        "affected_service": [shift.indicator for shift in impact.figures],
        "planned_outage_indicator": alarm.is_planned,
        "ack_state": "acknowledged" if is_acknowledged else "unacknowledged",
        "ack_user_id": operator.who if is_acknowledged else None,
        "operator_state": operator.state,
        "shelved_until": _time(operator.until_ms if alarm.is_shelved else None),
        "cause": None if cause is None else AlarmCause(
            slug=cause.slug, certainty=cause.certainty, candidates=list(cause.candidates),
            name=_cause_name(cause.slug),
        ),
        "impact": AlarmImpact(
            households=impact.households, households_at_most=impact.households_at_most,
            buildings=impact.buildings, ports=impact.ports, onus=impact.onus,
            devices=impact.devices,
            figures=[
                FigureShiftOut(indicator=f.indicator, scope=f.scope, code=f.code, by=f.by)
                for f in impact.figures
            ],
        ),
        "children_by_type": alarm.children_by_type,
        "times_raised": alarm.times_raised,
        "is_flapping": alarm.is_flapping,
        "is_life_safety": bool(type_ and type_.is_life_safety),
        "runbook": type_.runbook if type_ else "",
    }  # fmt: skip


def _cause_name(slug: str) -> BilingualName:
    found = CAUSES.get(slug)
    return BilingualName(zh=found.name.zh if found else slug, en=found.name.en if found else slug)


def _object(resource: AlarmResource, city: City) -> AlarmedObject:
    place = place_of(resource, city)
    return AlarmedObject(
        id=resource.id, area=resource.area or None, place=BilingualName(zh=place.zh, en=place.en)
    )


def _change(change: StatusChange) -> AlarmChange:
    return AlarmChange(
        time=rfc3339(change.at_ms), act=str(change.act), perceived_severity=str(change.severity),
        user_id=change.who or None, why=change.why or None, until=_time(change.until_ms or None),
        probable_cause=change.cause or None,
    )  # fmt: skip


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339(at_ms)


def alarm_counts(alarms: Iterable[Alarm]) -> AlarmCounts:
    """Of those that stand alone."""
    counts = dict.fromkeys(map(str, Severity), 0)
    unacknowledged = 0
    for alarm in alarms:
        if alarm.is_open:
            counts[str(alarm.severity)] += 1
            unacknowledged += alarm.operator.state == "none"
    return AlarmCounts(**counts, unacknowledged=unacknowledged)


def quality_out(quality: AlarmSystemQuality) -> AlarmQuality:
    """The measures of the alarm system."""
    fields = quality._asdict()
    fields["most_frequent"] = [
        FrequentSourceOut(
            id=f.id, specific_problem=f.type, alarmed_object_type=str(f.resource.kind),
            alarmed_object_id=f.resource.id, raised=f.raised, share=f.share,
        )
        for f in quality.most_frequent
    ]  # fmt: skip
    return AlarmQuality(**fields)


def window_out(window: MaintenanceWindow) -> MaintenanceOut:
    """A maintenance window."""
    return MaintenanceOut(
        id=window.id, kind=str(window.resource.kind), resource=window.resource.id,
        starts=rfc3339(window.starts_ms), ends=rfc3339(window.ends_ms), who=window.who,
        why=window.why, ticket=window.ticket, is_cancelled=window.is_cancelled,
    )  # fmt: skip
