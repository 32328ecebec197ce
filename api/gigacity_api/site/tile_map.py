"""The areas of a city as tiles in rough compass position. Pure.

A tile shows its verdict by colour, pattern and sign, its name and its value, and leads to the page
of its area. It shows no boundary, so that no map review is needed, and zones that have no boundary
of their own get a tile like all others.
"""

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from gigacity_api.site.svg import drawing, element
from gigacity_api.site.verdict_pattern import fill, patterns
from gigacity_city.model import Area
from gigacity_city.tiles import positions

SIDE, DEEP, GAP = 118.0, 92.0, 6.0
_LINE = 8
_LATIN_LINE = 18
"""Characters in a line of a tile, of which a name has three at most."""

_ZONE = "开发区"
"""Development zone: with what a long name ends, and before which it is broken."""


class Tile(NamedTuple):
    """What stands in one tile."""

    area: Area
    name: str
    verdict: str
    sign: str
    word: str
    value: str
    href: str
    """Empty: it leads nowhere."""


def tile_map(tiles: Sequence[Tile], *, title: str, prefix: str = "tile") -> Markup:
    """The drawing.

    Args:
        tiles: of every area.
        title: what it shows.
        prefix: of the ids of its patterns.
    """
    places = positions([tile.area.tile for tile in tiles])
    columns = max((column for column, _ in places), default=0) + 1
    rows = max((row for _, row in places), default=0) + 1
    drawn = [
        _tile(tile, column * (SIDE + GAP), row * (DEEP + GAP), prefix)
        for tile, (column, row) in zip(tiles, places, strict=True)
    ]
    width, height = columns * (SIDE + GAP) - GAP, rows * (DEEP + GAP) - GAP
    return drawing(
        width, height, (patterns(prefix), *drawn), title=title, class_="tiles", has_links=True
    )


def _tile(tile: Tile, x: float, y: float, prefix: str) -> Markup:
    lines = _lines(tile.name)
    body = [
        element("rect", x=x, y=y, width=SIDE, height=DEEP, rx=4, class_="ground-paper"),
        element("rect", x=x, y=y, width=SIDE, height=22, class_=f"head {tile.verdict}",
                fill=fill(prefix, tile.verdict)),
        element("rect", x=x + SIDE - 26, y=y + 2, width=24, height=18, rx=3, class_="plate"),
        element("text", tile.sign, x=x + SIDE - 14, y=y + 16, class_="sign"),
        *(
            element("text", line, x=x + SIDE / 2, y=y + 37 + 13 * number, class_="name")
            for number, line in enumerate(lines)
        ),
        element("text", tile.value, x=x + SIDE / 2, y=y + DEEP - 8,
                class_="value long" if len(tile.value) > 10 else "value"),
        element("rect", x=x + 0.5, y=y + 0.5, width=SIDE - 1, height=DEEP - 1, rx=4,
                class_=f"frame {tile.verdict}"),
    ]  # fmt: skip
    said = f"{tile.name}: {tile.value}, {tile.word}"
    if not tile.href:
        return element("g", element("title", said), *body)
    return element("a", element("title", said), *body, href=tile.href)


def _lines(name: str) -> list[str]:
    """A name in three lines at most, cut at its end."""
    if not name.isascii():
        if len(name) > _LINE and name.endswith(_ZONE):
            return [*_lines(name.removesuffix(_ZONE)), _ZONE][:3]
        return [name[at : at + _LINE] for at in range(0, len(name), _LINE)][:3]
    lines = textwrap.wrap(name, _LATIN_LINE, max_lines=3, placeholder=" …")
    return lines or [name]
