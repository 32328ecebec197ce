"""The scorecard: every headline figure against its target."""

from fastapi import APIRouter, Depends

from gigacity_api.dependencies import InConditional, InContext, require_read
from gigacity_api.indicators.definitions import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.presenting import definition_out, figure_out, name_out
from gigacity_api.problems import responses
from gigacity_api.schemas.common import rfc3339
from gigacity_api.schemas.figures import CityOut, Scorecard, ScorecardItem

router = APIRouter(
    prefix="/api/v1", tags=["figures"], dependencies=[Depends(require_read)], responses=responses()
)


@router.get("/scorecard", summary="The city against its targets", response_model=Scorecard)
def scorecard(shared: InContext, conditional: InConditional) -> Scorecard:
    """Headline figures of the city and of its areas, at the newest evaluated instant."""
    publication = shared.publication()
    universe = publication.universe
    conditional.check_publication(publication)
    city = universe.city
    items = []
    for definition in REGISTRY.values():
        whole = publication.by_place.get((definition.id, Level.CITY, city.code))
        if definition.device_kind is not None or whole is None:
            continue
        areas = [
            publication.by_place[definition.id, Level.AREA, code]
            for code in universe.area_index
            if (definition.id, Level.AREA, code) in publication.by_place
        ]
        items.append(
            ScorecardItem(
                definition=definition_out(city, definition),
                figure=figure_out(publication, whole),
                areas=[figure_out(publication, figure) for figure in areas],
            )
        )
    return Scorecard(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        age_s=round(shared.age_s(publication), 3),
        city=CityOut(
            code=city.code, name=name_out(city.name), profile=city.profile,
            version=publication.city_version, is_synthetic=city.is_synthetic,
        ),
        items=items,
    )  # fmt: skip
