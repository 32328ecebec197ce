"""Alarms on the wire, under the names of TMF642 where it has one; what it lacks stands beside."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from gigacity_api.alarms.model import ResourceKind
from gigacity_api.http.schemas.common import (
    CURSOR_EXAMPLE,
    BilingualName,
    Model,
    ResponseBody,
    Time,
)

_SHOWN = ConfigDict(
    json_schema_extra=lambda schema, model: schema.update(examples=[model.whole_example()])
)


class CamelModel(Model):
    """Base of what TMF642 names: its names are in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    @classmethod
    def whole_example(cls) -> JsonDict:
        """As it is sent."""
        return {to_camel(name): value for name, value in super().whole_example().items()}


class AlarmedObject(CamelModel):
    """What an alarm speaks of."""

    id: str = Field(examples=["olt-1/2/3"])
    area: str | None = Field(description="code of its area", examples=["371602"])
    place: BilingualName = Field(description="the same in words")

    example: ClassVar[JsonDict] = {
        "place": {"zh": "滨城区 端口 olt-1/2/3", "en": "port olt-1/2/3, Bincheng District"}
    }


class AlarmRef(CamelModel):
    """Another alarm."""

    id: str = Field(examples=["5f0c8a529d3e4a4b"])


class AlarmCause(CamelModel):
    """Why, as far as it can be told."""

    slug: str = Field(examples=["feeder"])
    certainty: Literal["confirmed", "suspected"] = Field(examples=["suspected"])
    candidates: list[str] = Field(
        description="every cause that explains what is seen", examples=[["feeder", "power"]]
    )
    name: BilingualName

    example: ClassVar[JsonDict] = {
        "name": {"zh": "主干光缆或一级分光器中断", "en": "feeder fibre or first splitter cut"}
    }


class FigureShiftOut(CamelModel):
    """How much lower the lower bound of a figure stands than without the alarm."""

    indicator: str = Field(examples=["home.gigabit_access"])
    scope: str = Field(examples=["city"])
    code: str = Field(examples=["371600"])
    by: float = Field(examples=[-0.0021])


class AlarmImpact(CamelModel):
    """Whom an alarm hits."""

    households: int = Field(description="known to have no working 10G path left", examples=[412])
    households_at_most: int = Field(
        description="with the ports that nobody hears, or that lost only some ONUs", examples=[412]
    )
    buildings: int = Field(examples=[9])
    ports: int = Field(examples=[1])
    onus: int = Field(description="that went offline", examples=[38])
    devices: int = Field(examples=[0])
    figures: list[FigureShiftOut]


class AlarmComment(CamelModel):
    """What an operator wrote."""

    comment: str = Field(examples=["crew on its way"])
    user_id: str = Field(examples=["noc-board"])
    system_id: str = Field("gigacity", examples=["gigacity"])
    time: Time = Field(examples=["2026-11-24T02:10:00.000Z"])


