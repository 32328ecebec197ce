"""What a loaded city is: frozen values, in the order of their tables.

Indices into the tuples are stable for one loaded version, so that evaluators may keep columns.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from gigacity_city.foreign_ids import ForeignIds
from gigacity_city.registry import DeviceRegistry
from gigacity_contract.kinds import CATALOGUE, PON_INTERVAL_S

Direction = Literal["at_least", "at_most"]
ItemSource = Literal["measured", "reported"]
AreaKind = Literal["district", "county", "county_level_city", "development_zone"]


class Name(NamedTuple):
    """A name in the city's language and in English."""

    zh: str
    en: str


class Source(NamedTuple):
    """Where a figure of the city file comes from."""

    text: str
    date: str
    """ISO date of the source."""
    confirmed: bool
    """False: editable, and marked as unconfirmed wherever it is shown."""


@dataclass(frozen=True, slots=True)
class Area:
    """A county-level unit or development zone: the reporting unit below the city."""

    code: str
    name: Name
    kind: AreaKind
    retired: tuple[str, ...] = ()
    """Former codes that devices may still send."""
    is_local: bool = False
    """The code is the city's own, not from GB/T 2260."""
    tile: tuple[int, ...] | None = None
    """Column and row of its tile in a map of tiles, from the north-west; None: not said."""


@dataclass(frozen=True, slots=True)
class Community:
    """A community (社区居委会) or village."""

    code: str
    name: str
    area: str
    urban_class: int
    """Urban-rural class of the statistical code: 111, 112, 121, 122, 123, 210, 220."""
    surface_m2: int
    area_5g_m2: int | None = None
    """Reported: surface with 5G signal; None: not reported."""
    tv_households: int | None = None
    """Reported: households with cable TV or IPTV, each once; None: not reported."""
    key_positions: int | None = None
    """Reported: key positions that need a camera; None: not reported."""


Position = tuple[float, float]
"""Longitude and latitude, degrees."""

Ring = tuple[Position, ...]
"""A closed line: its last position is its first."""


class AreaShape(NamedTuple):
    """The boundary of an area."""

    area: str
    polygons: tuple[tuple[Ring, ...], ...]
    """Each an outer ring and its holes."""


class CityMap(NamedTuple):
    """Boundaries that a city supplies; never one that comes with this software."""

    review_number: str
    """审图号 of the reviewed map."""
    source: str
    crs: str
    """CGCS2000 or WGS84."""
    shapes: tuple[AreaShape, ...]


class Building(NamedTuple):
    """A building, or in a village the homes behind one splitter box."""

    id: str
    community: str
    households: int


class Olt(NamedTuple):
    """An optical line terminal."""

    id: str
    area: str


class PortKey(NamedTuple):
    """A physical PON port."""

    olt: str
    slot: int
    port: int

    def __str__(self) -> str:
        return f"{self.olt}/{self.slot}/{self.port}"


class RegisteredPort(NamedTuple):
    """A registered physical PON port and the technology it was registered with."""

    key: PortKey
    tech: str


class Gateway(NamedTuple):
    """A gateway that bundles device reports of one area."""

    id: str
    area: str


@dataclass(frozen=True, slots=True)
class Target:
    """What an indicator should reach."""

    indicator: str
    scope: str
    """city, or area with the code in ``code``; ratios stand at the city and hold at each level."""
    code: str
    value: float
    direction: Direction
    due: str
    """ISO date by which it should be reached; empty if none is set."""
    source: Source


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named number of a formula, dated and editable."""

    name: str
    value: float
    source: Source


class Threshold(NamedTuple):
    """What an item must reach for a level above the basic one."""

    value: float
    source: Source


@dataclass(frozen=True, slots=True)
class SmartItem:
    """One item of the smart-community standard: a ratio that must reach a threshold."""

    id: str
    name: Name
    threshold: float
    source: ItemSource
    required: bool
    """False: assessed and shown, but it does not decide."""
    reference: Source
    growth: Threshold | None = None
    """Of the growth level (成长型); None: not known, so that level is not assessed."""
    benchmark: Threshold | None = None
    """Of the benchmark level (标杆型)."""


@dataclass(frozen=True, slots=True)
class UrbanRule:
    """Which households count as urban, county level and above."""

    everywhere: frozenset[int]
    county_seat: frozenset[int]
    county_seat_streets: frozenset[str]
    """9-digit street codes in which the classes of ``county_seat`` count, too."""
    source: Source
    alternative: "UrbanRule | None" = None
    """Another reading of the words; the figure it gives is shown beside."""

    def is_urban(self, community: Community) -> bool:
        """Whether the community's households are urban, county level and above."""
        if community.urban_class in self.everywhere:
            return True
        in_seat = community.code[:9] in self.county_seat_streets
        return in_seat and community.urban_class in self.county_seat


