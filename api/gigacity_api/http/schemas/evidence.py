"""Evidence: the objects behind a figure."""

from typing import Any, ClassVar, Literal

from pydantic import Field
from pydantic.config import JsonDict

from gigacity_api.http.schemas.common import (
    CURSOR_EXAMPLE,
    BilingualName,
    Instant,
    Model,
    ResponseBody,
    Time,
    time_from,
)
from gigacity_api.http.schemas.figures import FigureOut

VerdictName = Literal["in", "out", "unknown"]


class ReasonOut(Model):
    """Why a verdict was reached."""

    slug: str = Field(examples=["port_oper_down"])
    zh: str = Field(examples=["端口运行状态为关闭"])
    en: str = Field(examples=["the port is operationally down"])


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

    example: ClassVar[JsonDict] = {
        "id": "camera_online", "name": {"zh": "视频监控联网率", "en": "cameras online"},
        "basis": "measured", "required": True, "threshold": 0.9, "verdict": "in", "value": 0.958,
        "lower": 0.958, "upper": 0.958, "numerator": 23, "denominator": 24,
    }  # fmt: skip


class PortEvidence(Model):
    """A port, its verdict and why."""

    id: str = Field(description="olt/slot/port", examples=["olt-1/1/0"])
    olt: str
    slot: int
    port: int
    area: str
    verdict: VerdictName
    reason: ReasonOut
    last_report: Time | None = time_from("last_report_ms")
    last_report_ms: int | None
    values: dict[str, Any] = Field(
        description="of the newest report: tech, admin, oper; and registered_tech"
    )

    example: ClassVar[JsonDict] = {
        "id": "olt-1/1/0", "olt": "olt-1", "slot": 1, "port": 0, "area": "371602",
        "verdict": "out", "last_report": "2026-11-24T01:59:41.000Z",
        "last_report_ms": 1795485581000,
        "values": {"tech": "xgs-pon", "admin": "up", "oper": "down", "registered_tech": "xgs-pon"},
    }  # fmt: skip


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
    last_report: Time | None = time_from("last_report_ms")
    last_report_ms: int | None
    values: dict[str, Any]
    ports: list[PortEvidence] | None = Field(
        default=None, description="of a building: every port that passes it"
    )
    items: list[ItemOut] | None = Field(
        default=None, description="of a community: every item of the standard"
    )

    example: ClassVar[JsonDict] = {
        **{k: v for k, v in PortEvidence.example.items() if k not in {"olt", "slot", "port"}},
        "kind": "port", "community": None, "weight": 1, "adds": 0, "ports": None, "items": None,
    }  # fmt: skip


class Evidence(ResponseBody, Instant):
    """Some of the objects behind a figure, at the figure's own instant."""

    figure: FigureOut
    total: int = Field(description="how many entries the whole list has", examples=[840])
    items: list[EvidenceEntry]
    next_cursor: str | None = Field(examples=[CURSOR_EXAMPLE])


class PortPage(ResponseBody, Instant):
    """Ports of one instant."""

    total: int = Field(examples=[41000])
    items: list[PortEvidence]
    next_cursor: str | None = Field(examples=[CURSOR_EXAMPLE])
