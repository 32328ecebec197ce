"""Reads communities.csv and buildings.csv: where homes are."""

from dataclasses import dataclass

from gigacity_city import files
from gigacity_city.model import Building, Community
from gigacity_city.outline import Outline
from gigacity_city.problems import Problems
from gigacity_city.tables import Register, Row, Table
from gigacity_city.vocabulary import URBAN_CLASSES

COMMUNITY_COLUMNS = (
    "code",
    "name",
    "area",
    "urban_class",
    "surface_m2",
    "area_5g_m2",
    "tv_households",
    "key_positions",
)
BUILDING_COLUMNS = ("id", "community", "households")

_MAX_SURFACE_M2 = 10**10
_MAX_HOUSEHOLDS = 100_000


@dataclass(frozen=True, slots=True)
class Places:
    """Communities and buildings, in the order of their tables."""

    communities: list[Community]
    community_register: Register[Community]
    buildings: list[Building]
    building_register: Register[int]
    """Index in ``buildings`` by id."""


def read_places(texts: dict[str, str | None], outline: Outline, problems: Problems) -> Places:
    """Read both tables and check them against each other and the areas."""
    table = Table(files.COMMUNITIES, COMMUNITY_COLUMNS, texts[files.COMMUNITIES], problems)
    register: Register[Community] = Register(table, "community")
    communities: list[Community] = []
    for row in table.rows:
        community = _community(row, outline)
        if register.declare(row, "code", community) and community is not None:
            communities.append(community)
    building_table = Table(files.BUILDINGS, BUILDING_COLUMNS, texts[files.BUILDINGS], problems)
    buildings, building_register = _buildings(building_table, register)
    if not problems.has(files.BUILDINGS):
        _check_reported_households(table, register, buildings)
    return Places(communities, register, buildings, building_register)


def _community(row: Row, outline: Outline) -> Community | None:
    code = row.community_code("code")
    name = row.text("name")
    area = _area(row, code, outline)
    urban_class = row.whole("urban_class", 0, 999)
    if urban_class is not None and urban_class not in URBAN_CLASSES:
        known = ", ".join(map(str, sorted(URBAN_CLASSES)))
        row.fault("urban_class", f"{urban_class} is not an urban-rural class; known are {known}")
        urban_class = None
    surface = row.whole("surface_m2", 1, _MAX_SURFACE_M2)
    area_5g = row.optional_whole("area_5g_m2", 0, _MAX_SURFACE_M2)
    if surface is not None and area_5g is not None and area_5g > surface:
        row.fault("area_5g_m2", f"{area_5g} is more than the surface of {surface}")
    tv_households = row.optional_whole("tv_households", 0, 10 * _MAX_HOUSEHOLDS)
    key_positions = row.optional_whole("key_positions", 0, _MAX_HOUSEHOLDS)
    if code is None or name is None or area is None or urban_class is None or surface is None:
        return None
    return Community(code, name, area, urban_class, surface, area_5g, tv_households, key_positions)


def _area(row: Row, code: str | None, outline: Outline) -> str | None:
    area_code = row.area_code("area")
    if area_code is None or not outline.is_complete:
        return area_code
    area = outline.area_by_code.get(area_code)
    if area is None:
        row.fault("area", f"area {area_code!r} is not in {files.OUTLINE}")
        return None
    if code is None:
        return area_code
    # A zone has no code of its own in GB/T 2260: its communities keep those of their district.
    if code[:6] not in outline.area_by_code:
        row.fault("code", f"{code} begins with {code[:6]}, which is not in {files.OUTLINE}")
    elif code[:6] != area_code and not area.is_local:
        row.fault("area", f"community {code} belongs to {code[:6]} or to a zone, not {area_code}")
    return area_code


def _buildings(
    table: Table, communities: Register[Community]
) -> tuple[list[Building], Register[int]]:
    register: Register[int] = Register(table, "building")
    buildings: list[Building] = []
    for row in table.rows:
        identifier = row.identifier("id")
        community = row.community_code("community")
        place = communities.find(row, "community", community) if community else None
        # One text for a community's code, however many buildings name it: megabytes of a city.
        community = place.code if place else community
        households = row.whole("households", 1, _MAX_HOUSEHOLDS)
        if register.declare(row, "id", len(buildings)):
            # Also where a cell is wrong: each index then still means one row to coverage.csv.
            buildings.append(Building(identifier or "", community or "", households or 0))
    return buildings, register


def _check_reported_households(
    table: Table, communities: Register[Community], buildings: list[Building]
) -> None:
    households: dict[str, int] = {}
    for building in buildings:
        households[building.community] = households.get(building.community, 0) + building.households
    for row in table.rows:
        community = communities.value(row.raw("code"))
        if community is None or community.tv_households is None:
            continue
        total = households.get(community.code, 0)
        if community.tv_households > total:
            row.fault(
                "tv_households",
                f"{community.tv_households} is more than the {total} households of its buildings",
            )
