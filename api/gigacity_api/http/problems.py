"""Every error as problem+json (RFC 9457); the one place where errors of the domain are mapped."""

from typing import TypeVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from gigacity_api import errors
from gigacity_api.http import problem_texts_zh as zh
from gigacity_api.http import problem_types as kinds
from gigacity_api.http.etag import NotModifiedError, headers_of
from gigacity_api.http.problem_types import ApiProblem, ProblemType

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger("gigacity_api.http")

E = TypeVar("E", bound=Exception)

MOST_SAID = 5
"""Faults of input that `detail` repeats from `errors`."""

OF_DOMAIN: dict[type[Exception], tuple[ProblemType, str]] = {
    errors.StoreError: (kinds.DATABASE_UNAVAILABLE, ""),
    errors.InstantOutOfRangeError: (kinds.AS_OF_OUT_OF_RANGE, "query.as_of: "),
    errors.RecomputationBusyError: (kinds.AS_OF_BUSY, ""),
    errors.RecomputationCalledOffError: (kinds.AS_OF_CALLED_OFF, ""),
    errors.IdempotencyKeyReusedError: (kinds.KEY_REUSED, ""),
    errors.RequestInProgressError: (kinds.REQUEST_IN_PROGRESS, ""),
}
"""What an error of the domain is answered as, and what is put before its own words."""

OF_STATUS = {
    kind.status: kind
    for kind in (
        kinds.BAD_REQUEST, kinds.NOT_FOUND, kinds.METHOD_NOT_ALLOWED, kinds.CONTENT_TOO_LARGE,
        kinds.REQUEST_TIMEOUT, kinds.HEADERS_TOO_LARGE,
    )
}  # fmt: skip
"""What errors of the framework, and of connections below it, are answered as."""


def _answer(request: Request, problem: ApiProblem, **headers: str) -> JSONResponse:
    kind = problem.kind
    title, detail, more, language = kind.title, problem.detail, dict(problem.more), "en"
    if zh.is_wanted(request.headers.get("accept-language", "")):
        language = "zh"
        title, detail = zh.PROBLEMS[kind.slug]
        said = [f"{e['field']}:{e['zh']}" for e in problem.more.get("errors", ()) if e.get("zh")]
        detail = ";".join(said[:MOST_SAID]) or detail
        more["detail_en"] = problem.detail
    body = {
        "type": kind.type,
        "title": title,
        "status": kind.status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": getattr(request.state, "request_id", ""),
        **more,
    }
    headers |= {"Content-Language": language, "Vary": "Accept-Language"}
    return JSONResponse(
        body, status_code=kind.status, headers={**problem.headers, **headers}, media_type=MEDIA_TYPE
    )


def _as(kind: type[E], error: Exception) -> E:
    """The error, which Starlette's signature widens."""
    assert isinstance(error, kind)  # noqa: S101 - handlers are found by class
    return error


async def _on_problem(request: Request, error: Exception) -> Response:
    return _answer(request, _as(ApiProblem, error))


async def _on_not_modified(_: Request, error: Exception) -> Response:
    return Response(status_code=304, headers=headers_of(_as(NotModifiedError, error).etag))


async def _on_validation(request: Request, error: Exception) -> Response:
    found = [
        {
            "field": ".".join(str(part) for part in e["loc"]),
            "message": e["msg"],
            "zh": zh.fault(e["type"], e.get("ctx")),
        }
        for e in _as(RequestValidationError, error).errors()
    ]
    detail = "; ".join(f"{e['field']}: {e['message']}" for e in found)
    return _answer(request, ApiProblem(kinds.INVALID_REQUEST, detail, errors=found))


async def _on_http(request: Request, error: Exception) -> Response:
    found = _as(HTTPException, error)
    kind = OF_STATUS.get(found.status_code, kinds.BAD_REQUEST)
    detail = kind.meaning if found.detail == kind.title else str(found.detail)
    return _answer(request, ApiProblem(kind, detail), **(found.headers or {}))


async def _on_domain(request: Request, error: Exception) -> Response:
    kind, before = next(found for cls, found in OF_DOMAIN.items() if isinstance(error, cls))
    if kind is kinds.DATABASE_UNAVAILABLE:
        _log.warning("request needs the database", path=request.url.path, reason=str(error))
    return _answer(request, ApiProblem(kind, before + (str(error) or kind.meaning)))


async def _on_bug(request: Request, error: Exception) -> Response:
    _log.error("request failed", path=request.url.path, exc_info=error)
    return _answer(request, ApiProblem(kinds.INTERNAL_ERROR))


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""
    app.add_exception_handler(ApiProblem, _on_problem)
    app.add_exception_handler(NotModifiedError, _on_not_modified)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    for kind in OF_DOMAIN:
        app.add_exception_handler(kind, _on_domain)
    app.add_exception_handler(Exception, _on_bug)
