"""Reads map.geojson: the boundaries of areas, where a city supplies them. Optional.

Whoever shows a map of Chinese territory shows one that was reviewed, and says by which number: a
file without its review number (审图号) and its source is refused, and with it the folder.
"""

from collections.abc import Iterable, Iterator
from reprlib import repr as shown
from typing import Any

import msgspec

from gigacity_city.files import MAP
from gigacity_city.model import AreaShape, CityMap, Position, Ring
from gigacity_city.problems import Problems
from gigacity_contract.decoding.document import JSON_ERRORS

REFERENCE_SYSTEMS = ("CGCS2000", "WGS84")
"""Which agree to a metre. GCJ-02 is shifted by some hundred, and is refused."""

MAX_POINTS = 50_000
"""Of all boundaries together: far more than a page can show."""

_EXPECTED = "{file} is a FeatureCollection (RFC 7946) with review_number, source and crs beside it"


class _Feature(msgspec.Struct):
    properties: dict[str, Any]
    geometry: dict[str, Any]


class _Collection(msgspec.Struct):
    type: str
    features: list[_Feature]
    review_number: str = ""
    source: str = ""
    crs: str = ""


def read_map(text: str | None, areas: Iterable[str], problems: Problems) -> CityMap | None:
    """The map, if the folder has one; what is wrong with it becomes problems.

    Args:
        text: of the file; None: there is none.
        areas: codes of the city's areas.
        problems: takes what is wrong.
    """
    if text is None:
        return None
    try:
        found = msgspec.json.decode(text.encode(), type=_Collection)
    except JSON_ERRORS as error:
        problems.add(MAP, 0, "", f"cannot be read: {error}; {_EXPECTED.format(file=MAP)}")
        return None
    _check_head(found, problems)
    shapes = tuple(_shapes(found, set(areas), problems))
    if sum(len(ring) for shape in shapes for part in shape.polygons for ring in part) > MAX_POINTS:
        problems.add(MAP, 0, "", f"has more than {MAX_POINTS:,} points: simplify the boundaries")
    return CityMap(found.review_number.strip(), found.source.strip(), found.crs, shapes)


def _check_head(found: _Collection, problems: Problems) -> None:
    if found.type != "FeatureCollection":
        problems.add(MAP, 0, "type", f"is {found.type!r}; {_EXPECTED.format(file=MAP)}")
    for name in ("review_number", "source"):
        if not getattr(found, name).strip():
            problems.add(
                MAP, 0, name, "is missing: a map is shown with its review number (审图号) and its"
                " source, or not at all; without them, remove the file",
            )  # fmt: skip
    if not found.features:
        problems.add(MAP, 0, "features", "is empty: without any boundary, remove the file")
    if found.crs not in REFERENCE_SYSTEMS:
        known = " or ".join(REFERENCE_SYSTEMS)
        problems.add(MAP, 0, "crs", f"is {found.crs!r}; say {known} (GCJ-02 is not taken)")


def _shapes(found: _Collection, areas: set[str], problems: Problems) -> Iterator[AreaShape]:
    seen: set[str] = set()
    for number, feature in enumerate(found.features):
        at = f"features[{number}]"
        code = feature.properties.get("code")
        if not isinstance(code, str) or code not in areas:
            wrong = f"{shown(code)} is not the code of an area"
            problems.add(MAP, 0, f"{at}.properties.code", wrong)
            continue
        if code in seen:
            problems.add(MAP, 0, f"{at}.properties.code", f"{code} stands twice")
        seen.add(code)
        try:
            yield AreaShape(code, _polygons(feature.geometry))
        except (IndexError, TypeError, ValueError) as error:
            message = f"is not as RFC 7946 has it, or not of this city: {error}"
            problems.add(MAP, 0, f"{at}.geometry", message)


def _polygons(geometry: dict[str, Any]) -> tuple[tuple[Ring, ...], ...]:
    kind, given = geometry.get("type"), geometry.get("coordinates")
    if kind == "Polygon":
        given = [given]
    elif kind != "MultiPolygon":
        raise ValueError(f"is a {kind}, not a Polygon or MultiPolygon")
    found = tuple(tuple(_ring(ring) for ring in polygon) for polygon in given or ())
    if not found or not all(found):
        raise ValueError("has a polygon without a ring, or none at all")
    return found


def _ring(given: Any) -> Ring:
    points = tuple(_position(point) for point in given)
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError("has a ring that is not closed, or of fewer than four points")
    return points


def _position(given: Any) -> Position:
    if not isinstance(given, list):
        raise TypeError(f"{shown(given)} is not a position")
    east, north = given[0], given[1]
    if not isinstance(east, int | float) or not isinstance(north, int | float):
        raise TypeError(f"{shown(given)} is not a position")
    if not (73 <= east <= 136 and 3 <= north <= 54):
        raise ValueError(f"{shown(given)} is not longitude, latitude of a place in China")
    return float(east), float(north)
