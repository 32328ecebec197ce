"""What evidence lists: objects of a subject, and what else a formula uses of the city file."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from gigacity_api.indicators.rules import VerdictReason
from gigacity_api.indicators.verdicts import VerdictName
from gigacity_city.model import SmartItem, Source


class Subject(StrEnum):
    """The objects that a figure counts, and that its evidence lists."""

    PORT = "port"
    BUILDING = "building"
    COMMUNITY = "community"
    DEVICE = "device"


class Used(NamedTuple):
    """A number or rule of the city file that a formula uses."""

    name: str
    value: float | str
    source: Source | None
    """None: no text says so; the city's own cadence."""


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """One community against one item of the smart-community standard."""

    item: SmartItem
    verdict: VerdictName
    numerator: int | None
    denominator: int | None
    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object behind a figure: its verdict, why, and what it adds."""

    subject: Subject
    id: str
    area: str
    verdict: VerdictName
    reason: VerdictReason
    weight: float
    """What it adds to the denominator: 1, households, ONUs, square metres."""
    adds: float
    """What it adds to the numerator: its weight if it is in, unless the figure sums counts."""
    last_report_ms: int | None
    values: dict[str, Any]
    """What the newest report said, and what the verdict was made from."""
    community: str | None
    parts: tuple["Entry", ...]
    """Of a building: the ports that pass it."""
    items: tuple[ItemEntry, ...]
    """Of a community: the items of the standard."""
