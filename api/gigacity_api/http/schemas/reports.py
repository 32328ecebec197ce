"""Declared figures: what offices enter, and what they may."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from gigacity_api.http.schemas.common import (
    BilingualName,
    Model,
    PlaceName,
    ResponseBody,
    Time,
    time_from,
)
from gigacity_api.http.schemas.figures import (
    PLAN_EXAMPLE,
    ScopeName,
    TargetOut,
    TargetVerdictName,
)

REPORT_IN_EXAMPLE: JsonDict = {
    "indicator": "brain.scenarios",
    "scope": "city",
    "as_of": "2026-10-31",
    "value": 32,
    "unit": "scenarios",
    "source": "滨数发〔2026〕12号",
    "reporter": "市大数据局",
}

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]


class ReportIn(BaseModel):
    """A figure as an office enters it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [REPORT_IN_EXAMPLE]}
    )

    indicator: Text = Field(description="id, as GET /api/v1/definitions lists them")
    scope: Literal["city", "area", "community"]
    code: Text | None = Field(default=None, description="of the place; the city's may be left out")
    as_of: Text = Field(
        description="the day (2026-10-31, taken at its end in +08:00) or the moment"
        " (2026-10-31T18:00:00+08:00) that the figure speaks of; not in the future"
    )
    value: Number = Field(description="a share as a fraction: 0.98 for 98 %")
    unit: Text | None = Field(
        default=None, description="if given, must be the figure's own: a guard against mix-ups"
    )
    numerator: Whole | None = Field(default=None, description="of a ratio, with its denominator")
    denominator: Whole | None = None
    source: Text = Field(description="the document that it comes from")
    reporter: Text | None = Field(
        default=None, description="office or person; the key's name is kept as well"
    )


class ReportOut(ResponseBody):
    """An entry."""

    indicator: str
    scope: ScopeName
    code: str
    name: BilingualName
    place: PlaceName | None
    unit: str
    as_of: Time = time_from("as_of_ms")
    as_of_ms: int
    value: float
    numerator: int | None
    denominator: int | None
    source: str
    reporter: str
    entered_at: Time = Field(description="the moment of entry, RFC 3339")
    revision: int = Field(description="0 for the first entry of this figure and day, then 1, 2, ..")
    withdrawn: str | None = Field(
        default=None,
        description="of a withdrawal: why the revisions before it no longer hold; else null",
    )

    example: ClassVar[JsonDict] = {
        "indicator": "brain.scenarios", "scope": "city", "code": "371600",
        "name": {"zh": "城市大脑应用场景数", "en": "city-brain scenarios"}, "unit": "scenarios",
        "as_of": "2026-10-31T15:59:59.000Z", "as_of_ms": 1793462399000, "value": 32.0,
        "source": "滨数发〔2026〕12号", "reporter": "市大数据局 (bureau)",
        "entered_at": "2026-11-03T01:12:09.000Z", "revision": 0,
    }  # fmt: skip


WITHDRAWAL_EXAMPLE: JsonDict = {
    "indicator": "brain.scenarios", "scope": "city", "as_of": "2026-10-31",
    "reason": "滨数发〔2026〕12号已作废",
}  # fmt: skip


class WithdrawalIn(BaseModel):
    """Which entry is withdrawn, and why."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [WITHDRAWAL_EXAMPLE]}
    )

    indicator: Text
    scope: Literal["city", "area", "community"]
    code: Text | None = Field(default=None, description="of the place; the city's may be left out")
    as_of: Text = Field(description="the day, or the moment, that the entry speaks of")
    reason: Text = Field(min_length=1, description="kept with the withdrawal for all to read")


class ReportPage(ResponseBody):
    """Entries."""

    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[ReportOut]
    next_cursor: str | None


class ReportsEntered(ResponseBody):
    """What an upload stored."""

    is_dry_run: bool = Field(description="nothing was stored: this is what would be")
    count: int = Field(description="rows that were stored")
    repeated: int = Field(description="rows that said what the last revision says: nothing new")
    items: list[ReportOut] = Field(description="every row, as it stands")

    example: ClassVar[JsonDict] = {"is_dry_run": False, "count": 1, "repeated": 0}


class ReportableOut(Model):
    """A figure that only offices know."""

    id: str
    name: BilingualName
    unit: str
    meaning: BilingualName
    levels: list[ScopeName]
    direction: Literal["at_least", "at_most"]
    standard: BilingualName
    effective: str
    targets: list[TargetOut]

    example: ClassVar[JsonDict] = {
        "id": "brain.scenarios", "name": ReportOut.example["name"], "unit": "scenarios",
        "meaning": {
            "zh": "已上线的城市大脑应用场景个数",
            "en": "scenarios of the city brain in operation",
        },
        "levels": ["city", "area"], "direction": "at_least", "standard": PLAN_EXAMPLE,
        "effective": "2026-11-01", "targets": [{**TargetOut.whole_example(), "value": 30.0}],
    }  # fmt: skip


class ReportedItem(Model):
    """A line of the scorecard that is reported, never measured."""

    definition: ReportableOut
    report: ReportOut | None = Field(description="the entry that stands; null: none yet")
    target: float | None = Field(examples=[30.0])
    verdict: TargetVerdictName = Field(examples=["met"])
