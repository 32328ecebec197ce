"""What the stream says of a new evaluation, and of an instant that was revised."""

from pydantic import Field

from gigacity_api.http.schemas.common import Instant, Model, ResponseBody, Time, time_from
from gigacity_api.http.schemas.figures import FigureOut


class EvaluationEvent(Instant):
    """The data of an event: the figures of the city as a whole."""

    revision: int
    city_version: str
    figures: list[FigureOut]


class RevisionEvent(Model):
    """The data of an event: late data changed figures that had been published."""

    as_of: Time = time_from("as_of_ms", "the instant whose figures changed")
    as_of_ms: int
    revision: int
    published_at: Time
    indicators: list[str] = Field(description="those with a figure that changed, at any level")
    figures: int = Field(description="how many figures changed")


class TicketOut(ResponseBody):
    """A ticket for the stream."""

    ticket: str = Field(examples=["gct_3vX0mS3n5n0z8Qm0c1zv2k7R9pYw"])
    valid_s: int = Field(description="seconds in which it holds, once", examples=[60])
