"""Requests of visitors: their language, what their browser has already, and errors as pages."""

import re
from collections.abc import Callable
from typing import Literal

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from gigacity_api.errors import StoreError
from gigacity_api.http.context import Context
from gigacity_api.http.etag import has
from gigacity_api.http.page_cache import KeptPage
from gigacity_api.http.problem_texts_zh import is_wanted
from gigacity_api.http.problem_types import NOT_FOUND, ApiProblem
from gigacity_api.site.pages import error_html
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_api.site.words import Language

HTML = "text/html; charset=utf-8"

POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
"""Nothing from elsewhere, and no script or style inside a page."""

_HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "public, no-cache"}

MAX_DEPTH = 3
"""Folders below the language of the deepest page."""

ErrorName = Literal["error_404", "error_waiting", "error_busy", "error_database"]


_ADDRESS = re.compile(r"/(?P<language>zh|en)/(?P<path>.*)\Z", re.DOTALL)


def language_of(request: Request) -> Language:
    """The language that a page's address begins with."""
    return _path_of(request)[0]


def _path_of(request: Request) -> tuple[Language, str]:
    """Language, and path below it, whatever a proxy has put before them."""
    found = _ADDRESS.search(request.url.path)
    if found is None:
        return "zh", ""
    return ("en" if found["language"] == "en" else "zh"), found["path"]


def preferred_language(accept_language: str) -> Language:
    """What a browser asks for; the city's own language unless it prefers English."""
    return "zh" if is_wanted(f"{accept_language},zh;q=0.0001") else "en"


def require_open(shared: Context) -> None:
    """Raises ApiProblem (404) where nothing is public."""
    if not shared.site.scope.is_open:
        raise ApiProblem(
            NOT_FOUND,
            "nothing is public here; GIGACITY_PUBLIC_LEVEL says what is (docs/security.md)",
        )


async def answer(
    request: Request,
    shared: Context,
    make: Callable[[SiteSnapshot], str | bytes | None],
    *,
    media_type: str = HTML,
    name: str = "",
    more: str = "",
) -> Response:
    """A page or a file.

    Args:
        request: whose path names it.
        shared: the context.
        make: makes it.
        media_type: of it.
        name: of a file to be saved; empty: it is shown.
        more: what else tells it from others of its path.

    Raises:
        ApiProblem: 404, nothing is public; or why a file cannot be made.
    """
    require_open(shared)
    address = f"{request.url.path} {more}"
    try:
        page = await shared.site.page(address, shared.declarations.known, make, media_type)
    except (ApiProblem, StoreError) as error:
        if media_type != HTML:
            raise
        return failed(request, shared, error)
    if page is None:
        if media_type != HTML:
            raise ApiProblem(NOT_FOUND, "there is no such file, or it is not public")
        return error_page(request, shared, "error_404", 404)
    return sent(request, page, name)


def sent(request: Request, page: KeptPage, name: str = "") -> Response:
    """A kept page, as a browser takes it: packed, or not at all if it has it."""
    headers = {**_HEADERS, "ETag": page.etag, "Vary": "Accept-Encoding"}
    if has(",".join(request.headers.getlist("if-none-match")), page.etag):
        return Response(status_code=304, headers=headers)
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    body = page.body
    if page.gzipped and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = page.gzipped, "gzip"
    return Response(body, media_type=page.media_type, headers=headers)


def failed(request: Request, shared: Context, error: Exception) -> HTMLResponse:
    """A page that says why nothing is shown, and when to try again."""
    why: ErrorName = "error_busy"
    if shared.cache.newest() is None:
        why = "error_waiting"
    elif isinstance(error, StoreError):
        why = "error_database"
    found = error_page(request, shared, why, 503)
    later = error.headers if isinstance(error, ApiProblem) else {}
    found.headers["Retry-After"] = later.get("Retry-After", "5")
    return found


def error_page(request: Request, shared: Context, why: ErrorName, status: int) -> HTMLResponse:
    """A short page in the language of the address; one is made for all who ask for it."""
    language, path = _path_of(request)
    depth = min(path.count("/"), MAX_DEPTH)
    publication, site = shared.cache.newest(), shared.site
    version = (
        None
        if publication is None
        else (publication.as_of_ms, publication.revision, site.is_late(publication))
    )
    address = f"{why} {language} {depth}"
    kept = site.pages.get(address)
    if kept is None or kept.version != (version,):
        snapshot = publication and site.snapshot(publication, shared.declarations.known)
        text = "error_404_more" if status == 404 else why
        title = "error_404" if status == 404 else "error_503"
        html = error_html(language, depth, snapshot or None, title=title, text=text)
        kept = KeptPage.of(address, (version,), html.encode(), HTML)
        site.pages.put(address, kept)
    return HTMLResponse(kept.body, status, {**_HEADERS, "Cache-Control": "no-store"})
