"""Areas, communities and OLTs."""

from pydantic import Field

from gigacity_api.http.schemas.common import BilingualName, Model
from gigacity_api.http.schemas.evidence import ItemOut, PortEvidence, ReasonOut, VerdictName
from gigacity_api.http.schemas.figures import FigureOut


class AreaOut(Model):
    """A county-level unit or development zone."""

    code: str = Field(examples=["371602"])
    name: BilingualName
    kind: str
    retired_codes: list[str]
    is_local: bool = Field(description="the code is the city's own, not from GB/T 2260")
    communities: int
    olts: int
    ports: int
    devices: int


class AreaList(Model):
    """Every area."""

    items: list[AreaOut]


class AreaDetail(Model):
    """An area with its figures."""

    as_of: str
    as_of_ms: int
    area: AreaOut
    figures: list[FigureOut]


class CommunityOut(Model):
    """A community or village."""

    code: str = Field(examples=["371602001001"])
    name: str
    area: str
    urban_class: int
    is_urban: bool = Field(description="counts as urban, county level and above")
    households: int
    devices: int


class CommunityPage(Model):
    """Communities."""

    items: list[CommunityOut]
    next_cursor: str | None


class CommunityDetail(Model):
    """A community with its figures and, where this process evaluates, its assessment."""

    as_of: str
    as_of_ms: int
    community: CommunityOut
    figures: list[FigureOut]
    smart: VerdictName | None
    reason: ReasonOut | None
    items: list[ItemOut]


class OltOut(Model):
    """An optical line terminal."""

    id: str
    area: str
    ports: int


class OltPage(Model):
    """OLTs."""

    items: list[OltOut]
    next_cursor: str | None


class OltDetail(Model):
    """An OLT with its figures and, where this process evaluates, its ports."""

    as_of: str
    as_of_ms: int
    olt: OltOut
    figures: list[FigureOut]
    ports: list[PortEvidence]
