"""Every error as problem+json (RFC 9457): the handlers, and the responses shown in OpenAPI."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from gigacity_api.errors import ApiProblem, NotModifiedError, StoreError
from gigacity_api.http.etag import headers_of
from gigacity_api.http.schemas.common import Model, Problem

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:gigacity:problem:"

_log = structlog.get_logger("gigacity_api.http")


def _answer(request: Request, problem: ApiProblem) -> JSONResponse:
    body = {
        "type": TYPE_PREFIX + problem.slug,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
        **problem.more,
    }
    return JSONResponse(
        body, status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiProblem)  # noqa: S101 - narrows what Starlette's signature widens.
    return _answer(request, error)


async def _on_not_modified(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotModifiedError)  # noqa: S101 - as above
    return Response(status_code=304, headers=headers_of(error.etag))


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    errors = [
        {"field": ".".join(str(part) for part in e["loc"]), "message": e["msg"]}
        for e in error.errors()
    ]
    detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors)
    problem = ApiProblem(422, "invalid-request", "Invalid request", detail, errors=errors)
    return _answer(request, problem)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    slug = str(error.detail).lower().replace(" ", "-")
    problem = ApiProblem(
        error.status_code, slug, str(error.detail), headers=dict(error.headers or {})
    )
    return _answer(request, problem)


async def _on_store(request: Request, error: Exception) -> Response:
    _log.warning("request needs the database", path=request.url.path, reason=str(error))
    problem = ApiProblem(
        503, "database-unavailable", "The database cannot answer now", str(error),
        headers={"Retry-After": "5"},
    )  # fmt: skip
    return _answer(request, problem)


async def _on_bug(request: Request, error: Exception) -> Response:
    _log.error("request failed", path=request.url.path, exc_info=error)
    return _answer(request, ApiProblem(500, "internal-error", "Internal error"))


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""
    app.add_exception_handler(ApiProblem, _on_problem)
    app.add_exception_handler(NotModifiedError, _on_not_modified)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(StoreError, _on_store)
    app.add_exception_handler(Exception, _on_bug)


_EXAMPLES: dict[int, tuple[str, str, str]] = {
    400: ("bad-cursor", "Not a cursor", "pass next_cursor of the last answer, unchanged"),
    401: ("unauthenticated", "API key needed", "send Authorization: Bearer <key>"),
    403: ("scope-missing", "The key may not do this", "the key needs the scope read"),
    404: ("unknown-indicator", "No such indicator", "there is no indicator 'pon.ports'"),
    409: (
        "idempotency-in-progress",
        "That request is still being worked on",
        "the first request with this Idempotency-Key has no answer yet; try again",
    ),
    410: ("evaluation-gone", "That evaluation is gone", "start again without a cursor"),
    413: ("content-too-large", "Content Too Large", "a body has at most 2 MB"),
    422: ("invalid-request", "Invalid request", "query.limit: Input should be less than ..."),
    501: ("evidence-elsewhere", "No evidence here", "ask the process that evaluates"),
    429: ("too-many", "Too many at once", "try again in a few seconds"),
    503: ("not-evaluated-yet", "No figures yet", "no evaluation yet"),
}


_CACHED_HEADERS: dict[str, Any] = {
    "ETag": {
        "description": "version of what the answer says (weak)",
        "schema": {"type": "string", "pattern": '^W/"[0-9a-f]{24}"$'},
    }
}


def responses(*statuses: int, cached: bool = False) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route's errors; 401, 403, 422 and 503 are every route's.

    Args:
        statuses: further ones.
        cached: the answer has an ETag, so that 304 is possible.
    """
    found: dict[int | str, dict[str, Any]] = {}
    for status in sorted({401, 403, 422, 503, *statuses}):
        found[status] = _response(status, "/api/v1/indicators", *_EXAMPLES[status])
    if cached:
        found[200] = {"headers": _CACHED_HEADERS}
        found[304] = {
            "description": "the caller has this answer (If-None-Match)", "headers": _CACHED_HEADERS,
        }  # fmt: skip
    return found


def report_responses(model: type[Model]) -> dict[int | str, dict[str, Any]]:
    """The answers of what takes reports, but for a new entry."""
    refused = _response(
        422, "/api/v1/reports", "report-refused", "Nothing was stored",
        "value: service.end_to_end_online is a fraction from 0 to 1",
        errors=[
            {
                "field": "body.value", "row": None, "zh": "该指标为0到1之间的比值",
                "message": "service.end_to_end_online is a fraction from 0 to 1; 98 looks like a"
                " percentage: give 0.98",
            }
        ],
    )  # fmt: skip
    elsewhere = _response(501, "/api/v1/reports", *REPORTS_ELSEWHERE)
    known = {"model": model, "description": "it was entered before: nothing is stored again"}
    return responses(400, 409, 413) | {200: known, 422: refused, 501: elsewhere}


REPORTS_ELSEWHERE = (
    "reports-elsewhere", "Reports are entered elsewhere",
    "this process runs with --no-evaluate and only serves; enter reports at the one that evaluates,"
    " so that each gets a revision of its own",
)  # fmt: skip


def _response(
    status: int, instance: str, slug: str, title: str, detail: str, **more: Any
) -> dict[str, Any]:
    example = {
        "type": TYPE_PREFIX + slug,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
        **more,
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": title,
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }


PROBLEM_SCHEMA = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
"""The schema that ``responses`` refers to; the app adds it to its OpenAPI document."""
