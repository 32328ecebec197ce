"""Maps of the areas: tiles by default, and the boundaries of a map that the city supplies."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from gigacity_city.model import CityMap
from gigacity_city.tiles import positions
from gigacity_contract.measurements import INDICATOR
from gigacity_dashboards import fields, house, influxql, sdk, texts, texts_maps
from gigacity_dashboards.addresses import PAGE_VARIABLE
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.dataquery import series_of
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.indicators import IndicatorLabel
from gigacity_dashboards.variables import AREA

_GAP = 1.5
"""Between tiles, in per cent of the panel."""
_INK = "#111217"
"""On every colour of a verdict."""
_GREY = "#8b949e"
_PLAIN = {"fixed": "rgba(128, 128, 128, 0.15)"}

_NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""An empty picture in the place of a base layer: Grafana would fetch one from outside, with
boundaries that nobody reviewed, where none is named."""

_Element = dict[str, object]


def tiles(
    panel_id: int, indicator: IndicatorLabel, city: CityNames, words: BoardWords
) -> sdk.Builder[sdk.models.Panel]:
    """One tile an area: its name, its value, and its verdict as a word on a colour."""
    query = influxql.rows(
        INDICATOR,
        fields=["display_text", "verdict"],
        where=[
            influxql.equals(INDICATOR, "indicator", indicator.id),
            influxql.equals(INDICATOR, "scope", "area"),
        ],
        by=["code"],
    )
    title = f"{words(indicator.label)} {words(texts_maps.TILES)}"
    panel = house.canvas(panel_id, title, texts_maps.TILES_ABOUT, words)
    panel = panel.with_target(series_of(query, alias="$tag_code $col"))
    labels = {
        slug: (words(name), _GREY if slug == "no_target" else house.VERDICT_COLOURS[slug])
        for slug, name in texts.VERDICT_OF.items()
    }
    panel = panel.override_by_regexp(
        "/ verdict$/", [fields.prop("mappings", fields.mapping(labels))]
    )
    options = {
        "inlineEditing": False,
        "showAdvancedTypes": False,
        "panZoom": False,
        "infinitePan": False,
        "root": {"type": "frame", "name": title, "elements": list(_elements(city, words))},
    }
    return house.WithOptions(panel, options)


def _elements(city: CityNames, words: BoardWords) -> Iterator[_Element]:
    places = positions(city.tiles or [None] * len(city.areas))
    wide = 100 / (max(column for column, _ in places) + 1)
    deep = 100 / (max(row for _, row in places) + 1)
    for (code, name), (column, row) in zip(city.areas, places, strict=True):
        place = _TilePlace(column * wide, row * deep, wide, deep)
        link = fields.board_link("network", texts.OPEN_BOARD, {AREA: code}, words)
        verdict = {"field": f"{code} verdict", "fixed": _GREY}
        for part, text, size, ground, start, end in (
            ("name", {"mode": "fixed", "fixed": words(name)}, 13, _PLAIN, 0, 0.4),
            ("value", _field(code, "display_text", words), 15, _PLAIN, 0.4, 0.7),
            ("verdict", _field(code, "verdict", words), 12, verdict, 0.7, 1),
        ):
            yield {
                "name": f"{code} {part}",
                "type": "rectangle",
                "config": {
                    "align": "center",
                    "valign": "middle",
                    "color": {"fixed": _INK if ground is verdict else house.NEUTRAL},
                    "size": size,
                    "text": text,
                },
                "background": {"color": ground},
                "constraint": {"horizontal": "scale", "vertical": "scale"},
                "placement": place.part(start, end),
                "links": [link | {"oneClick": True}],
            }


class _TilePlace(NamedTuple):
    """Of a tile, in per cent of the panel."""

    left: float
    top: float
    wide: float
    deep: float

    def part(self, start: float, end: float) -> dict[str, float]:
        """Distances of a part from the panel's edges; from and to in shares of the tile's depth."""
        deep = self.deep - _GAP
        return {
            "left": round(self.left + _GAP / 2, 2),
            "right": round(100 - self.left - self.wide + _GAP / 2, 2),
            "top": round(self.top + _GAP / 2 + start * deep, 2),
            "bottom": round(100 - self.top - _GAP / 2 - end * deep, 2),
            "rotation": 0,
        }


def _field(code: str, column: str, words: BoardWords) -> dict[str, str]:
    """A text of the data, and what stands there without any."""
    return {"mode": "field", "field": f"{code} {column}", "fixed": words(texts.NO_DATA)}


def boundaries(
    panel_id: int, indicator: IndicatorLabel, map_: CityMap, words: BoardWords
) -> sdk.Builder[sdk.models.Panel]:
    """The city's reviewed map, coloured by the API; its review number stands in the title."""
    reviewed = words(texts_maps.REVIEWED).format(number=map_.review_number, source=map_.source)
    title = f"{words(indicator.label)} {words(texts_maps.MAP)} · {reviewed}"
    layer = {
        "type": "geojson",
        "name": words(indicator.name),
        "config": {
            "src": f"${{{PAGE_VARIABLE}}}/api/v1/map.geojson?indicator={indicator.id}",
            "rules": [],
            "style": {"color": {"fixed": _GREY}, "opacity": 0.4},
        },
        "tooltip": True,
    }
    options = {
        "basemap": {"type": "xyz", "name": "-", "config": {"url": _NOTHING, "attribution": ""}},
        "layers": [layer],
        "view": _view(map_),
        "controls": {"showZoom": True, "mouseWheelZoom": False, "showAttribution": False},
        "tooltip": {"mode": "details"},
    }
    panel = house.geomap(panel_id, title, texts_maps.MAP_ABOUT, words)
    return house.WithOptions(panel, options)


def _view(map_: CityMap) -> dict[str, object]:
    """Centre and zoom that show all of it: "fit" knows only layers with data of a query."""
    points = [
        point for shape in map_.shapes for part in shape.polygons for ring in part for point in ring
    ]
    east, north = [point[0] for point in points], [point[1] for point in points]
    spans = (max(east) - min(east), 1.3 * (max(north) - min(north)))
    zoom = math.log2(360 / max(*spans, 0.01)) + 0.5
    return {
        "id": "coords",
        "lon": round((max(east) + min(east)) / 2, 4),
        "lat": round((max(north) + min(north)) / 2, 4),
        "zoom": round(zoom, 2),
        "allLayers": True,
    }
