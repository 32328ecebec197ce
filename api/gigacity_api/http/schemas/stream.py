"""What the stream says of a new evaluation, of an instant that was revised, and of alarms."""

from typing import Literal

from pydantic import Field

from gigacity_api.alarms.model import Act, Severity
from gigacity_api.http.schemas.alarms import CamelModel
from gigacity_api.http.schemas.common import (
    BilingualName,
    Instant,
    Model,
    ResponseBody,
    Time,
    time_from,
)
from gigacity_api.http.schemas.figures import FigureOut

StreamKind = Literal["evaluation", "revision", "alarm"]
"""Kinds of events that can be missed."""


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


class AlarmStreamEvent(CamelModel):
    """The data of an event: what happened to an alarm."""

    id: str
    act: Act
    time: Time
    specific_problem: str
    perceived_severity: Severity
    alarmed_object_type: str
    alarmed_object_id: str
    area: str | None
    is_cleared: bool
    parent: str | None = Field(description="the alarm that explains it")
    is_life_safety: bool
    households: int
    households_at_most: int
    alarm_details: BilingualName


class ResyncEvent(Model):
    """The data of an event: some events were missed, and are not kept any more."""

    missed: list[StreamKind] = Field(description="of these kinds; ask for the present state")


class TicketOut(ResponseBody):
    """A ticket for the stream."""

    ticket: str = Field(examples=["gct_3vX0mS3n5n0z8Qm0c1zv2k7R9pYw"])
    valid_s: int = Field(description="seconds in which it holds, once", examples=[60])
