"""What an indicator is: its names, formula, levels and standard, as data.

A change of a formula is a new ``method_version`` with the date from which it holds; figures carry
the version they were made with.
"""

from dataclasses import dataclass
from enum import StrEnum

from gigacity_contract.city.model import City, Direction, Name, Target


class Level(StrEnum):
    """Scopes of a figure."""

    CITY = "city"
    AREA = "area"
    COMMUNITY = "community"
    OLT = "olt"


class Subject(StrEnum):
    """The objects that a figure counts, and that its evidence lists."""

    PORT = "port"
    BUILDING = "building"
    COMMUNITY = "community"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Definition:
    """One indicator."""

    id: str
    name: Name
    unit: str
    """``ratio``: a fraction 0 to 1; else what is counted."""
    formula: Name
    window: Name
    """How long a report counts."""
    subject: Subject
    levels: tuple[Level, ...]
    direction: Direction
    standard: Name
    """Where the figure is asked for."""
    method_version: int
    effective: str
    """ISO date from which this method holds."""
    device_kind: str | None = None
    """For figures of one kind of device."""
    urban_only: bool = False
    """Counts only households that are urban, county level and above."""

    @property
    def is_ratio(self) -> bool:
        """A share of what is registered, rather than a count of it."""
        return self.unit == "ratio"

    def target(self, city: City, scope: str, code: str) -> Target | None:
        """The target that holds at a scope.

        One set for exactly this scope goes first. The city's target of a ratio holds at each of its
        levels; that of a count does not, since a part of the city need not hold the whole number.
        """
        mine = [t for t in city.targets if t.indicator == self.id]
        if scope == Level.CITY:
            return next((t for t in mine if t.scope == Level.CITY), None)
        own = next((t for t in mine if t.scope == scope and t.code == code), None)
        if own is not None or not self.is_ratio:
            return own
        return next((t for t in mine if t.scope == Level.CITY), None)
