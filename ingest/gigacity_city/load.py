"""Loads a city folder: all of it and without a fault, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gigacity_city import files, schemas
from gigacity_city.equipment import read_devices
from gigacity_city.files import CityFiles, read_files
from gigacity_city.foreign_tables import count_foreign_ids, read_foreign_ids
from gigacity_city.map_file import read_map
from gigacity_city.model import Area, City, Gateway, Olt
from gigacity_city.network import read_coverage, read_ports
from gigacity_city.outline import Outline, read_outline
from gigacity_city.places import read_places
from gigacity_city.problems import Problems
from gigacity_city.tables import CityTables, Register
from gigacity_city.wholeness import check_losses, read_whole, table_counts


@dataclass(frozen=True, slots=True)
class LoadedCity:
    """A city, and the bytes that it was made from."""

    city: City
    files: CityFiles


def load_city(folder: Path) -> City:
    """Read and check every file of a city folder.

    Takes about a second for a city of four million people; reads files, and nothing else.

    Raises:
        CityError: with every fault of the folder, each with file, row and column.
    """
    return load_whole(folder).city


def load_whole(folder: Path, in_force: Mapping[str, int] | None = None) -> LoadedCity:
    """Read a city folder that must be whole: no copy under way, none cut short.

    Args:
        folder: of the city.
        in_force: how much each table of the city in force declares (``table_counts``); a table
            that lost much of it at once is refused, unless checksums prove it.

    Raises:
        CityError: as ``load_city``.
    """
    problems = Problems()
    content = read_whole(folder, problems)
    city = parse_city(content.files, problems)
    if in_force and not content.is_proven:
        check_losses(in_force, table_counts(city), problems)
        problems.raise_if_any()
    return LoadedCity(city, content.files)


def load_unproven(folder: Path) -> LoadedCity:
    """Read a city folder whatever its checksums say: for whoever is about to write them.

    Raises:
        CityError: as ``load_city``.
    """
    problems = Problems()
    content = read_files(folder, problems)
    return LoadedCity(parse_city(content, problems), content)


def parse_city(content: CityFiles, problems: Problems, *, counts_foreign_ids: bool = False) -> City:
    """The city that files declare.

    Args:
        content: of its files.
        problems: already noted.
        counts_foreign_ids: only count the rows of that table: it was checked before, and nobody
            asks for what stands in it.

    Raises:
        CityError: with every fault, those already noted among them.
    """
    texts = content.texts(problems)
    outline = read_outline(texts[files.OUTLINE], problems)
    tables = CityTables(texts, problems)
    tables.registers[files.OUTLINE] = _areas(outline)
    communities, buildings = read_places(tables)
    olts = tables.declare(schemas.OLTS, Olt)
    ports = read_ports(tables.table(schemas.PORTS))
    coverage = read_coverage(tables.table(schemas.COVERAGE), ports, buildings)
    gateways = tables.declare(schemas.GATEWAYS, Gateway)
    devices = read_devices(tables)
    foreign_ids = (
        count_foreign_ids(texts.get(files.FOREIGN_IDS))
        if counts_foreign_ids
        else read_foreign_ids(tables, ports, devices)
    )
    city_map = read_map(texts.get(files.MAP), (area.code for area in outline.areas), problems)
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
        foreign_ids=foreign_ids,
        map=city_map,
    )


def _areas(outline: Outline) -> Register[Area]:
    areas = Register[Area](files.OUTLINE, "area", is_complete=outline.is_complete)
    for line, area in enumerate(outline.areas):
        areas.declare(area.code, line, area)
    return areas
