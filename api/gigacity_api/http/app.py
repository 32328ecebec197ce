"""The FastAPI application: routes over a context, and the thread behind it for its lifetime."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from gigacity_api.http import docs_page, problems
from gigacity_api.http.context import Context
from gigacity_api.http.envelope import Envelope
from gigacity_api.http.exporting.files import MEDIA_TYPES, Format
from gigacity_api.http.limits import BodyLimit
from gigacity_api.http.observing import RequestMetrics
from gigacity_api.http.operation_ids import operation_id
from gigacity_api.http.parameters import known_query
from gigacity_api.http.responses import PROBLEM_SCHEMA
from gigacity_api.http.routers import (
    alarms,
    as_of,
    catalogue,
    dead_letters,
    exports,
    figure_metrics,
    forecast,
    gaps,
    health,
    history,
    indicators,
    list_exports,
    maintenance,
    objects,
    places,
    published,
    quality,
    report_tables,
    reports,
    scorecard,
    search,
    site_files,
    site_pages,
    stream,
    stream_tickets,
    verdict_map,
    withdrawals,
)

DESCRIPTION = """\
How far a city's digital infrastructure really reaches, from the devices themselves.

Every figure names the instant it speaks of, its bounds (what it would be if everything unknown were
out, or in), and leads to the objects behind it. Lists of one instant are paged by an opaque cursor;
an instant that is no longer kept answers 410. Errors are problem+json (RFC 9457).
"""

GZIP_FROM_BYTES = 1_000
GZIP_LEVEL = 4
"""Twice as fast as the usual 6, and a tenth larger. Nothing secret of one caller shares an answer
with text of another, so that its length tells nobody anything (BREACH)."""

_ROUTERS = (
    list_exports,  # its paths come before those with a name in the same place
    health, scorecard, indicators, history, as_of, published, forecast, exports, places,
    reports, report_tables, gaps, quality, dead_letters, catalogue, stream, stream_tickets,
    withdrawals, objects, search, figure_metrics, verdict_map, alarms, maintenance,
)  # fmt: skip

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def bare_app(lifespan: Lifespan | None = None) -> FastAPI:
    """Routes and error handlers, without anything to answer from: enough for the OpenAPI text."""
    app = FastAPI(
        title="Gigacity",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        # A redirect would be made from the Host header, which is the caller's to choose.
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    problems.install(app)
    docs_page.install(app)
    for module in _ROUTERS:
        app.include_router(module.router, dependencies=[Depends(known_query)])
    # Links to public pages may carry what other sites add to them.
    for router in (site_pages.router, site_files.router):
        app.include_router(router)
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign] # FastAPI's way to extend it
    return app


class Runs(Protocol):
    """A thread behind the application."""

    def start(self) -> None:
        """Start it."""
        ...

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        ...


def create_app(context: Context, threads: Sequence[Runs] = ()) -> FastAPI:
    """The application.

    Args:
        context: what requests are answered from.
        threads: started and stopped with the application.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for thread in threads:
            thread.start()
        yield
        for thread in threads:
            thread.stop()

    app = bare_app(lifespan)
    app.state.context = context
    app.add_middleware(BodyLimit)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=GZIP_FROM_BYTES,
        compresslevel=GZIP_LEVEL,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, MEDIA_TYPES[Format.XLSX]),
    )
    app.add_middleware(RequestMetrics, metrics=context.metrics, clock=context.clock)
    app.add_middleware(Envelope)
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the schema of problems that the routes refer to."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = document["components"]["schemas"]
        schemas["Problem"] = {k: v for k, v in PROBLEM_SCHEMA.items() if k != "$defs"}
        schemas.update(PROBLEM_SCHEMA.get("$defs", {}))
        app.openapi_schema = document
    return app.openapi_schema
