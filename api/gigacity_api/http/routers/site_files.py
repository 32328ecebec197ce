"""What public pages load and offer: style and script, data files, catalogue, feed, live events."""

from collections.abc import Callable, Iterator

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from gigacity_api.http.bounded import BoundedStream
from gigacity_api.http.dependencies import InContext
from gigacity_api.http.exporting.about import ABOUT, about_rows
from gigacity_api.http.exporting.files import Row, csv_parts
from gigacity_api.http.exporting.tables import FIGURE_HEADER, figure_cells
from gigacity_api.http.exporting.workbook_child import whole_xlsx
from gigacity_api.http.presenters.figures import figure_out
from gigacity_api.http.problem_types import NOT_FOUND, ApiProblem
from gigacity_api.http.visitors import answer, require_open
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.site.feed import atom_feed
from gigacity_api.site.linked_data import FILES, dcat_catalogue, figure_dataset
from gigacity_api.site.rendering import ASSET_OF_NAME
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_api.site.times import day

router = APIRouter(include_in_schema=False)

WHOLE = "scorecard"
_MEDIA_TYPES = dict(FILES) | {"csv": "text/csv; charset=utf-8"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_DAILY_HEADER: Row = ("指标 indicator", "日期 day", "数值 value", "下界 lower", "上界 upper")


@router.get("/assets/{name}")
async def page_asset(name: str) -> Response:
    """A file that pages load, by a name that changes with its content."""
    file = ASSET_OF_NAME.get(name)
    if file is None:
        raise ApiProblem(NOT_FOUND, "there is no such file")
    return Response(file.body, media_type=file.media_type, headers=_FOR_EVER)


class VisitorStream(BoundedStream):
    """An endless answer to a page."""

    media_type = "text/event-stream"


@router.get("/live")
async def follow_page(shared: InContext) -> VisitorStream:
    """That there is a new evaluation; the page asks for itself then."""
    require_open(shared)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = shared.site.events
    return VisitorStream(events.events(), events.slots, headers=headers)


@router.get("/catalog.jsonld")
async def catalogue_of_data(request: Request, shared: InContext) -> Response:
    """What there is to take along, as DCAT."""
    return await answer(
        request,
        shared,
        lambda found: _json(dcat_catalogue(found)),
        media_type="application/ld+json",
    )


@router.get("/feed.atom")
async def feed_of_figures(request: Request, shared: InContext) -> Response:
    """New figures, a day each."""
    return await answer(
        request, shared, atom_feed, media_type="application/atom+xml; charset=utf-8"
    )


@router.get("/data/{name}.{ending}")
async def data_file(request: Request, shared: InContext, name: str, ending: str) -> Response:
    """All public figures (``scorecard``), or one with its areas and daily values."""
    media_type = _MEDIA_TYPES.get(ending)
    base = name.removesuffix("-daily")
    if media_type is None or (base != WHOLE and not shared.site.scope.has(base)):
        require_open(shared)
        raise ApiProblem(NOT_FOUND, "there is no such file, or it is not public")
    make = _writer(name, ending)
    return await answer(request, shared, make, media_type=media_type, name=f"{name}.{ending}")


def _writer(name: str, ending: str) -> Callable[[SiteSnapshot], bytes]:
    def make(snapshot: SiteSnapshot) -> bytes:
        base = name.removesuffix("-daily")
        chosen = snapshot.scope.definitions() if base == WHOLE else [REGISTRY[base]]
        figures, daily = [*_figures(snapshot, chosen)], [*_daily(snapshot, chosen)]
        if ending == "csv":
            return b"".join(csv_parts(daily if name.endswith("-daily") else figures))
        if ending == "xlsx":
            about = about_rows(
                address=f"data/{name}.xlsx",
                made_ms=snapshot.publication.as_of_ms,
                as_of_ms=snapshot.publication.as_of_ms,
                city_version=snapshot.publication.city_version,
                indicators=[d.id for d in chosen],
            )
            sheets = [("gigacity", figures), ("每日 daily", daily), (ABOUT, about)]
            return whole_xlsx(sheets)
        if ending == "jsonld":
            return _json(figure_dataset(snapshot, chosen))
        return _json(_plain(snapshot, chosen))

    return make


def _public(snapshot: SiteSnapshot, chosen: list[Definition]) -> Iterator[Figure]:
    for definition in chosen:
        whole = snapshot.of_city(definition)
        yield from ((whole,) if whole is not None else ())
        yield from snapshot.areas(definition)


def _figures(snapshot: SiteSnapshot, chosen: list[Definition]) -> Iterator[Row]:
    yield FIGURE_HEADER
    for figure in _public(snapshot, chosen):
        yield figure_cells(figure_out(snapshot.publication, figure))


def _daily(snapshot: SiteSnapshot, chosen: list[Definition]) -> Iterator[Row]:
    yield _DAILY_HEADER
    for definition in chosen:
        remembered = snapshot.remembered.get(definition.id)
        for one in () if remembered is None else remembered.days:
            yield (definition.id, day(one.at_ms), one.value, one.lower, one.upper)


def _plain(snapshot: SiteSnapshot, chosen: list[Definition]) -> dict[str, object]:
    figures = [
        figure_out(snapshot.publication, figure).model_dump(mode="json")
        for figure in _public(snapshot, chosen)
    ]
    columns = ("indicator", "day", "value", "lower", "upper")
    _, *daily = _daily(snapshot, chosen)
    return {
        "as_of_ms": snapshot.publication.as_of_ms,
        "city_version": snapshot.publication.city_version,
        "licence": snapshot.scope.licence or None,
        "figures": figures,
        "daily": [dict(zip(columns, row, strict=True)) for row in daily],
    }


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)
