"""Loads a city folder: all of it and without a fault, or not at all."""

from pathlib import Path

from gigacity_city import files, schemas
from gigacity_city.equipment import read_devices
from gigacity_city.model import Area, City, Gateway, Olt
from gigacity_city.network import read_coverage, read_ports
from gigacity_city.outline import Outline, read_outline
from gigacity_city.places import read_places
from gigacity_city.problems import Problems
from gigacity_city.tables import CityTables, Register


def load_city(folder: Path) -> City:
    """Read and check every file of a city folder.

    Takes about a second for a city of four million people; reads files, and nothing else.

    Raises:
        CityError: with every fault of the folder, each with file, row and column.
    """
    problems = Problems()
    content = files.read_files(folder, problems)
    texts = content.texts
    outline = read_outline(texts[files.OUTLINE], problems)
    tables = CityTables(texts, problems)
    tables.registers[files.OUTLINE] = _areas(outline)
    communities, buildings = read_places(tables)
    olts = tables.declare(schemas.OLTS, Olt)
    ports = read_ports(tables.table(schemas.PORTS))
    coverage = read_coverage(tables.table(schemas.COVERAGE), ports, buildings)
    gateways = tables.declare(schemas.GATEWAYS, Gateway)
    devices = read_devices(tables)
    problems.raise_if_any()
    return City(
        version=content.version,
        code=outline.code,
        name=outline.name,
        profile=outline.profile,
        is_synthetic=outline.is_synthetic,
        areas=outline.areas,
        communities=tuple(communities.items),
        buildings=tuple(buildings.items),
        olts=tuple(olts.items),
        ports=tuple(ports.items),
        coverage=tuple(coverage),
        gateways=tuple(gateways.items),
        devices=devices,
        targets=outline.targets,
        parameters=outline.parameters,
        smart_items=outline.smart_items,
        urban=outline.urban,
        cadence=outline.cadence,
        not_assessed=outline.not_assessed,
    )


def _areas(outline: Outline) -> Register[Area]:
    areas = Register[Area](files.OUTLINE, "area", is_complete=outline.is_complete)
    for line, area in enumerate(outline.areas):
        areas.declare(area.code, line, area)
    return areas
