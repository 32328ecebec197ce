"""Places as schemas of the answers. Pure."""

import numpy as np

from gigacity_api.evaluator.board import Publication
from gigacity_api.http.presenters.figures import figure_out, name_out
from gigacity_api.http.schemas.figures import FigureOut
from gigacity_api.http.schemas.places import AreaOut, CommunityOut, OltOut
from gigacity_api.indicators.universe import Universe


def figures_at(publication: Publication, scope: str, code: str) -> list[FigureOut]:
    """Every figure of a place."""
    return [
        figure_out(publication, figure)
        for figure in publication.figures
        if figure.scope == scope and figure.code == code
    ]


def area_out(universe: Universe, index: int) -> AreaOut:
    """An area and what is registered there."""
    area = universe.city.areas[index]
    return AreaOut(
        code=area.code,
        name=name_out(area.name),
        kind=area.kind,
        retired_codes=list(area.retired),
        is_local=area.is_local,
        communities=int(np.count_nonzero(universe.community_area == index)),
        olts=int(np.count_nonzero(universe.olt_area == index)),
        ports=int(np.count_nonzero(universe.port_area == index)),
        devices=int(np.count_nonzero(universe.device_area == index)),
    )


def community_out(universe: Universe, index: int) -> CommunityOut:
    """A community and what is registered there."""
    community = universe.city.communities[index]
    return CommunityOut(
        code=community.code,
        name=community.name,
        area=community.area,
        urban_class=community.urban_class,
        is_urban=bool(universe.community_is_urban[index]),
        households=int(universe.community_households[index]),
        devices=len(universe.device_of_tags[community.code]),
    )


def olt_out(universe: Universe, index: int) -> OltOut:
    """An OLT and how many ports it has."""
    olt = universe.city.olts[index]
    ports = int(np.count_nonzero(universe.port_olt == index))
    return OltOut(id=olt.id, area=olt.area, ports=ports)
