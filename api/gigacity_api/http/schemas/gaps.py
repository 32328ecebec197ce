"""How declared figures compare with what is measured."""

from typing import ClassVar, Literal

from pydantic import Field
from pydantic.config import JsonDict

from gigacity_api.http.schemas.common import Instant, Model, ResponseBody, Time, time_from
from gigacity_api.http.schemas.figures import DisplayName, FigureOut
from gigacity_api.http.schemas.reports import ReportOut


class PartOut(Model):
    """One explanation of a gap and how many objects it explains."""

    slug: str = Field(examples=["reported_but_unknown"])
    count: int = Field(examples=[48])
    zh: str = Field(examples=["已填报,实测状态未知"])
    en: str = Field(examples=["reported, and their state is unknown here"])


class GapOut(Model):
    """Reported against measured."""

    difference: float | None = Field(
        description="reported less measured; null where the measured figure shows its bounds"
    )
    standing: Literal["equal", "within_bounds", "above_bounds", "below_bounds", "not_comparable"]
    reported_numerator: int | None
    is_implied: bool = Field(
        description="the report gave no counts: the numerator is its share of what is registered"
    )
    parts: list[PartOut] = Field(description="counts that explain the difference")
    zh: str
    en: str

    example: ClassVar[JsonDict] = {
        "difference": 48.0, "standing": "within_bounds", "reported_numerator": 40160,
        "is_implied": False, "zh": "差异在实测未知范围之内",
        "en": "they differ by no more than what is unknown here",
    }  # fmt: skip


_PORTS_REPORT: JsonDict = {
    **ReportOut.whole_example(), "indicator": "pon.ports_10g", "unit": "ports", "value": 40160.0,
    "name": FigureOut.example["name"],
}  # fmt: skip


class GapItem(Model):
    """A figure that is both measured and reported."""

    report: ReportOut = Field(examples=[_PORTS_REPORT])
    figure: FigureOut
    gap: GapOut


class GapPage(ResponseBody, Instant):
    """Every figure that is both."""

    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[GapItem]
    next_cursor: str | None


class GapThen(Model):
    """The measured figure at the report's own instant."""

    as_of: Time = time_from(
        "as_of_ms", "the last instant published of the hour up to the report's own"
    )
    as_of_ms: int
    value: float | None
    lower: float | None
    upper: float | None
    display: DisplayName
    display_text: str
    numerator: int
    denominator: int
    unknown: int
    gap: GapOut

    example: ClassVar[JsonDict] = {
        **Instant.example, "value": 40112.0, "lower": 40112.0, "upper": 40160.0,
        "display": "value", "display_text": "40,112", "numerator": 40112,
        "denominator": 41000, "unknown": 48,
    }  # fmt: skip


class GapDetail(ResponseBody, Instant):
    """One figure: its report against the newest measured figure and that of the report's day."""

    report: ReportOut = Field(examples=[_PORTS_REPORT])
    figure: FigureOut
    gap: GapOut
    then: GapThen | None = Field(
        description="null: no measured figure is kept of the hour before the report's instant"
    )
