"""The outlook of a figure."""

from typing import ClassVar, Literal

from pydantic import Field
from pydantic.config import JsonDict

from gigacity_api.http.schemas.common import BilingualName, Model, ResponseBody
from gigacity_api.http.schemas.figures import FigureOut, ScopeName, TargetOut

StatusName = Literal[
    "met", "missed", "undetermined", "unknown_at_due", "on_track", "off_track", "open", "too_short",
    "no_due_date", "no_target",
]  # fmt: skip


class ForecastValue(Model):
    """The trend at the target's date."""

    value: float
    lower: float
    upper: float
    confidence: float = Field(description="share of true values that the interval should hold")

    example: ClassVar[JsonDict] = {
        "value": 40950.0,
        "lower": 40870.0,
        "upper": 41030.0,
        "confidence": 0.9,
    }


class ForecastDay(Model):
    """The value at the end of a day."""

    date: str = Field(examples=["2026-11-24"])
    value: float = Field(examples=[40112.0])
    lower: float = Field(examples=[40112.0])
    upper: float = Field(examples=[40160.0])


class ForecastOut(ResponseBody):
    """Where a figure is heading."""

    indicator: str
    scope: ScopeName
    code: str
    name: BilingualName
    series: Literal["measured", "reported"]
    target: TargetOut | None
    status: StatusName
    statement: BilingualName = Field(description="the same in a sentence")
    history_days: int
    history_span_days: float
    trend_per_month: float | None = Field(description="null while history is too short")
    needed_per_month: float | None = Field(
        description="from the newest value to the target at its date; 0 once it is reached"
    )
    forecast: ForecastValue | None
    reached_on: str | None
    is_met_now: bool | None
    method: str
    history: list[ForecastDay]

    example: ClassVar[JsonDict] = {
        "indicator": "pon.ports_10g", "scope": "city", "code": "371600",
        "name": FigureOut.example["name"], "series": "measured", "status": "open",
        "target": {**TargetOut.whole_example(), "value": 41000.0, "due": "2026-12-31"},
        "statement": {
            "zh": "尚难判断:按趋势2026-12-31为40,950(90%区间40,870至41,030;目标41,000)",
            "en": "open: the trend leads to 40,950 on 2026-12-31 (90 % interval 40,870 to 41,030;"
            " target 41,000)",
        },
        "history_days": 60, "history_span_days": 59.0, "trend_per_month": 690.0,
        "needed_per_month": 730.5, "reached_on": None, "is_met_now": False,
        "method": "median of pairwise slopes (Theil 1950, Sen 1968) through daily values",
    }  # fmt: skip
