"""Evidence: the objects behind a figure."""

from typing import Any, Literal

from pydantic import Field

from gigacity_api.http.schemas.common import BilingualName, Model
from gigacity_api.http.schemas.figures import FigureOut

VerdictName = Literal["in", "out", "unknown"]


class ReasonOut(Model):
    """Why a verdict was reached."""

    slug: str = Field(examples=["port_oper_down"])
    zh: str
    en: str


class ItemOut(Model):
    """A community against one item of the smart-community standard."""

    id: str = Field(examples=["camera_online"])
    name: BilingualName
    basis: Literal["measured", "reported"]
    required: bool
    threshold: float
    verdict: VerdictName
    value: float | None
    lower: float | None
    upper: float | None
    numerator: int | None
    denominator: int | None


class PortEvidence(Model):
    """A port, its verdict and why."""

    id: str = Field(description="olt/slot/port", examples=["olt-1/1/0"])
    olt: str
    slot: int
    port: int
    area: str
    verdict: VerdictName
    reason: ReasonOut
    last_report: str | None
    last_report_ms: int | None
    values: dict[str, Any] = Field(
        description="of the newest report: tech, admin, oper; and registered_tech"
    )


class EvidenceEntry(Model):
    """One object behind a figure."""

    kind: Literal["port", "building", "community", "device"]
    id: str
    area: str
    community: str | None
    verdict: VerdictName
    reason: ReasonOut
    weight: int | float = Field(
        description="what it adds to the denominator: 1, households, ONUs, square metres"
    )
    adds: int | float = Field(
        description="what it adds to the numerator: its weight if it is in, else 0; of a figure"
        " that sums counts, its part"
    )
    last_report: str | None
    last_report_ms: int | None
    values: dict[str, Any]
    ports: list[PortEvidence] | None = Field(
        default=None, description="of a building: every port that passes it"
    )
    items: list[ItemOut] | None = Field(
        default=None, description="of a community: every item of the standard"
    )


class Evidence(Model):
    """Some of the objects behind a figure, at the figure's own instant."""

    as_of: str
    as_of_ms: int
    figure: FigureOut
    total: int = Field(description="how many entries the whole list has")
    items: list[EvidenceEntry]
    next_cursor: str | None


class PortPage(Model):
    """Ports of one instant."""

    as_of: str
    as_of_ms: int
    total: int
    items: list[PortEvidence]
    next_cursor: str | None
