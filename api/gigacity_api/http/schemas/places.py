"""Areas, communities and OLTs."""

from typing import ClassVar

from pydantic import Field
from pydantic.config import JsonDict

from gigacity_api.http.schemas.common import BilingualName, Instant, Model, ResponseBody
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

    example: ClassVar[JsonDict] = {
        "code": "371602", "kind": "district", "retired_codes": ["372301", "372322"],
        "is_local": False, "communities": 180, "olts": 600, "ports": 9400, "devices": 70000,
    }  # fmt: skip


class AreaList(ResponseBody):
    """Every area."""

    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[AreaOut]
    next_cursor: str | None = Field(default=None, description="null: it is one page")


class AreaDetail(ResponseBody, Instant):
    """An area with its figures."""

    area: AreaOut
    figures: list[FigureOut] = Field(examples=[[]])


class CommunityOut(Model):
    """A community or village."""

    code: str = Field(examples=["371602001001"])
    name: str = Field(examples=["市中街道示例社区01"])
    area: str = Field(examples=["371602"])
    urban_class: int = Field(examples=[111])
    is_urban: bool = Field(description="counts as urban, county level and above", examples=[True])
    households: int = Field(examples=[1500])
    devices: int = Field(examples=[300])


class CommunityPage(ResponseBody):
    """Communities."""

    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[CommunityOut]
    next_cursor: str | None


class CommunityDetail(ResponseBody, Instant):
    """A community with its figures and, where this process evaluates, its assessment."""

    community: CommunityOut
    figures: list[FigureOut]
    smart: VerdictName | None
    reason: ReasonOut | None
    items: list[ItemOut]

    example: ClassVar[JsonDict] = {
        "figures": [], "smart": "in",
        "reason": {
            "slug": "community_all_items_pass", "zh": "全部必选项达标",
            "en": "every required item is known to pass",
        },
    }  # fmt: skip


class OltOut(Model):
    """An optical line terminal."""

    id: str = Field(examples=["olt-1"])
    area: str = Field(examples=["371602"])
    ports: int = Field(examples=[16])


class OltPage(ResponseBody):
    """OLTs."""

    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[OltOut]
    next_cursor: str | None


class OltDetail(ResponseBody, Instant):
    """An OLT with its figures and, where this process evaluates, its ports."""

    olt: OltOut
    figures: list[FigureOut] = Field(examples=[[]])
    ports: list[PortEvidence]
