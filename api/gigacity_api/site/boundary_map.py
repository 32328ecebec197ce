"""The areas of a city within the boundaries that it supplied, coloured by verdict. Pure.

Drawn only from a city's own reviewed map, with its review number under it. Positions are projected
with one scale along the middle parallel: enough for one prefecture on a page.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup

from gigacity_api.site.svg import drawing, element, number
from gigacity_api.site.tile_map import Tile
from gigacity_api.site.verdict_pattern import fill, patterns
from gigacity_city.model import CityMap, Position, Ring

WIDTH = 560.0
_STEP = 0.7
"""Points nearer than this to the one before are left out: nobody could see them."""


_LABEL = 24
"""Characters of a name on the map."""


class _Projection:
    def __init__(self, positions: Sequence[Position]) -> None:
        east = [e for e, _ in positions]
        north = [n for _, n in positions]
        self._west, self._north = min(east), max(north)
        narrow = math.cos(math.radians((max(north) + min(north)) / 2))
        width = max((max(east) - self._west) * narrow, 1e-9)
        self._x, self._y = WIDTH / width * narrow, WIDTH / width
        self.height = max((self._north - min(north)) * self._y, 1.0)

    def points(self, ring: Ring) -> Iterator[tuple[float, float]]:
        """The ring on the page, without what cannot be seen."""
        last = (-1e9, -1e9)
        for east, north in ring:
            at = ((east - self._west) * self._x, (self._north - north) * self._y)
            if math.dist(at, last) >= _STEP:
                yield at
                last = at


def boundary_map(
    map_: CityMap, tiles: Mapping[str, Tile], *, title: str, prefix: str = "map"
) -> Markup:
    """The drawing; areas without a shape stand in the table beside it alone.

    Args:
        map_: the city's.
        tiles: what is said of each area, by code.
        title: what it shows.
        prefix: of the ids of its patterns.
    """
    shapes = [shape for shape in map_.shapes if shape.area in tiles]
    positions = [p for shape in shapes for part in shape.polygons for ring in part for p in ring]
    if not positions:
        return Markup()
    projection = _Projection(positions)
    drawn = [
        _shape(projection, shape.polygons, tiles[shape.area], prefix)
        for shape in shapes
    ]  # fmt: skip
    parts = (patterns(prefix), *drawn)
    return drawing(
        WIDTH, projection.height, parts, title=title, class_="boundaries", has_links=True
    )


def _shape(
    projection: _Projection, polygons: Iterable[tuple[Ring, ...]], tile: Tile, prefix: str
) -> Markup:
    rings = [list(projection.points(ring)) for polygon in polygons for ring in polygon]
    path = "".join(
        "M" + "L".join(f"{number(x)} {number(y)}" for x, y in ring) + "Z"
        for ring in rings
        if len(ring) > 2
    )
    largest = max(rings, key=len, default=[])
    said = element("title", f"{tile.name}: {tile.value}, {tile.word}")
    body = [
        said,
        element("path", d=path, fill=fill(prefix, tile.verdict), fill_rule="evenodd",
                class_=f"shape {tile.verdict}"),
        *_label(largest, tile),
    ]  # fmt: skip
    return element("a", *body, href=tile.href) if tile.href else element("g", *body)


def _label(ring: Sequence[tuple[float, float]], tile: Tile) -> Iterator[Markup]:
    if not ring:
        return
    x = (min(x for x, _ in ring) + max(x for x, _ in ring)) / 2
    y = (min(y for _, y in ring) + max(y for _, y in ring)) / 2
    name = tile.name if len(tile.name) <= _LABEL else f"{tile.name[: _LABEL - 1]}…"
    wide = max(88.0, len(name) * (6.5 if name.isascii() else 11.5) + 10)
    yield element("rect", x=x - wide / 2, y=y - 18, width=wide, height=36, rx=4, class_="plate")
    yield element("text", f"{tile.sign} {tile.value}", x=x, y=y + 13, class_="value")
    yield element("text", name, x=x, y=y - 3, class_="name")
