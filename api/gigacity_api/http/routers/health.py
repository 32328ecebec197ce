"""Health, readiness and metrics: open, for orchestrators and scrapers."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import InContext
from gigacity_api.metrics import CONTENT_TYPE
from gigacity_contract.local_time import rfc3339

router = APIRouter(tags=["operation"])

LATE_INTERVALS = 3
"""Ready until the figures are this many intervals late: one late evaluation is no outage."""


@router.get("/healthz", summary="The process lives", response_model=dict[str, bool])
async def healthz() -> dict[str, bool]:
    """Answers while the process can answer at all."""
    return {"alive": True}


def _readiness(shared: Context) -> dict[str, Any]:
    newest = shared.cache.newest()
    reasons = [shared.cache.trouble] if shared.cache.trouble else []
    body: dict[str, Any] = {"ready": False, "as_of": None, "as_of_ms": None, "age_s": None}
    if newest is not None:
        age_s = shared.age_s(newest)
        settings = shared.evaluation
        if age_s > settings.allowed_lateness_s + LATE_INTERVALS * settings.tick_s:
            reasons.append(f"the newest figures are {age_s:.0f} s old")
        body |= {
            "as_of": rfc3339(newest.as_of_ms), "as_of_ms": newest.as_of_ms,
            "age_s": round(age_s, 3),
        }  # fmt: skip
    backlog = shared.revision_backlog()
    if backlog is not None:
        oldest_ms, left_s = backlog.oldest_ms, backlog.left_s
        body["revisions"] = {
            "waiting": backlog.waiting,
            "oldest": None if oldest_ms is None else rfc3339(oldest_ms),
            "left_s": None if left_s is None else round(left_s),
            "set_aside": backlog.set_aside,
        }
    body["ready"] = not reasons
    body["reasons"] = reasons
    # A bad edit of a file leaves the one before in force: worth a word, no reason to be taken out.
    body["warnings"] = [text for text in (shared.keys.trouble, shared.cities.trouble) if text]
    if backlog is not None and backlog.set_aside:
        body["warnings"].append(
            f"{backlog.set_aside} instants are set aside: their revision keeps failing (the log"
            " says why); each is tried again within hours"
        )
    return body


@router.get(
    "/readyz",
    summary="Figures are fresh",
    responses={503: {"description": "not ready; the body says why", "model": dict[str, Any]}},
    response_model=dict[str, Any],
)
async def readyz(shared: InContext) -> JSONResponse:
    """200 while figures are fresh, else 503 and why; old figures are served all the same."""
    body = _readiness(shared)
    return JSONResponse(body, status_code=200 if body["ready"] else 503)


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def metrics(shared: InContext) -> Response:
    """Prometheus text format."""
    return Response(shared.metrics.text(), media_type=CONTENT_TYPE)
