"""What the OpenAPI document says of a route's answers: its model, its errors, its ETag."""

from typing import Any

from gigacity_api.http import problem_types as kinds
from gigacity_api.http.problem_types import ProblemType
from gigacity_api.http.problems import MEDIA_TYPE
from gigacity_api.http.schemas.common import Model, Problem

_EXAMPLES: dict[int, tuple[ProblemType, str]] = {
    400: (kinds.BAD_CURSOR, "pass next_cursor of the last answer, unchanged"),
    401: (kinds.MISSING_KEY, "send Authorization: Bearer <key>"),
    403: (kinds.SCOPE_MISSING, "the key needs the scope read"),
    404: (kinds.UNKNOWN_INDICATOR, "there is no indicator 'pon.ports'"),
    409: (kinds.REQUEST_IN_PROGRESS, kinds.REQUEST_IN_PROGRESS.meaning),
    410: (kinds.EVALUATION_GONE, "start again without a cursor"),
    413: (kinds.CONTENT_TOO_LARGE, kinds.CONTENT_TOO_LARGE.meaning),
    422: (kinds.INVALID_REQUEST, "query.limit: Input should be less than ..."),
    429: (kinds.AS_OF_BUSY, "try again in a few seconds"),
    501: (kinds.EVIDENCE_ELSEWHERE, "ask the process that evaluates"),
    503: (kinds.NOT_EVALUATED_YET, "no evaluation yet"),
}

_CACHED_HEADERS: dict[str, Any] = {
    "ETag": {
        "description": "version of what the answer says (weak)",
        "schema": {"type": "string", "pattern": '^W/"[0-9a-f]{24}"$'},
    }
}

Responses = dict[int | str, dict[str, Any]]


def answers(model: type[Model], *statuses: int) -> dict[str, Any]:
    """Of a route that answers a model with an ETag: what its decorator is told.

    Args:
        model: of the body.
        statuses: its errors, besides those that every route has.
    """
    return {"response_model": model, "responses": responses(*statuses, cached=True)}


def responses(*others: int | ProblemType, cached: bool = False) -> Responses:
    """What OpenAPI says of a route's errors; 401, 403, 422 and 503 are every route's.

    Args:
        others: further ones, by status where one is usual for it.
        cached: the answer has an ETag, so that 304 is possible.
    """
    usual = {401, 403, 422, 503, *(other for other in others if isinstance(other, int))}
    shown = [_EXAMPLES[status] for status in usual]
    shown += [(other, other.meaning) for other in others if isinstance(other, ProblemType)]
    found: Responses = {
        kind.status: _response("/api/v1/indicators", kind, detail)
        for kind, detail in sorted(shown, key=lambda each: each[0].status)
    }
    if cached:
        found[200] = {"headers": _CACHED_HEADERS}
        found[304] = {
            "description": "the caller has this answer (If-None-Match)", "headers": _CACHED_HEADERS,
        }  # fmt: skip
    return found


def enters(model: type[Model], *others: ProblemType) -> dict[str, Any]:
    """Of a route that stores declared figures: what its decorator is told."""
    refused = _response(
        "/api/v1/reports", kinds.REPORT_REFUSED,
        "value: service.end_to_end_online is a fraction from 0 to 1",
        errors=[
            {
                "field": "body.value", "row": None, "zh": "该指标为0到1之间的比值",
                "message": "service.end_to_end_online is a fraction from 0 to 1; 98 looks like a"
                " percentage: give 0.98",
            }
        ],
    )  # fmt: skip
    elsewhere = _response(
        "/api/v1/reports", kinds.REPORTS_ELSEWHERE, kinds.REPORTS_ELSEWHERE.meaning
    )
    known = {"model": model, "description": "it was entered before: nothing is stored again"}
    found = responses(400, 409, 413, *others) | {200: known, 422: refused, 501: elsewhere}
    return {"response_model": model, "status_code": 201, "responses": found}


def _response(instance: str, kind: ProblemType, detail: str, **more: Any) -> dict[str, Any]:
    example = {
        "type": kind.type, "title": kind.title, "status": kind.status, "detail": detail,
        "instance": instance, **more,
    }  # fmt: skip
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": kind.title,
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }


PROBLEM_SCHEMA = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
"""The schema that answers of errors refer to; the app adds it to its OpenAPI document."""
