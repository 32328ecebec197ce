"""How far the data can be trusted: freshness, what was refused, who is not registered."""

from pydantic import Field

from gigacity_api.http.schemas.common import BilingualName, Model
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


class Refusals(Model):
    """What workers refused, from their own counts."""

    implausible: int = Field(description="entries with a field out of its range, or a wrong clock")
    duplicates: int = Field(
        description="entries that stood twice in a message, and messages that came again"
    )
    absent_fields: int = Field(description="sentinels and out-of-range fields, field by field")
    dead_letters: int


class RefusedBy(Refusals):
    """What one worker refused."""

    worker: str


class Refused(Refusals):
    """Readings that workers refused in a range of time: in all, and by worker."""

    since: str
    until: str
    workers: list[RefusedBy] = Field(
        description="workers own disjoint areas; nothing nearer to a place is counted, since of a"
        " message that is refused area and kind often cannot be told"
    )


class QualityReport(Model):
    """The data behind the newest evaluation."""

    as_of: str
    as_of_ms: int
    items: list[FreshShare]
    refused: Refused | None = Field(description="null: the workers' counts cannot be read now")


class ContradictionOut(Model):
    """Two values of one report that cannot both be right."""

    slug: str = Field(examples=["onus_online_beyond_total"])
    zh: str
    en: str


class ImplausiblePort(Model):
    """A port whose newest report contradicts itself; its verdict for ``onu.online``."""

    port: PortEvidence
    contradictions: list[ContradictionOut]


class ImplausiblePage(Model):
    """Ports whose newest report contradicts itself."""

    as_of: str
    as_of_ms: int
    total: int
    items: list[ImplausiblePort]
    next_cursor: str | None


class Unregistered(Model):
    """A reporter that the city file does not list."""

    kind: str
    area: str
    id: str = Field(examples=["olt-99/1/0"])
    last_report: str
    last_report_ms: int


class UnregisteredPage(Model):
    """Reporters that the city file does not list."""

    as_of: str
    as_of_ms: int
    total: int
    overflow: int = Field(description="rows of further ones, beyond what is remembered")
    items: list[Unregistered]
    next_cursor: str | None


class DeadLetterCount(Model):
    """Messages or entries that were refused for one reason."""

    reason: str = Field(examples=["bad_field"])
    zh: str
    en: str
    count: int
    workers: dict[str, int] = Field(description="by worker")
    last_seen: str | None = Field(description="the last moment at which the count had grown")


class DeadLetters(Model):
    """Dead letters of a range of time, by reason."""

    since: str
    until: str
    total: int
    items: list[DeadLetterCount]
