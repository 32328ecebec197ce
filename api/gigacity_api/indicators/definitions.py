"""What an indicator is: its names, formula, levels and standard, as data.

A change of a formula is a new ``method_version`` with the date from which it holds; figures carry
the version they were made with. Numbers that a formula uses are in the city file (``methods``).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from gigacity_city.model import City, Direction, Name, Target

Basis = Literal["measured", "reported"]


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


class Predicate(StrEnum):
    """What is asked of each object; ``columns`` answers it."""

    PORT_10G = "port_10g"
    PORT_AVAILABLE = "port_available"
    PORT_OPTICS = "port_optics"
    PORT_ONUS = "port_onus"
    BUILDING_10G = "building_10g"
    DEVICE_ONLINE = "device_online"
    CAMERA_INTACT = "camera_intact"
    CAMERA_PICTURE = "camera_picture"
    COMMUNITY_SMART = "community_smart"
    COMMUNITY_5G_AREA = "community_5g_area"
    COMMUNITY_TV = "community_tv"
    COMMUNITY_CAMERAS = "community_cameras"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What measured and reported indicators have in common."""

    id: str
    name: Name
    unit: str
    """``ratio``: a part of a whole; else what is counted."""
    formula: Name
    levels: tuple[Level, ...]
    direction: Direction
    standard: Name
    """Where the figure is asked for."""
    standard_date: str
    """ISO date of that text; empty for operating figures, which no text asks for."""
    method_version: int
    effective: str
    """ISO date from which this method holds."""
    parameters: tuple[str, ...] = ()
    """Parameters of the city file that the formula uses; without one of them there is no figure."""

    @property
    def basis(self) -> Basis:
        """Whether the figure is computed from telemetry or entered by an office."""
        return "reported"

    @property
    def is_ratio(self) -> bool:
        """A part of a whole, rather than a number."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Indicator):
    """An indicator that offices report; nothing here computes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Indicator):
    """An indicator that is computed from telemetry and the city file."""

    window: Name
    """How long a report counts."""
    subject: Subject
    predicate: Predicate
    device_kind: str | None = None
    """For figures of one kind of device."""
    urban_only: bool = False
    """Counts only households that are urban, county level and above."""
    is_alternative: bool = False
    """Urban by the alternative rule of the city file; without one there is no figure."""
    per_households: bool = False
    """Ports times households per port, over all households: no share, it may exceed 1."""
    item: str | None = None
    """The item of the smart-community standard whose threshold holds in a community."""

    @property
    def basis(self) -> Basis:
        """Whether the figure is computed from telemetry or entered by an office."""
        return "measured"

    def target(self, city: City, scope: str, code: str) -> Target | None:
        """The target that holds at a scope; in a community, an item's is its threshold."""
        if self.item is None or scope != Level.COMMUNITY:
            # Explicit: a dataclass with slots is made anew, which breaks ``super()``.
            return Indicator.target(self, city, scope, code)
        item = next((i for i in city.smart_items if i.id == self.item), None)
        if item is None:
            return None
        return Target(self.id, scope, "", item.threshold, "at_least", "", item.reference)

    def is_computable(self, city: City) -> bool:
        """Whether the city file has every parameter and rule that the formula needs."""
        if self.is_alternative and city.urban.alternative is None:
            return False
        return all(name in city.parameter_by_name for name in self.parameters)
