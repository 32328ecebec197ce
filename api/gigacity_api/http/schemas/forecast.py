"""The outlook of a figure."""

from typing import Literal

from pydantic import Field

from gigacity_api.http.schemas.common import BilingualName, Model
from gigacity_api.http.schemas.figures import ScopeName, TargetOut

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


class ForecastDay(Model):
    """The value that stood at the end of a day."""

    date: str
    value: float
    lower: float
    upper: float


class ForecastOut(Model):
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