MAX_PATIENCE_MS = 1_800_000
"""How much longer than its window the silence of a device of its own is borne, at most."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """Expected intervals; the city file may differ from the catalogue's defaults."""

    pon_s: float = PON_INTERVAL_S
    device_s: dict[str, float] = field(default_factory=dict)
    window_intervals: int = 3

    def expected_s(self, kind: str) -> float:
        """Expected interval of a device kind, seconds."""
        return self.device_s.get(kind, CATALOGUE[kind].expected_interval_s)

    def pon_window_ms(self) -> int:
        """Freshness window of a PON port."""
        return round(self.pon_s * 1000) * self.window_intervals

    def window_ms(self, kind: str) -> int:
        """Freshness window of a device kind."""
        return round(self.expected_s(kind) * 1000) * self.window_intervals

    def patience_ms(self, kind: str) -> int:
        """How long a device that connects by itself has to be silent to be *out* by silence.

        Its own link may hold reports back while all others arrive. Links fail for minutes, whatever
        the interval: so two more windows, and no more than half an hour.
        """
        window_ms = self.window_ms(kind)
        return window_ms + min(2 * window_ms, MAX_PATIENCE_MS)


@dataclass(frozen=True)
class City:
    """One loaded version of a city folder."""

    version: str
    """Hash over the names and contents of the folder's city files, 16 hex digits."""
    code: str
    name: Name
    profile: str
    is_synthetic: bool
    areas: tuple[Area, ...]
    communities: tuple[Community, ...]
    buildings: tuple[Building, ...]
    olts: tuple[Olt, ...]
    ports: tuple[RegisteredPort, ...]
    coverage: tuple[tuple[int, int], ...]
    """(building index, port index): this port passes that building."""
    gateways: tuple[Gateway, ...]
    devices: DeviceRegistry
    targets: tuple[Target, ...]
    parameters: tuple[Parameter, ...]
    smart_items: tuple[SmartItem, ...]
    urban: UrbanRule
    cadence: Cadence
    not_assessed: tuple[Name, ...] = ()
    """Items of the smart-community standard that nothing here can measure; shown as such."""
    foreign_ids: ForeignIds = field(default_factory=ForeignIds)
    """What foreign platforms call objects of the city."""
    map: CityMap | None = None
    """Boundaries of its areas, if the city supplies them."""

    @cached_property
    def area_of_code(self) -> dict[str, str]:
        """Every current and retired area code, to the current one."""
        codes = {area.code: area.code for area in self.areas}
        codes.update({old: area.code for area in self.areas for old in area.retired})
        return codes

    @cached_property
    def parameter_by_name(self) -> dict[str, Parameter]:
        """Parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def device_kinds(self) -> tuple[str, ...]:
        """Kinds of which a device is registered, sorted."""
        return tuple(sorted({row.kind for row in self.devices.ranges}))

    @cached_property
    def community_by_code(self) -> dict[str, Community]:
        """Communities by code."""
        return {c.code: c for c in self.communities}

    @cached_property
    def olt_by_id(self) -> dict[str, Olt]:
        """OLTs by id."""
        return {olt.id: olt for olt in self.olts}
