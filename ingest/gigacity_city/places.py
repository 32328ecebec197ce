"""What the cells of communities.csv and buildings.csv must hold together."""

from collections import Counter

from gigacity_city import files, schemas
from gigacity_city.model import Area, Building, Community
from gigacity_city.tables import CityTables, Register, TableRow


def read_places(tables: CityTables) -> tuple[Register[Community], Register[Building]]:
    """Read both tables and check them against each other and the areas."""
    areas: Register[Area] = tables.registers[files.OUTLINE]
    with_tv: list[TableRow] = []

    def check(row: TableRow) -> None:
        _check_area(row, areas)
        surface, with_5g = row.values["surface_m2"], row.values["area_5g_m2"]
        if surface is not None and with_5g is not None and with_5g > surface:
            row.fault("area_5g_m2", f"{with_5g} is more than the surface of {surface}")
        if row.values["tv_households"] is not None:
            with_tv.append(row)

    communities = tables.declare(schemas.COMMUNITIES, Community, check)
    buildings = tables.declare(schemas.BUILDINGS, Building)
    if not tables.problems.has(files.BUILDINGS):
        _check_reported_households(with_tv, communities, buildings)
    return communities, buildings


def _check_area(row: TableRow, areas: Register[Area]) -> None:
    code, area_code = row.values["code"], row.values["area"]
    if code is None or area_code is None or not areas.is_complete:
        return
    area = areas.find(area_code)
    # A zone has no code of its own in GB/T 2260: its communities keep those of their district.
    if areas.is_missing(code[:6]):
        row.fault("code", f"{code} begins with {code[:6]}, which is not in {files.OUTLINE}")
    elif code[:6] != area_code and area is not None and not area.is_local:
        row.fault("area", f"community {code} belongs to {code[:6]} or to a zone, not {area_code}")


def _check_reported_households(
    rows: list[TableRow], communities: Register[Community], buildings: Register[Building]
) -> None:
    households: Counter[str] = Counter()
    for building in buildings.items:
        households[building.community] += building.households
    for row in rows:
        code, reported = row.values["code"], row.values["tv_households"]
        if communities.find(code or "") and reported > households[code]:
            row.fault(
                "tv_households",
                f"{reported} is more than the {households[code]} households of its buildings",
            )
