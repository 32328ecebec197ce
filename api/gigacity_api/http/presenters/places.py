"""Places as schemas of the answers. Pure."""

import numpy as np

from gigacity_api.evaluator.publication_cache import Publication
from gigacity_api.http.presenters.figures import figure_out, name_out
from gigacity_api.http.schemas.figures import FigureOut
from gigacity_api.http.schemas.places import AreaOut, CommunityOut, OltOut
from gigacity_api.indicators.inventory import Inventory


def figures_at(publication: Publication, scope: str, code: str) -> list[FigureOut]:
    """Every figure of a place."""
    return [
        figure_out(publication, figure)
        for figure in publication.figures
        if figure.scope == scope and figure.code == code
    ]


def area_out(inventory: Inventory, index: int) -> AreaOut:
    """An area and what is registered there."""
    area = inventory.city.areas[index]
    return AreaOut(
        code=area.code,
        name=name_out(area.name),
        kind=area.kind,
        retired_codes=list(area.retired),
        is_local=area.is_local,
        communities=int(np.count_nonzero(inventory.community_area == index)),
        olts=int(np.count_nonzero(inventory.olt_area == index)),
        ports=int(np.count_nonzero(inventory.port_area == index)),
        devices=int(np.count_nonzero(inventory.device_area == index)),
    )


def community_out(inventory: Inventory, index: int) -> CommunityOut:
    """A community and what is registered there."""
    community = inventory.city.communities[index]
    return CommunityOut(
        code=community.code,
        name=community.name,
        area=community.area,
        urban_class=community.urban_class,
        is_urban=bool(inventory.community_is_urban[index]),
        households=int(inventory.community_households[index]),
        devices=len(inventory.device_of_tags[community.code]),
    )


def olt_out(inventory: Inventory, index: int) -> OltOut:
    """An OLT and how many ports it has."""
    olt = inventory.city.olts[index]
    ports = int(np.count_nonzero(inventory.port_olt == index))
    return OltOut(id=olt.id, area=olt.area, ports=ports)
