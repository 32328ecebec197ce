"""Templates of the pages, and the files that they load: read once, named by their content. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_api.site.times import Month, moment
from gigacity_api.site.words import LANGUAGES, VERDICTS, Language, Words
from gigacity_contract.local_time import rfc3339

_STATIC = files("gigacity_api.site") / "static"
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
          "svg": "image/svg+xml"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that pages load; its name changes with its content, so that it may be kept."""

    name: str
    media_type: str
    body: bytes


def _static(name: str) -> StaticFile:
    body = (_STATIC / name).read_bytes()
    stem, _, ending = name.rpartition(".")
    digest = hashlib.sha256(body).hexdigest()[:12]
    return StaticFile(f"{stem}.{digest}.{ending}", _TYPES[ending], body)


ASSETS: Mapping[str, StaticFile] = {
    name: _static(name) for name in ("page.css", "page.js", "icon.svg")
}
"""By their plain names."""

ASSET_OF_NAME: Mapping[str, StaticFile] = {file.name: file for file in ASSETS.values()}
"""By the names that pages load."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("gigacity_api.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["rfc3339"] = rfc3339
    environment.filters["moment"] = moment
    environment.globals["verdicts"] = tuple(VERDICTS.items())
    return environment


def render(
    template: str,
    language: Language,
    path: str,
    snapshot: SiteSnapshot | None,
    *,
    depth: int | None = None,
    **view: object,
) -> str:
    """A page.

    Args:
        template: its name without ending.
        language: of its words.
        path: of the page below the language, such as ``figures/pon.ports_10g``; empty: the home.
        snapshot: what the frame says of the figures; None: nothing was evaluated.
        depth: how many folders below the language it is shown; None: as its path says.
        view: what the template shows.
    """
    root = "../" * ((path.count("/") if depth is None else depth) + 1)
    other = next(one for one in LANGUAGES if one != language)
    newest = "" if snapshot is None else str(Month.of(snapshot.publication.as_of_ms))
    return _environment().get_template(f"{template}.html").render(
        t=Words(language), language=language, other=other, root=root, path=path,
        here=root[3:] or "./", newest_month=newest, snapshot=snapshot, assets=ASSETS, **view,
    )  # fmt: skip


def render_text(template: str, **view: object) -> str:
    """What is no page: a template by its whole name."""
    return _environment().get_template(template).render(**view)
