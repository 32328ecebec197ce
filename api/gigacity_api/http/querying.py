"""Query parameters that a route does not have, or takes once, are refused rather than ignored.

A filter with a typing error would otherwise answer with everything, and look like an answer.
"""

from typing import Any, NamedTuple

from fastapi import Request

from gigacity_api.errors import ApiProblem


class Parameters(NamedTuple):
    """The query parameters of one route."""

    names: frozenset[str]
    repeatable: frozenset[str]


def parameters_of(document: dict[str, Any]) -> dict[tuple[str, str], Parameters]:
    """Query parameters by path and method, from an OpenAPI document."""
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            query = [p for p in operation.get("parameters", ()) if p["in"] == "query"]
            found[path, method.upper()] = Parameters(
                frozenset(p["name"] for p in query),
                frozenset(p["name"] for p in query if _is_list(p["schema"])),
            )
    return found


def _is_list(schema: dict[str, Any]) -> bool:
    return any(part.get("type") == "array" for part in (schema, *schema.get("anyOf", ())))


async def known_query(request: Request) -> None:
    """A dependency: every parameter is one of the route's, and stands once unless it may repeat.

    Raises:
        ApiProblem: 422, naming the parameters.
    """
    if not request.url.query:
        return
    by_route: dict[tuple[str, str], Parameters] = request.app.state.query_parameters
    route = by_route.get((request.scope["route"].path, request.method))
    if route is None:
        return
    given = [name for name, _ in request.query_params.multi_items()]
    unknown = sorted(set(given) - route.names)
    twice = sorted(n for n in set(given) - route.repeatable - set(unknown) if given.count(n) > 1)
    errors = [
        {"field": f"query.{name}", "message": "is no parameter of this route", "zh": "未知参数"}
        for name in unknown
    ]
    errors += [
        {"field": f"query.{name}", "message": "may stand only once", "zh": "参数重复"}
        for name in twice
    ]
    if errors:
        detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors)
        raise ApiProblem(422, "invalid-request", "Invalid request", detail, errors=errors)
