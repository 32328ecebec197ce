"""The city's own boundaries, coloured by the verdict of a figure: for Grafana's geomap."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field

from gigacity_api.http.dependencies import InContext, require_read
from gigacity_api.http.etag import InConditional
from gigacity_api.http.lookups import definition_of
from gigacity_api.http.parameters import Parameters
from gigacity_api.http.problem_types import NO_MAP, ApiProblem
from gigacity_api.http.responses import responses
from gigacity_api.indicators.levels import Level
from gigacity_api.site.verdict_map import verdict_map

router = APIRouter(prefix="/api/v1", tags=["figures"])

MEDIA_TYPE = "application/geo+json"
_bearer = HTTPBearer(auto_error=False, description="an API key, unless figures of areas are public")


class MapQuery(Parameters):
    """Whose verdict colours the areas."""

    indicator: str = Field("home.gigabit_access", description="id of an indicator")


@router.get(
    "/map.geojson",
    summary="The areas as GeoJSON, coloured by verdict",
    response_class=Response,
    responses=responses(404, NO_MAP, cached=True)
    | {
        200: {
            "description": "a feature for each area that the city's map has",
            "content": {
                MEDIA_TYPE: {
                    "schema": {"type": "object"},
                    "example": {
                        "type": "FeatureCollection", "review_number": "鲁滨SG(2026)001号",
                        "source": "滨州市自然资源和规划局", "features": [],
                    },
                }
            },
        }
    },
)  # fmt: skip
async def get_verdict_map(
    request: Request,
    shared: InContext,
    conditional: InConditional,
    query: Annotated[MapQuery, Query()],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Response:
    """Boundaries come from the city's own reviewed `map.geojson` alone; without one there are none.

    Needs no key where figures of areas are public: a board's browser has none to send.
    """
    definition, scope = definition_of(query.indicator), shared.site.scope
    is_public = scope.has(definition.id) and scope.shows_level(Level.AREA)
    if not is_public:
        await require_read(request, shared, credentials)
    publication = shared.publication()
    map_ = publication.inventory.city.map
    if map_ is None:
        raise ApiProblem(NO_MAP, NO_MAP.meaning)
    is_late = shared.site.is_late(publication)
    headers = conditional.check_publication(publication, is_late)
    if is_public:
        # A board is a page of another origin; what everybody may read, its script may.
        headers = {**headers, "Access-Control-Allow-Origin": "*"}
    body = msgspec.json.encode(verdict_map(map_, publication, definition, is_late=is_late))
    return Response(body, media_type=MEDIA_TYPE, headers=headers)
