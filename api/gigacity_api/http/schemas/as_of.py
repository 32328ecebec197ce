"""Figures of the past: recomputed, as published then, and the difference of both."""

from typing import Any, Literal

from pydantic import Field

from gigacity_api.http.schemas.common import Model
from gigacity_api.http.schemas.figures import FIGURE_EXAMPLE, FigureOut, HistoryPoint, ScopeName

_INSTANT: dict[str, Any] = {"as_of": "2026-11-24T02:00:00.000Z", "as_of_ms": 1795485600000}


class PublishedFigure(HistoryPoint):
    """A figure as it was published."""

    indicator: str
    scope: ScopeName
    code: str


class PublishedPage(Model):
    """What stood published at a moment."""

    published_at: str = Field(description="the moment that was asked for, RFC 3339")
    items: list[PublishedFigure]


class Announcement(Model):
    """Late data that counts at the instant and came after it was published."""

    measurement: str
    area: str | None
    worker: str
    confirmed_at: str
    oldest_report: str
    newest_report: str
    points: int


class DifferenceOut(Model):
    """One figure that would be published otherwise now."""

    cause: Literal["method_version", "city_version", "late_data", "unannounced_data"] = Field(
        description="late_data: announced by a worker after the publication; unannounced_data:"
        " reports that arrived after the evaluation, too early to be announced"
    )
    published: PublishedFigure
    recomputed: FigureOut


class Differences(Model):
    """An instant as it was published first, and as it is recomputed now."""

    as_of: str
    as_of_ms: int
    published_at: str = Field(description="when the instant was published for the first time")
    city_version: str = Field(description="the version in force then, of the recomputation")
    compared: int = Field(description="figures that were both published and recomputed")
    items: list[DifferenceOut]
    announced: list[Announcement]


_POINT = {
    **_INSTANT, "published_at": "2026-11-24T02:00:31.000Z", "value": 40112, "lower": 40112,
    "upper": 40160, "display": "value", "display_text": "40,112", "numerator": 40112,
    "denominator": 41000, "unknown": 48, "verdict": "met",
    "grade": "A", "city_version": "9f2c4e1b7a5d3360", "method_version": 1, "revision": 0,
    "indicator": "pon.ports_10g", "scope": "city", "code": "371600",
}  # fmt: skip

AS_OF_EXAMPLES: dict[str, Any] = {
    "PublishedPage": {"published_at": "2026-11-24T02:05:00.000Z", "items": [_POINT]},
    "Differences": {
        **_INSTANT, "published_at": "2026-11-24T02:00:31.000Z", "compared": 52,
        "city_version": "9f2c4e1b7a5d3360",
        "items": [
            {
                "cause": "late_data", "published": _POINT,
                "recomputed": {
                    **FIGURE_EXAMPLE, "value": 40150, "numerator": 40150, "known_in": 40150,
                    "lower": 40150, "upper": 40150, "display_text": "40,150", "known_out": 850,
                    "unknown": 0,
                },
            }
        ],
        "announced": [
            {
                "measurement": "pon_port", "area": "371602", "worker": "gigacity-worker-0",
                "confirmed_at": "2026-11-24T02:20:04.000Z",
                "oldest_report": "2026-11-24T01:58:12.000Z",
                "newest_report": "2026-11-24T02:04:12.000Z", "points": 2048,
            }
        ],
    },
}  # fmt: skip
"""By the name of the schema."""
