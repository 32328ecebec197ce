"""The scorecard: measured figures, what offices report beside them, and what only they know."""

from typing import ClassVar

from pydantic import Field
from pydantic.config import JsonDict

from gigacity_api.http.schemas.alarms import AlarmCounts
from gigacity_api.http.schemas.common import BilingualName, Instant, Model, ResponseBody
from gigacity_api.http.schemas.figures import DefinitionOut, FigureOut
from gigacity_api.http.schemas.gaps import GapOut
from gigacity_api.http.schemas.reports import ReportedItem, ReportOut


class ScorecardItem(Model):
    """One line of the scorecard."""

    definition: DefinitionOut
    figure: FigureOut
    areas: list[FigureOut]
    report: ReportOut | None = Field(description="what an office reported of the same figure")
    gap: GapOut | None = Field(description="that against the measured figure")

    example: ClassVar[JsonDict] = {"areas": [], "report": None, "gap": None}


class CityOut(Model):
    """The city and the version of its file."""

    code: str
    name: BilingualName
    profile: str
    version: str
    is_synthetic: bool = Field(description="true: counts that no source gives are made up")

    example: ClassVar[JsonDict] = {
        "code": "371600", "name": {"zh": "滨州市", "en": "Binzhou"}, "profile": "full",
        "version": "9f2c4e1b7a5d3360", "is_synthetic": True,
    }  # fmt: skip


class Scorecard(ResponseBody, Instant):
    """Every headline figure against its target, for the city and by area."""

    age_s: float = Field(description="how long ago that instant was", examples=[41.2])
    city: CityOut
    items: list[ScorecardItem]
    alarms: AlarmCounts = Field(description="open alarms, by severity")
    reported: list[ReportedItem] = Field(description="figures that only offices know")
