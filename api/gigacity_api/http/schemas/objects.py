"""One device or port, and what it reported."""

from typing import Any, ClassVar

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
from gigacity_api.http.schemas.evidence import PortEvidence, ReasonOut, VerdictName


class DeviceDetail(ResponseBody, Instant):
    """A device, whether it is online and why, and its newest report."""

    community: str = Field(examples=["371602001001"])
    device: str = Field(examples=["camera-7"])
    kind: str = Field(examples=["camera"])
    name: BilingualName
    area: str = Field(examples=["371602"])
    gateway: str | None = Field(
        description="that carries its reports; null: it connects by itself", examples=["gw-1"]
    )
    verdict: VerdictName = Field(description="online: in", examples=["in"])
    reason: ReasonOut
    last_report: Time | None = time_from("last_report_ms")
    last_report_ms: int | None
    values: dict[str, Any] = Field(description="every value of the newest report")

    example: ClassVar[JsonDict] = {
        "name": {"zh": "摄像机", "en": "camera"},
        "reason": {
            "slug": "device_reports", "zh": "窗口内有上报", "en": "it reported inside its window",
        },
        "last_report": "2026-11-24T01:59:41.000Z", "last_report_ms": 1795485581000,
        "values": {"intact": True, "picture": True},
    }  # fmt: skip


class PortDetail(ResponseBody, Instant):
    """A port, whether it counts as 10G in service and why, and its newest report."""

    port: PortEvidence
    values: dict[str, Any] = Field(
        description="every value of the newest report",
        examples=[{"tech": "xgs-pon", "admin": "up", "oper": "down", "onu_total": 32}],
    )


class Reading(Model):
    """One report."""

    at: Time
    at_ms: int
    values: dict[str, Any] = Field(description="what it said; absent values are left out")

    example: ClassVar[JsonDict] = {
        "at": "2026-11-24T01:59:41.000Z", "at_ms": 1795485581000,
        "values": {"admin": "up", "oper": "up", "onu_total": 32, "onu_online": 31},
    }  # fmt: skip


class ReadingPage(ResponseBody):
    """Raw reports, oldest first. Their number is not known before they are read."""

    id: str = Field(examples=["olt-1/1/0"])
    items: list[Reading]
    next_cursor: str | None = Field(examples=[CURSOR_EXAMPLE])


class Found(Model):
    """Something registered that a search found."""

    kind: str = Field(description="area, community, olt or device", examples=["community"])
    id: str = Field(description="code or id", examples=["371602001001"])
    name: BilingualName | None = Field(description="null: it has none but its id")
    area: str = Field(examples=["371602"])
    community: str | None = Field(description="of a device", examples=[None])
    href: str = Field(examples=["/api/v1/communities/371602001001"])

    example: ClassVar[JsonDict] = {"name": {"zh": "市中街道示例社区01", "en": ""}}


class SearchPage(ResponseBody):
    """What a search found, the best first."""

    total: int = Field(description="how many there are; items has the best of them", examples=[1])
    items: list[Found]
    next_cursor: str | None = Field(default=None, description="null: say more to find fewer")
