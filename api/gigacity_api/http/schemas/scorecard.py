"""The scorecard: measured figures, what offices report beside them, and what only they know."""

from pydantic import Field

from gigacity_api.http.schemas.common import BilingualName, Model
from gigacity_api.http.schemas.figures import DefinitionOut, FigureOut
from gigacity_api.http.schemas.reports import GapOut, ReportedItem, ReportOut


class ScorecardItem(Model):
    """One line of the scorecard."""

    definition: DefinitionOut
    figure: FigureOut
    areas: list[FigureOut]
    report: ReportOut | None = Field(description="what an office reported of the same figure")
    gap: GapOut | None = Field(description="that against the measured figure")


class CityOut(Model):
    """The city and the version of its file."""

    code: str
    name: BilingualName
    profile: str
    version: str
    is_synthetic: bool = Field(description="true: counts that no source gives are made up")


class Scorecard(Model):
    """Every headline figure against its target, for the city and by area."""

    as_of: str
    as_of_ms: int
    age_s: float = Field(description="how long ago that instant was")
    city: CityOut
    items: list[ScorecardItem]
    reported: list[ReportedItem] = Field(description="figures that only offices know")
