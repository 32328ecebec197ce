"""Figures of the past: recomputed, as published then, and the difference of both."""

from typing import ClassVar, Literal

from pydantic import Field
from pydantic.config import JsonDict

from gigacity_api.http.schemas.common import Instant, Model, ResponseBody, Time
from gigacity_api.http.schemas.figures import FigureOut, PastFigure, ScopeName


class PublishedFigure(PastFigure):
    """A figure as it was published."""

    indicator: str = Field(examples=["pon.ports_10g"])
    scope: ScopeName = Field(examples=["city"])
    code: str = Field(examples=["371600"])


class PublishedPage(ResponseBody):
    """What had been published at a moment."""

    published_at: Time = Field(description="the moment that was asked for, RFC 3339")
    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[PublishedFigure]
    next_cursor: str | None = Field(default=None, description="null: it is one page")

    example: ClassVar[JsonDict] = {"published_at": "2026-11-24T02:05:00.000Z"}


class Announcement(Model):
    """Late data that counts at the instant and came after it was published."""

    measurement: str = Field(examples=["pon_port"])
    area: str | None = Field(examples=["371602"])
    worker: str = Field(examples=["gigacity-worker-0"])
    confirmed_at: Time = Field(examples=["2026-11-24T02:20:04.000Z"])
    oldest_report: Time = Field(examples=["2026-11-24T01:58:12.000Z"])
    newest_report: Time = Field(examples=["2026-11-24T02:04:12.000Z"])
    points: int = Field(examples=[2048])


class DifferenceOut(Model):
    """One figure that would be published otherwise now."""

    cause: Literal["method_version", "city_version", "late_data", "unannounced_data"] = Field(
        description="late_data: announced by a worker after the publication; unannounced_data:"
        " reports that arrived after the evaluation, too early to be announced"
    )
    published: PublishedFigure
    recomputed: FigureOut

    example: ClassVar[JsonDict] = {
        "cause": "late_data",
        "recomputed": {
            **FigureOut.whole_example(), "value": 40150.0, "numerator": 40150, "known_in": 40150,
            "lower": 40150.0, "upper": 40150.0, "display_text": "40,150",
            "known_out": 850, "unknown": 0,
        },
    }  # fmt: skip


class Differences(ResponseBody, Instant):
    """An instant as it was published first, and as it is recomputed now."""

    published_at: Time = Field(description="when the instant was published for the first time")
    city_version: str = Field(description="the version in force then, of the recomputation")
    compared: int = Field(description="figures that were both published and recomputed")
    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[DifferenceOut]
    announced: list[Announcement]

    example: ClassVar[JsonDict] = {
        "published_at": "2026-11-24T02:00:31.000Z", "compared": 52,
        "city_version": "9f2c4e1b7a5d3360",
    }  # fmt: skip
