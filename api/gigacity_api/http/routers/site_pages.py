"""The public pages: scorecard, figures, places, monthly report, permalinks. Without a key."""

from datetime import date, datetime, time

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gigacity_api.errors import StoreError
from gigacity_api.http.dependencies import InContext
from gigacity_api.http.problem_types import ApiProblem
from gigacity_api.http.site_memory import publications_of, revisions_on
from gigacity_api.http.visitors import (
    answer,
    error_page,
    failed,
    language_of,
    preferred_language,
    require_open,
)
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.site import pages as site
from gigacity_api.site.revisions_page import MOST
from gigacity_api.site.times import Month
from gigacity_api.site.words import LANGUAGES
from gigacity_contract.identifiers import is_area
from gigacity_contract.local_time import EARLIEST, ZONE

router = APIRouter(include_in_schema=False)
_pages = APIRouter(include_in_schema=False)


@router.get("/")
async def choose_language(request: Request, shared: InContext) -> RedirectResponse:
    """To the scorecard in the language of the browser."""
    require_open(shared)
    language = preferred_language(request.headers.get("accept-language", ""))
    # Relative: it also holds below the prefix of a proxy.
    return RedirectResponse(
        f"{language}/", 302, {"Vary": "Accept-Language", "Cache-Control": "no-cache"}
    )


@router.get("/zh")
@router.get("/en")
async def whole_language(request: Request, shared: InContext) -> RedirectResponse:
    """Whoever left the last slash out."""
    require_open(shared)
    language = request.url.path.rsplit("/", 1)[-1]
    return RedirectResponse(f"{language}/", 302, {"Cache-Control": "no-cache"})


@_pages.get("/")
async def home(request: Request, shared: InContext) -> Response:
    """The scorecard; ``?map=`` chooses the figure of the map."""
    language = language_of(request)
    asked = request.query_params.get("map", "")
    chosen = asked if shared.site.scope.has(asked) else ""
    return await answer(
        request, shared, lambda found: site.home_html(language, found, chosen), more=chosen
    )


@_pages.get("/figures/{indicator}")
async def figure(request: Request, shared: InContext, indicator: str) -> Response:
    """A figure of the city, with where it comes from."""
    language = language_of(request)
    definition = REGISTRY.get(indicator)
    return await answer(
        request,
        shared,
        lambda found: site.figure_html(language, found, definition) if definition else None,
    )


@_pages.get("/areas/{code}")
async def area(request: Request, shared: InContext, code: str) -> Response:
    """An area, by its code or a retired one."""
    language = language_of(request)
    return await answer(request, shared, lambda found: site.area_html(language, found, code))


@_pages.get("/communities/{code}")
async def community(request: Request, shared: InContext, code: str) -> Response:
    """A community."""
    language = language_of(request)
    return await answer(request, shared, lambda found: site.community_html(language, found, code))


@_pages.get("/report/{month}")
async def report(request: Request, shared: InContext, month: str) -> Response:
    """The report of a month, to be printed."""
    language, asked = language_of(request), Month.parse(month)
    return await answer(
        request, shared, lambda found: asked and site.report_html(language, found, asked)
    )


@_pages.get("/methods")
async def methods(request: Request, shared: InContext) -> Response:
    """How everything is computed."""
    language = language_of(request)
    return await answer(request, shared, lambda found: site.methods_html(language, found))


@_pages.get("/data")
async def data(request: Request, shared: InContext) -> Response:
    """What can be taken along."""
    language = language_of(request)
    return await answer(request, shared, lambda found: site.data_html(language, found))


@_pages.get("/figures/{indicator}/at/{as_of}")
async def figure_then(request: Request, shared: InContext, indicator: str, as_of: str) -> Response:
    """A permalink: the figure as it was published, beside what is known today.

    ``city`` and ``method`` name the versions that it was made with, ``code`` an area, which need
    not be in the city file any more.
    """
    require_open(shared)
    at_ms, scope = _instant_ms(as_of), shared.site.scope
    city = shared.inventory.city
    code = request.query_params.get("code", city.code)
    level = Level.CITY if code == city.code else Level.AREA
    is_known = level is Level.CITY or is_area(code)
    if at_ms is None or not (scope.has(indicator) and scope.shows_level(level) and is_known):
        return error_page(request, shared, "error_404", 404)
    try:
        with shared.site.lookups:
            rows = await shared.asking.run(
                lambda: publications_of(
                    shared.store, (indicator, level, code), at_ms, shared.clock.now_ms()
                )
            )
    except (ApiProblem, StoreError) as error:
        return failed(request, shared, error)
    if not rows:
        return error_page(request, shared, "error_404", 404)
    version = request.query_params.get("city", "")[:64]
    method = request.query_params.get("method", "")
    number = int(method) if method.isascii() and method.isdigit() and len(method) < 6 else None
    language = language_of(request)
    return await answer(
        request,
        shared,
        lambda found: site.then_html(
            language, found, REGISTRY[indicator], rows, city_version=version, method_version=number
        ),
        more=f"{code} {version} {number} {rows[-1].time}",
    )


@_pages.get("/figures/{indicator}/revisions/{day}")
async def revisions(request: Request, shared: InContext, indicator: str, day: str) -> Response:
    """What was published again of a figure of the city on a day."""
    require_open(shared)
    on, scope, code = _day(day), shared.site.scope, shared.inventory.city.code
    if on is None or not scope.has(indicator) or Level.CITY not in REGISTRY[indicator].levels:
        return error_page(request, shared, "error_404", 404)
    start_ms = round(datetime.combine(on, time(), ZONE).timestamp() * 1000)
    if start_ms > shared.clock.now_ms():
        return error_page(request, shared, "error_404", 404)
    try:
        with shared.site.lookups:
            rows = await shared.asking.run(
                lambda: revisions_on(shared.store, (indicator, Level.CITY, code), start_ms, MOST)
            )
    except (ApiProblem, StoreError) as error:
        return failed(request, shared, error)
    language, newest = language_of(request), rows[-1].time if rows else 0
    return await answer(
        request,
        shared,
        lambda found: site.revisions_html(language, found, REGISTRY[indicator], on, rows),
        more=f"{len(rows)} {newest}",
    )


def _day(text: str) -> date | None:
    """A day of an address; None: nothing can have been published on it."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST.date() <= found and text == found.isoformat() else None


def _instant_ms(text: str) -> int | None:
    """An instant of an address; None: it is none that could have been published."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or not moment >= EARLIEST or moment.year > 2200:
        return None
    return round(moment.timestamp() * 1000)


for _language in LANGUAGES:
    router.include_router(_pages, prefix=f"/{_language}")
