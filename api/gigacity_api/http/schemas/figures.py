"""Figures, definitions and the scorecard."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SkipValidation
from pydantic.config import JsonDict

from gigacity_api.http.schemas.common import (
    CURSOR_EXAMPLE,
    BilingualName,
    Instant,
    Model,
    PlaceName,
    ResponseBody,
    SourceNote,
    Time,
    time_from,
)

ScopeName = Literal["city", "area", "community", "olt"]
TargetVerdictName = Literal["met", "missed", "undetermined", "no_target"]
DisplayName = Literal["value", "bounds"]

Amount = Annotated[float | None, SkipValidation]
"""A count stays a whole number, as exported tables show it."""

PLAN_EXAMPLE: JsonDict = {
    "zh": "滨州市数字城市建设规划", "en": "Binzhou Digital City plan 2023-2025",
}  # fmt: skip


class QualityOut(Model):
    """How far the reports behind a figure can be trusted."""

    fresh_share: float | None = Field(
        description="share of the expected reporters with a report inside the window"
    )
    unregistered: int | None = Field(
        description="reporters that the city file does not list; null below area level"
    )
    grade: str = Field(description="A, B, C or D; none if no reporter is expected")

    example: ClassVar[JsonDict] = {"fresh_share": 0.9988, "unregistered": 0, "grade": "A"}


class FigureOut(ResponseBody):
    """One indicator at one scope and instant."""

    indicator: str
    scope: ScopeName
    code: str
    name: BilingualName
    place: PlaceName | None
    unit: str = Field(description="ratio: a fraction 0 to 1; else what is counted")
    as_of: Time = time_from("as_of_ms", "the instant that the figure speaks of, RFC 3339")
    as_of_ms: int
    value: Amount = Field(description="of a ratio: known in / (known in + known out)")
    numerator: int
    denominator: int = Field(description="everything that is registered")
    lower: Amount = Field(description="with everything unknown counted out")
    upper: Amount = Field(description="with everything unknown counted in")
    display: DisplayName = Field(
        description="what to show: bounds where less than half of a ratio is known"
    )
    display_text: str = Field(description="the same as people read it; - where nothing is counted")
    known_in: int
    known_out: int
    unknown: int
    target: float | None
    verdict: TargetVerdictName = Field(
        description="met or missed only if both bounds agree, else undetermined"
    )
    quality: QualityOut
    city_version: str
    method_version: int
    revision: int

    example: ClassVar[JsonDict] = {
        **Instant.example, "indicator": "pon.ports_10g", "scope": "city", "code": "371600",
        "name": {"zh": "在用10G-PON及以上端口数", "en": "10G-PON ports in service"},
        "unit": "ports", "value": 40112.0, "numerator": 40112, "denominator": 41000,
        "lower": 40112.0, "upper": 40160.0, "display": "value",
        "display_text": "40,112", "known_in": 40112, "known_out": 840, "unknown": 48,
        "target": 40000.0, "verdict": "met", "city_version": "9f2c4e1b7a5d3360",
        "method_version": 1, "revision": 0,
    }  # fmt: skip


class FigurePage(ResponseBody, Instant):
    """Figures of one instant."""

    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[FigureOut]
    next_cursor: str | None = Field(description="pass it as cursor to go on; null at the end")

    example: ClassVar[JsonDict] = {"next_cursor": CURSOR_EXAMPLE}


class TargetOut(Model):
    """What a figure should reach."""

    scope: str = Field(examples=["city"])
    code: str = Field(examples=["371600"])
    value: float = Field(examples=[40000.0])
    direction: Literal["at_least", "at_most"] = Field(examples=["at_least"])
    due: str = Field(examples=["2025-12-31"])
    source: SourceNote


class UsedOut(Model):
    """A number or rule of the city file that a formula uses."""

    name: str = Field(examples=["households_per_10g_port"])
    value: float | str = Field(examples=[180000.0])
    source: SourceNote | None = Field(description="null: the city's own cadence", examples=[None])


class DefinitionOut(Model):
    """What an indicator is."""

    id: str
    name: BilingualName
    unit: str
    formula: BilingualName
    window: BilingualName
    counts: str = Field(description="what its evidence lists: port, building, community, device")
    levels: list[ScopeName]
    direction: Literal["at_least", "at_most"]
    standard: BilingualName
    method_version: int
    effective: str = Field(description="ISO date from which this method holds")
    standard_date: str = Field(description="of the text that asks for it")
    method: str = Field(
        description="method_version and a hash over what it uses: changes when either does",
        examples=["1-3f9a02c4"],
    )
    uses: list[UsedOut] = Field(
        description="numbers and rules of the city file, registered objects apart"
    )
    targets: list[TargetOut]

    example: ClassVar[JsonDict] = {
        "id": "pon.ports_10g", "name": FigureOut.example["name"], "unit": "ports",
        "formula": {
            "zh": "在用的下行10G及以上物理PON端口个数(组合端口按最高制式计一次)",
            "en": "physical PON ports of 10G downstream or more in service",
        },
        "window": {"zh": "3个PON上报周期(默认180秒)", "en": "3 expected PON intervals"},
        "counts": "port", "levels": ["city", "area", "olt"], "direction": "at_least",
        "standard": PLAN_EXAMPLE, "method_version": 1, "effective": "2026-11-01",
        "standard_date": "2023-07-24", "method": "1-048ed137",
    }  # fmt: skip


class IndicatorOut(ResponseBody, Instant):
    """A definition with its figure of the city."""

    definition: DefinitionOut
    figure: FigureOut | None


class PastFigure(Instant):
    """A figure at one instant of its history."""

    published_at: Time | None = Field(description="only in the published series")
    value: float | None
    lower: float | None
    upper: float | None
    display: DisplayName
    display_text: str
    numerator: int
    denominator: int
    unknown: int
    verdict: TargetVerdictName
    grade: str
    city_version: str
    method_version: int
    revision: int

    example: ClassVar[JsonDict] = {
        "published_at": "2026-11-24T02:00:31.000Z", "value": 40112.0, "lower": 40112.0,
        "upper": 40160.0, "display": "value", "display_text": "40,112",
        "numerator": 40112, "denominator": 41000, "unknown": 48,
        "verdict": "met", "grade": "A", "city_version": "9f2c4e1b7a5d3360", "method_version": 1,
        "revision": 0,
    }  # fmt: skip


class HistorySample(PastFigure):
    """An instant, or the last one of a stretch of time."""

    value_min: float | None = Field(
        default=None, description="least value of the stretch; null unless downsampled"
    )
    value_max: float | None = Field(default=None, description="greatest value of the stretch")
    instants: int | None = Field(
        default=None,
        description="instants in the stretch, of which this point is the last; of a day that was"
        " rolled up, those with a value, or below the areas its quarters of an hour with one",
    )


class History(ResponseBody):
    """The history of one figure."""

    indicator: str = Field(examples=["pon.ports_10g"])
    scope: ScopeName = Field(examples=["city"])
    code: str = Field(examples=["371600"])
    series: Literal["current", "published"] = Field(examples=["published"])
    every: Literal["instant", "15m", "1h", "6h", "1d"] = Field(examples=["instant"])
    items: list[HistorySample]
    next_cursor: str | None
