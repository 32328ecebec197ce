"""What a caller names, found: areas, communities, OLTs, indicators and their figures."""

from gigacity_api.evaluator.publication import Publication
from gigacity_api.http import problem_types as kinds
from gigacity_api.http.parameters import FigurePlace
from gigacity_api.http.problem_types import ApiProblem
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.reports.catalogue import DeclarableFigure, declarable


def known_area(inventory: Inventory, code: str) -> int:
    """The index of an area; a retired code leads to its successor. Raises ApiProblem (404)."""
    current = inventory.city.area_of_code.get(code)
    if current is None:
        raise ApiProblem(kinds.UNKNOWN_AREA, f"there is no area {code!r}")
    return inventory.area_index[current]


def known_community(inventory: Inventory, code: str) -> int:
    """The index of a community. Raises ApiProblem (404)."""
    index = inventory.community_index.get(code)
    if index is None:
        raise ApiProblem(kinds.UNKNOWN_COMMUNITY, f"there is no community {code!r}")
    return index


def known_olt(inventory: Inventory, id_: str) -> int:
    """The index of an OLT. Raises ApiProblem (404)."""
    index = inventory.olt_index.get(id_)
    if index is None:
        raise ApiProblem(kinds.UNKNOWN_OLT, f"there is no OLT {id_!r}")
    return index


def known_device(inventory: Inventory, community: str, device: str) -> int:
    """The index of a device. Raises ApiProblem (404)."""
    index = inventory.device_of_tags.get(community, {}).get(device)
    if index is None:
        raise ApiProblem(kinds.UNKNOWN_DEVICE, f"there is no device {device!r} in {community}")
    return index


def known_port(inventory: Inventory, olt: str, slot: int, port: int) -> int:
    """The index of a port. Raises ApiProblem (404)."""
    known_olt(inventory, olt)
    index = inventory.port_of_tags.get((olt, str(slot), str(port)))
    if index is None:
        raise ApiProblem(kinds.UNKNOWN_PORT, f"the OLT {olt!r} has no port {slot}/{port}")
    return index


def definition_of(indicator: str) -> Definition:
    """The definition of a measured indicator. Raises ApiProblem (404)."""
    definition = REGISTRY.get(indicator)
    if definition is None:
        raise ApiProblem(
            kinds.UNKNOWN_INDICATOR,
            f"there is no indicator {indicator!r}; GET /api/v1/scorecard names them",
        )
    return definition


def declarable_of(indicator: str) -> DeclarableFigure:
    """What offices may declare under an id, measured or not. Raises ApiProblem (404)."""
    known = declarable(indicator)
    if known is None:
        raise ApiProblem(kinds.UNKNOWN_INDICATOR, f"there is no figure {indicator!r}")
    return known


def place_code(inventory: Inventory, place: FigurePlace) -> str:
    """The code of a figure's place; the city's own may be left out.

    Raises:
        ApiProblem: 404, another code is given for the city.
    """
    city = inventory.city.code
    if place.scope is not Level.CITY:
        return place.code or ""
    if place.code not in {None, city}:
        raise ApiProblem(kinds.UNKNOWN_FIGURE, f"the city has the code {city}, not {place.code!r}")
    return city


def figure_of(publication: Publication, definition: Definition, scope: str, code: str) -> Figure:
    """The figure of a definition at a level and code.

    Raises:
        ApiProblem: 404, the definition has no such level, or the level no such figure.
    """
    if scope not in definition.levels:
        levels = ", ".join(definition.levels)
        raise ApiProblem(kinds.UNKNOWN_FIGURE, f"{definition.id} has the levels {levels}")
    figure = publication.by_key.get((definition.id, scope, code))
    if figure is None:
        raise ApiProblem(
            kinds.UNKNOWN_FIGURE, f"{definition.id} has no figure for {scope} {code!r}"
        )
    return figure
