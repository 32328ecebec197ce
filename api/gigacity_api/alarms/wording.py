"""What an alarm says, in both languages: what, where, whom it hits, and why."""

from gigacity_api.alarms.catalogue import ALARM_TYPES, CAUSES
from gigacity_api.alarms.model import AlarmResource, AlarmText, Impact, ResourceKind, RootCause
from gigacity_city.model import City

_KINDS = {
    ResourceKind.CITY: ("全市", "city"), ResourceKind.AREA: ("区县", "area"),
    ResourceKind.OLT: ("OLT", "OLT"), ResourceKind.CARD: ("业务板", "card"),
    ResourceKind.PORT: ("端口", "port"), ResourceKind.COMMUNITY: ("社区", "community"),
    ResourceKind.GATEWAY: ("网关", "gateway"), ResourceKind.DEVICE: ("设备", "device"),
    ResourceKind.FIGURE: ("指标", "figure"), ResourceKind.WORKER: ("采集进程", "worker"),
    ResourceKind.DATABASE: ("数据库", "database"), ResourceKind.EVALUATOR: ("计算", "evaluator"),
}  # fmt: skip


def place_of(resource: AlarmResource, city: City) -> AlarmText:
    """Where: the area's name, and the resource's."""
    area = next((a for a in city.areas if a.code == resource.area), None)
    zh, en = _KINDS[resource.kind]
    name = resource.id
    code = name.split("/")[0]
    if resource.kind in {ResourceKind.COMMUNITY, ResourceKind.DEVICE}:
        community = city.community_by_code.get(code)
        name = name.replace(code, community.name, 1) if community else name
    if area is not None and resource.kind is ResourceKind.AREA:
        return AlarmText(area.name.zh, area.name.en)
    if area is None:
        return AlarmText(f"{zh} {name}", f"{en} {name}")
    return AlarmText(f"{area.name.zh} {zh} {name}", f"{en} {name}, {area.name.en}")


def text_of(
    type_id: str,
    resource: AlarmResource,
    cause: RootCause | None,
    impact: Impact,
    city: City,
) -> AlarmText:
    """One line."""
    name, place = ALARM_TYPES[type_id].name, place_of(resource, city)
    hit, why = _impact(impact), _cause(cause)
    return AlarmText(
        f"{name.zh}:{place.zh}{hit.zh}{why.zh}", f"{name.en}: {place.en}{hit.en}{why.en}"
    )


def _impact(impact: Impact) -> AlarmText:
    least, most = impact.households, impact.households_at_most
    if most:
        count = f"{least}" if least == most else f"{least}–{most}"
        return AlarmText(f",{count}户失去千兆", f"; {count} households without gigabit")
    if impact.onus:
        return AlarmText(f",{impact.onus}个ONU掉线", f"; {impact.onus} ONUs offline")
    if impact.devices > 1:
        return AlarmText(f",{impact.devices}台设备", f"; {impact.devices} devices")
    return AlarmText("", "")


def _cause(cause: RootCause | None) -> AlarmText:
    if cause is None:
        return AlarmText("", "")
    if cause.certainty == "confirmed":
        name = CAUSES[cause.slug].name
        return AlarmText(f",原因:{name.zh}", f"; cause: {name.en}")
    names = [CAUSES[slug].name for slug in cause.candidates]
    zh, en = "或".join(n.zh for n in names), " or ".join(n.en for n in names)
    return AlarmText(f",疑似:{zh}", f"; suspected: {en}")
