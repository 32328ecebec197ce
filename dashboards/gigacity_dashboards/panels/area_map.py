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
_ON_MAP = house.VERDICT_COLOURS | {"no_target": _GREY, "late": _GREY}
"""Colours by what the API says of an area; ``late``: nothing new was evaluated."""
_PLAIN = {"fixed": "rgba(128, 128, 128, 0.15)"}

_LONG = 24
"""Longer names are set smaller, to stay within three lines."""

_NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""An empty picture in the place of a base layer: Grafana would fetch one from outside, with
boundaries that nobody reviewed, where none is named."""

_Element = dict[str, object]


def tiles(
    panel_id: int, indicator: IndicatorLabel, city: CityNames, words: BoardWords
) -> sdk.Builder[sdk.models.Panel]:
    """One tile an area: its name, its value, and its verdict as a word on a colour."""
    title = f"{words(indicator.label)} {words(texts_maps.TILES)}"
    panel = house.canvas(panel_id, title, texts_maps.TILES_ABOUT, words)
    panel = panel.with_target(series_of(_of_areas(indicator), alias="$tag_code $col"))
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


def _of_areas(indicator: IndicatorLabel) -> str:
    """Value and verdict of every area, a series each."""
    where = [
        influxql.equals(INDICATOR, "indicator", indicator.id),
        influxql.equals(INDICATOR, "scope", "area"),
    ]
    return influxql.rows(INDICATOR, fields=["display_text", "verdict"], where=where, by=["code"])


def _elements(city: CityNames, words: BoardWords) -> Iterator[_Element]:
    places = positions(city.tiles or [None] * len(city.areas))
    wide = 100 / (max(column for column, _ in places) + 1)
    deep = 100 / (max(row for _, row in places) + 1)
    for (code, name), (column, row) in zip(city.areas, places, strict=True):
        place = _TilePlace(column * wide, row * deep, wide, deep)
        link = fields.board_link("network", texts.OPEN_BOARD, {AREA: code}, words)
        size = 12 if len(words(name)) <= _LONG else 10
        verdict = {"field": f"{code} verdict", "fixed": _GREY}
        for part, text, font, ground, start, end in (
            ("name", {"mode": "fixed", "fixed": words(name)}, size, _PLAIN, 0, 0.46),
            ("value", _field(code, "display_text", words), 12, _PLAIN, 0.46, 0.79),
            ("verdict", _field(code, "verdict", words), 12, verdict, 0.79, 1),
        ):
            yield {
                "name": f"{code} {part}",
                "type": "rectangle",
                "config": {
                    "align": "center",
                    "valign": "middle",
                    "color": {"fixed": _INK if ground is verdict else house.NEUTRAL},
                    "size": font,
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
    """The city's reviewed map with the API's verdicts; its number begins the title."""
    number = words(texts_maps.NUMBER).format(number=map_.review_number)
    title = f"{number} · {words(indicator.label)}"
    layer = {
        "type": "geojson",
        "name": words(indicator.name),
        "config": {
            "src": f"${{{PAGE_VARIABLE}}}/api/v1/map.geojson?indicator={indicator.id}",
            "rules": [
                {
                    "check": {"property": "verdict", "operation": "eq", "value": slug},
                    "style": _style(colour),
                }
                for slug, colour in _ON_MAP.items()
            ],
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
    # Its rows are not drawn: they say when there are none.
    panel = panel.with_target(series_of(_of_areas(indicator), alias="$tag_code $col"))
    return house.WithOptions(panel, options)


def reviewed(map_: CityMap, words: BoardWords) -> str:
    """What stands above maps: whose they are, and by which number they were reviewed."""
    said = words(texts_maps.REVIEWED).format(number=map_.review_number, source=map_.source)
    return f"{words(texts_maps.MAP)} · {said}"


def _style(colour: str) -> dict[str, object]:
    """Colour and sign of a verdict: neither is alone."""
    return {
        "color": {"fixed": colour},
        "opacity": 0.4,
        "text": {"mode": "field", "field": "sign", "fixed": ""},
        "textConfig": {"fontSize": 18, "textAlign": "center", "textBaseline": "middle"},
    }


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
