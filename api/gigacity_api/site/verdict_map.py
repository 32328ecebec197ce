"""The city's boundaries as GeoJSON (RFC 7946), each coloured by the verdict of a figure. Pure.

For Grafana's geomap, whose GeoJSON layer draws by these properties, and for whoever else shows the
city's reviewed map; the review number goes with it.
"""

from typing import Any

from gigacity_api.evaluator.publication import Publication
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.display import display_of
from gigacity_api.indicators.levels import Level
from gigacity_api.site.words import VERDICTS
from gigacity_city.model import AreaShape, CityMap, Name

COLOURS: dict[str, str] = {
    "met": "#0b5cad",
    "missed": "#d9622b",
    "undetermined": "#e0b400",
    "no_target": "#8b949e",
}
"""Told apart by everybody, and beside a sign and a word in any case."""


LATE = "late"
"""In a verdict's place where no evaluation came when one was due: what was true may be no more."""
_LATE_WORD = Name("评估已停", "nothing new was evaluated")


def verdict_map(
    map_: CityMap, publication: Publication, definition: Definition, *, is_late: bool = False
) -> dict[str, Any]:
    """A feature for each area that the map has; without verdicts where they are late."""
    return {
        "type": "FeatureCollection",
        "review_number": map_.review_number,
        "source": map_.source,
        "crs_name": map_.crs,
        "as_of_ms": publication.as_of_ms,
        "indicator": definition.id,
        "is_late": is_late,
        "features": [_feature(shape, publication, definition, is_late) for shape in map_.shapes],
    }


def _feature(
    shape: AreaShape, publication: Publication, definition: Definition, is_late: bool
) -> dict[str, Any]:
    figure = publication.by_key.get((definition.id, Level.AREA, shape.area))
    verdict = LATE if is_late else "no_target" if figure is None else figure.verdict
    sign, word = ("?", _LATE_WORD) if is_late else VERDICTS[verdict]
    area = next(area for area in publication.inventory.city.areas if area.code == shape.area)
    shown = None if figure is None else display_of(figure, is_ratio=definition.is_ratio)
    return {
        "type": "Feature",
        "id": shape.area,
        "properties": {
            "code": shape.area,
            "name": area.name.zh,
            "name_en": area.name.en,
            "value": "-" if shown is None else shown.display_text,
            "verdict": verdict,
            "verdict_zh": word.zh,
            "sign": sign,
            "fill": COLOURS["no_target" if is_late else verdict],
            "fill-opacity": 0.6,
            "stroke": "#1b1f24",
            "stroke-width": 1,
        },
        "geometry": {"type": "MultiPolygon", "coordinates": shape.polygons},
    }