class AlarmOut(CamelModel):
    """One alarm: TMF642's names, and ours where it has none."""

    id: str = Field(examples=["5f0c8a529d3e4a4b"])
    state: Literal["raised", "updated", "cleared"] = Field(examples=["raised"])
    alarm_type: str = Field(description="of ITU-T X.733", examples=["communicationsAlarm"])
    specific_problem: str = Field(description="type of the catalogue", examples=["pon.onu_loss"])
    probable_cause: str | None = Field(description="slug of the cause", examples=["feeder"])
    perceived_severity: Literal["indeterminate", "warning", "minor", "major", "critical"] = Field(
        examples=["major"]
    )
    alarmed_object_type: str = Field(examples=["port"])
    alarmed_object: AlarmedObject
    source_system_id: str = Field("gigacity", examples=["gigacity"])
    alarm_raised_time: Time = Field(
        description="when it began, by the reports", examples=["2026-11-24T02:00:00.000Z"]
    )
    alarm_reporting_time: Time = Field(
        description="when it was noticed", examples=["2026-11-24T02:02:31.000Z"]
    )
    alarm_changed_time: Time = Field(examples=["2026-11-24T02:02:31.000Z"])
    alarm_cleared_time: Time | None = Field(examples=[None])
    alarm_details: BilingualName = Field(description="one line")
    proposed_repaired_actions: BilingualName = Field(description="what to do next")
    is_root_cause: bool = Field(examples=[True])
    parent_alarm: list[AlarmRef] = Field(description="the alarm that explains it, if one does")
    service_affecting: bool = Field(examples=[True])
    affected_service: list[str] = Field(examples=[["home.gigabit_access"]])
    planned_outage_indicator: bool = Field(
        description="inside a maintenance window", examples=[False]
    )
    ack_state: Literal["acknowledged", "unacknowledged"] = Field(examples=["unacknowledged"])
    ack_user_id: str | None = Field(examples=[None])
    operator_state: Literal["none", "ack", "closed", "shelved"] = Field(
        description="of RFC 8632", examples=["none"]
    )
    shelved_until: Time | None = Field(examples=[None])
    cause: AlarmCause | None
    impact: AlarmImpact
    children_by_type: dict[str, int] = Field(
        description="conditions that it explains, by type", examples=[{"pon.onu_loss": 3}]
    )
    times_raised: int = Field(examples=[1])
    is_flapping: bool = Field(examples=[False])
    is_life_safety: bool = Field(examples=[False])
    runbook: str = Field(description="anchor of docs/runbook.md", examples=["onu-loss"])

    example: ClassVar[JsonDict] = {
        "alarm_details": {"zh": "ONU大面积掉线:…", "en": "many ONUs lost at once: …"},
        "proposed_repaired_actions": {"zh": "从分光点起用OTDR定位", "en": "locate the cut …"},
        "parent_alarm": [],
    }


class AlarmChange(CamelModel):
    """One entry of an alarm's history."""

    time: Time = Field(examples=["2026-11-24T02:02:31.000Z"])
    act: str = Field(examples=["raise"])
    perceived_severity: str = Field(examples=["major"])
    user_id: str | None = Field(examples=[None])
    why: str | None = Field(examples=[None])
    until: Time | None = Field(examples=[None])
    probable_cause: str | None = Field(examples=["feeder"])


class ChildOut(CamelModel):
    """A condition that an alarm explains, so that it is no alarm of its own."""

    specific_problem: str = Field(examples=["pon.onu_loss"])
    alarmed_object_type: str = Field(examples=["port"])
    alarmed_object: AlarmedObject


class AlarmParts(CamelModel):
    """What only one alarm shows: its history and everything that it explains."""

    history: list[AlarmChange] = Field(description="newest first, the last 32")
    comment: list[AlarmComment]
    children: list[ChildOut] = Field(description="the first 200")
    correlated_alarm: list[AlarmRef] = Field(description="alarms that are part of this one")


class AlarmDetail(AlarmOut, AlarmParts):
    """One alarm with its history and everything that it explains."""

    model_config = _SHOWN


class AlarmPage(Model):
    """A page of alarms."""

    model_config = _SHOWN

    total: int = Field(examples=[1])
    items: list[AlarmOut]
    next_cursor: str | None = Field(examples=[CURSOR_EXAMPLE])
    is_whole: bool = Field(
        examples=[True],
        description="false: the log has not been read, and more may be open than is listed",
    )


class AlarmCounts(Model):
    """Alarms that are active and not part of another one."""

    critical: int = Field(examples=[0])
    major: int = Field(examples=[1])
    minor: int = Field(examples=[3])
    warning: int = Field(examples=[12])
    indeterminate: int = Field(examples=[0])
    unacknowledged: int = Field(examples=[4])


