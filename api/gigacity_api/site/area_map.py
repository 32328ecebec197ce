"""The map of a page and its table: every area with its verdict of one figure. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.display import display_of
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.levels import Level
from gigacity_api.site.boundary_map import boundary_map
from gigacity_api.site.figure_view import FigureView, figure_view
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_api.site.tile_map import Tile, tile_map
from gigacity_api.site.words import VERDICTS, Words
from gigacity_city.model import Area


@dataclass(frozen=True, slots=True)
class MapRow:
    """An area in the table beside the map."""

    code: str
    name: str
    view: FigureView | None
    """None: it has no such figure."""


@dataclass(frozen=True, slots=True)
class AreaMap:
    """The map of one figure."""

    id: str
    name: str
    tiles: Markup
    boundaries: Markup
    """Empty unless the city supplies them."""
    note: str
    reviewed: str
    rows: tuple[MapRow, ...]


def mappable(snapshot: SiteSnapshot) -> list[Definition]:
    """Figures that areas have, those with a target first."""
    if not snapshot.scope.shows_level(Level.AREA):
        return []
    found = [d for d in snapshot.scope.definitions() if snapshot.areas(d)]
    return sorted(found, key=lambda d: d.target(snapshot.city, Level.AREA, "") is None)


def area_map(t: Words, snapshot: SiteSnapshot, definition: Definition, root: str) -> AreaMap:
    """The map of a figure.

    Args:
        t: words.
        snapshot: of the city.
        definition: of the figure.
        root: leads from the page to the address of the language.
    """
    found = {figure.code: figure for figure in snapshot.areas(definition)}
    areas = snapshot.city.areas
    tiles = [_tile(t, definition, area, found.get(area.code), root) for area in areas]
    title = t("map_of", figure=t.heading(definition.name))
    map_ = snapshot.city.map
    reviewed = boundaries = Markup()
    if map_ is not None:
        by_code = {tile.area.code: tile for tile in tiles}
        boundaries = boundary_map(map_, by_code, title=title)
        reviewed = Markup.escape(t("map_reviewed", number=map_.review_number, source=map_.source))
    return AreaMap(
        id=definition.id,
        name=t.heading(definition.name),
        tiles=tile_map(tiles, title=title),
        boundaries=boundaries,
        note=t.map_note,
        reviewed=reviewed,
        rows=tuple(_rows(t, snapshot, definition, areas, found)),
    )


def _rows(
    t: Words,
    snapshot: SiteSnapshot,
    definition: Definition,
    areas: Sequence[Area],
    found: dict[str, Figure],
) -> list[MapRow]:
    rows = []
    for area in areas:
        figure, name = found.get(area.code), t.of(area.name)
        view = figure and figure_view(t, snapshot.city, definition, figure, name)
        rows.append(MapRow(area.code, name, view or None))
    return rows


def short_text(definition: Definition, figure: Figure) -> str:
    """What fits into a tile: value, least count, or the bounds in whole percents, cut outwards."""
    found = display_of(figure, is_ratio=definition.is_ratio)
    if found.display == "value":
        is_least = not definition.is_ratio and figure.unknown > 0
        return f"≥{found.display_text}" if is_least else found.display_text
    lower, upper = figure.lower or 0.0, figure.upper or 0.0
    if not definition.is_ratio:
        return f"{lower:,.0f}–{upper:,.0f}"
    return f"{int(lower * 100)}–{-int(-upper * 100 // 1)}%"


def _tile(t: Words, definition: Definition, area: Area, figure: Figure | None, root: str) -> Tile:
    name, href = t.of(area.name), f"{root}areas/{area.code}"
    if figure is None:
        return Tile(area, name, "no_target", "–", t.no_figure, t.no_figure, href)
    sign, word = VERDICTS[figure.verdict]
    value = short_text(definition, figure)
    return Tile(area, name, figure.verdict, sign, t.of(word), value, href)
