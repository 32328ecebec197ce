"""Loads a city folder: all of it and without a fault, or not at all."""

from pathlib import Path

from gigacity_city import files
from gigacity_city.equipment import read_devices, read_gateways
from gigacity_city.model import City
from gigacity_city.network import read_network
from gigacity_city.outline import read_outline
from gigacity_city.places import read_places
from gigacity_city.problems import Problems


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
    places = read_places(texts, outline, problems)
    network = read_network(texts, outline, places.building_register, problems)
    gateways, gateway_register = read_gateways(texts[files.GATEWAYS], outline, problems)
    devices = read_devices(
        texts[files.DEVICES], places.community_register, gateway_register, problems
    )
    problems.raise_if_any()
    return City(
        version=content.version,
        code=outline.code,
        name=outline.name,
        profile=outline.profile,
        is_synthetic=outline.is_synthetic,
        areas=outline.areas,
        communities=tuple(places.communities),
        buildings=tuple(places.buildings),
        olts=tuple(network.olts),
        ports=tuple(network.ports),
        coverage=tuple(network.coverage),
        gateways=tuple(gateways),
        devices=devices,
        targets=outline.targets,
        parameters=outline.parameters,
        smart_items=outline.smart_items,
        urban=outline.urban,
        cadence=outline.cadence,
        not_assessed=outline.not_assessed,
    )