class FrequentSourceOut(CamelModel):
    """One of the alarms that were raised most often in a week."""

    id: str = Field(examples=["5f0c8a529d3e4a4b"])
    specific_problem: str = Field(examples=["pon.flapping"])
    alarmed_object_type: str = Field(examples=["port"])
    alarmed_object_id: str = Field(examples=["olt-1/2/3"])
    raised: int = Field(examples=[14])
    share: float = Field(examples=[0.21])


class AlarmQuality(CamelModel):
    """What the alarm system asks of its operators (ISA-18.2, IEC 62682)."""

    raised_last_hour: int = Field(examples=[2])
    raised_per_hour: float = Field(description="mean of the last day", examples=[1.4])
    raised_last_ten_minutes: int = Field(examples=[0])
    is_flood: bool = Field(description="10 or more in ten minutes", examples=[False])
    chattering: int = Field(description="raised 3 times or more within an hour", examples=[0])
    flapping: int = Field(examples=[0])
    stale: int = Field(description="active for over a day, and not shelved", examples=[1])
    active: int = Field(examples=[16])
    unacknowledged: int = Field(examples=[4])
    shelved: int = Field(examples=[0])
    planned: int = Field(examples=[0])
    by_severity: dict[str, int] = Field(examples=[{"critical": 0, "major": 1}])
    acknowledge_median_s: float | None = Field(
        description="from raise to acknowledgement, of a week", examples=[140.0]
    )
    acknowledge_p90_s: float | None = Field(examples=[900.0])
    most_frequent: list[FrequentSourceOut] = Field(description="the ten most frequent of a week")
    most_frequent_share: float | None = Field(
        description="their share in all that were raised", examples=[0.64]
    )

    model_config = _SHOWN


class AlarmActIn(Model):
    """What an operator says with an act."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"why": "crew on its way"}]}
    )

    why: str = Field("", max_length=500, description="a word to those who come after")
    user: str = Field("", max_length=100, description="who acts, beside the key's name")


class AlarmCommentIn(Model):
    """A comment."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"comment": "crew on its way"}]}
    )

    comment: str = Field(min_length=1, max_length=500)
    user: str = Field("", max_length=100)


class AlarmShelveIn(Model):
    """For how long an alarm is put aside, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"until": "2026-11-25T08:00:00+08:00", "why": "waits for a part"}]
        },
    )

    until: datetime = Field(description="RFC 3339; at most 7 days from now")
    why: str = Field(min_length=1, max_length=500)
    user: str = Field("", max_length=100)


class MaintenanceIn(Model):
    """Planned work: alarms of the resource and of what hangs below it are recorded as planned."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "olt",
                    "id": "olt-1",
                    "starts": "2026-11-24T22:00:00+08:00",
                    "ends": "2026-11-25T04:00:00+08:00",
                    "why": "card exchange",
                    "ticket": "CHG-1042",
                }
            ]
        },
    )

    kind: ResourceKind = Field(examples=["olt"])
    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,190}$", examples=["olt-1/2"])
    starts: datetime = Field(examples=["2026-11-24T22:00:00+08:00"])
    ends: datetime = Field(examples=["2026-11-25T04:00:00+08:00"])
    why: str = Field(min_length=1, max_length=500)
    ticket: str = Field("", max_length=100)
    user: str = Field("", max_length=100)


class MaintenanceOut(ResponseBody):
    """A maintenance window."""

    id: str = Field(examples=["mw-1795485600000"])
    kind: str = Field(examples=["olt"])
    resource: str = Field(examples=["olt-1/2"])
    starts: Time = Field(examples=["2026-11-24T14:00:00.000Z"])
    ends: Time = Field(examples=["2026-11-24T20:00:00.000Z"])
    who: str = Field(examples=["noc-board"])
    why: str = Field(examples=["card exchange"])
    ticket: str = Field(examples=["CHG-1042"])
    is_cancelled: bool = Field(examples=[False])


class MaintenancePage(ResponseBody):
    """Windows that have not ended."""

    items: list[MaintenanceOut]
