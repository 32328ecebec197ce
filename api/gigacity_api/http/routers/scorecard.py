"""The scorecard: every headline figure against its target."""

from fastapi.responses import Response

from gigacity_api.http.dependencies import InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.scorecard import Scorecard

router = read_router("figures")


@router.get("/scorecard", summary="The city against its targets", **answers(Scorecard))
async def scorecard(shared: InContext, conditional: InConditional) -> Response:
    """Headline figures of the city and of its areas, at the newest evaluated instant.

    What offices reported stands beside what is measured, with the gap; figures that only offices
    know follow.
    """
    publication, declared = shared.publication(), shared.declarations.known
    alarms = shared.alarms.snapshot
    headers = conditional.check_publication(
        publication, len(declared), declared.newest_entry_ms, alarms.edition
    )
    text = shared.scorecards.json(
        publication, declared, alarms.alarms, age_s=shared.age_s(publication)
    )
    return Response(text, media_type="application/json", headers=headers)
