"""How far the data can be trusted: freshness, what was refused, who is not registered."""

from typing import ClassVar

from pydantic import Field
from pydantic.config import JsonDict

from gigacity_api.http.schemas.common import (
    BilingualName,
    Instant,
    Model,
    ResponseBody,
    Time,
    time_from,
)
from gigacity_api.http.schemas.evidence import PortEvidence


class FreshShare(Model):
    """Expected reporters of one kind in one area."""

    kind: str = Field(description="port, or a device kind", examples=["camera"])
    name: BilingualName
    area: str | None = Field(description="null: the whole city")
    expected: int
    fresh: int
    fresh_share: float | None
    incomplete: int | None = Field(
        description="fresh, and the newest report lacks a value that a figure needs: never sent, or"
        " left out by the worker as out of range; null: no figure needs a value of this kind"
    )
    implausible: int | None = Field(
        description="fresh, and the newest report contradicts itself; null: reports of this kind"
        " have no two values that could"
    )
    unregistered: int
    grade: str

    example: ClassVar[JsonDict] = {
        "kind": "camera", "name": {"zh": "视频监控", "en": "camera"}, "area": "371602",
        "expected": 5200, "fresh": 5170, "fresh_share": 0.994, "incomplete": 8,
        "unregistered": 3, "grade": "A",
    }  # fmt: skip


class Refusals(Model):
    """What workers refused, from their own counts."""

    implausible: int = Field(description="entries with a field out of its range, or a wrong clock")
    duplicates: int = Field(
        description="entries that stood twice in a message, and messages that came again"
    )
    absent_fields: int = Field(description="sentinels and out-of-range fields, field by field")
    dead_letters: int

    example: ClassVar[JsonDict] = {
        "implausible": 12,
        "duplicates": 4,
        "absent_fields": 811,
        "dead_letters": 17,
    }


class RefusedBy(Refusals):
    """What one worker refused."""

    worker: str = Field(examples=["gigacity-worker-0"])


class Refused(Refusals):
    """Readings that workers refused in a range of time: in all, and by worker."""

    since: Time = Field(examples=["2026-11-24T01:00:30.000Z"])
    until: Time = Field(examples=["2026-11-24T02:00:30.000Z"])
    workers: list[RefusedBy] = Field(
        description="workers own disjoint areas; nothing nearer to a place is counted, since of a"
        " message that is refused area and kind often cannot be told"
    )


class QualityReport(ResponseBody, Instant):
    """The data behind the newest evaluation."""

    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[FreshShare]
    refused: Refused | None = Field(description="null: the workers' counts cannot be read now")


class ContradictionOut(Model):
    """Two values of one report that cannot both be right."""

    slug: str = Field(examples=["onus_online_beyond_total"])
    zh: str = Field(examples=["在线ONU多于ONU总数"])
    en: str = Field(examples=["more ONUs online than there are in all"])


class ImplausiblePort(Model):
    """A port whose newest report contradicts itself; its verdict for ``onu.online``."""

    port: PortEvidence
    contradictions: list[ContradictionOut]

    example: ClassVar[JsonDict] = {
        "port": {
            **PortEvidence.whole_example(), "verdict": "unknown",
            "reason": {
                "slug": "port_incomplete", "zh": "最近上报缺少判定所需字段",
                "en": "the newest report lacks a field that the verdict needs",
            },
            "values": {
                "tech": "xgs-pon", "admin": "up", "oper": "up", "registered_tech": "xgs-pon",
                "onu_total": 32, "onu_online": 40,
            },
        }
    }  # fmt: skip


class ImplausiblePage(ResponseBody, Instant):
    """Ports whose newest report contradicts itself."""

    total: int = Field(examples=[1])
    items: list[ImplausiblePort]
    next_cursor: str | None


class Unregistered(Model):
    """A reporter that the city file does not list."""

    kind: str
    area: str
    id: str = Field(examples=["olt-99/1/0"])
    last_report: Time = time_from("last_report_ms")
    last_report_ms: int

    example: ClassVar[JsonDict] = {
        "kind": "port", "area": "371602", "id": "olt-99/1/0",
        "last_report": "2026-11-24T01:59:41.000Z", "last_report_ms": 1795485581000,
    }  # fmt: skip


class UnregisteredPage(ResponseBody, Instant):
    """Reporters that the city file does not list."""

    total: int
    overflow: int = Field(description="rows of further ones, beyond what is remembered")
    items: list[Unregistered]
    next_cursor: str | None

    example: ClassVar[JsonDict] = {"total": 1, "overflow": 0}


class SilentPublisherOut(Model):
    """A publisher that is connected and of which no report is fresh."""

    publisher: str = Field(description="olt, gateway or device")
    area: str
    identity: str = Field(description="identity path: its MQTT user name")
    connected_since: Time = time_from("connected_since_ms")
    connected_since_ms: int
    last_report: Time | None = time_from("last_report_ms", description="null: no report is known")
    last_report_ms: int | None

    example: ClassVar[JsonDict] = {
        "publisher": "olt", "area": "371602", "identity": "371602/olt/olt-371602-a001",
        "connected_since": "2026-11-24T01:00:00.000Z", "connected_since_ms": 1795482000000,
        "last_report": None, "last_report_ms": None,
    }  # fmt: skip


class SilentPage(ResponseBody, Instant):
    """Publishers that are connected and report nothing."""

    total: int = Field(examples=[1])
    items: list[SilentPublisherOut]
    next_cursor: str | None


class DeadLetterCount(Model):
    """Messages or entries that were refused for one reason."""

    reason: str = Field(examples=["bad_field"])
    zh: str
    en: str
    count: int
    workers: dict[str, int] = Field(description="by worker")
    last_seen: Time | None = Field(description="the last moment at which the count had grown")

    example: ClassVar[JsonDict] = {
        "reason": "bad_field", "zh": "字段类型或量程错误",
        "en": "a field of the wrong type or out of range", "count": 12,
        "workers": {"gigacity-worker-0": 12}, "last_seen": "2026-11-24T01:58:00.000Z",
    }  # fmt: skip


class DeadLetters(ResponseBody):
    """Dead letters of a range of time, by reason."""

    since: Time = Field(examples=["2026-11-24T01:00:30.000Z"])
    until: Time = Field(examples=["2026-11-24T02:00:30.000Z"])
    total: int = Field(examples=[12])
    items: list[DeadLetterCount]
