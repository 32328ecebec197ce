"""map.geojson: taken with its review number and source, refused without; tiles of areas."""

import json
from pathlib import Path
from typing import Any

import pytest

from gigacity_city.load import load_city
from gigacity_contract.errors import CityError
from tests.support.city import AREA_A, CITY_YAML, write_city

RING = [[117.5, 37.0], [118.0, 37.0], [118.0, 37.5], [117.5, 37.0]]


def feature(code: object = AREA_A, **geometry: object) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": [RING]} | geometry
    return {"type": "Feature", "properties": {"code": code}, "geometry": shape}


def collection(*features: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "type": "FeatureCollection", "review_number": "鲁滨SG(2026)001号", "source": "市自然资源局",
        "crs": "CGCS2000", "features": list(features or (feature(),)),
    } | more  # fmt: skip


def loaded(folder: Path, given: object) -> Any:
    write_city(folder)
    text = given if isinstance(given, str) else json.dumps(given)
    (folder / "map.geojson").write_text(text, encoding="utf-8")
    return load_city(folder)


def test_a_reviewed_map_is_part_of_the_city_and_of_its_version(tmp_path: Path) -> None:
    without = load_city(write_city(tmp_path / "without"))
    city = loaded(tmp_path / "with", collection())
    assert without.map is None
    assert city.version != without.version
    assert city.map.review_number == "鲁滨SG(2026)001号"
    (shape,) = city.map.shapes
    assert shape.area == AREA_A
    assert shape.polygons[0][0][1] == (118.0, 37.0)


def test_several_polygons_of_one_area(tmp_path: Path) -> None:
    many = feature(type="MultiPolygon", coordinates=[[RING], [RING, RING]])
    (shape,) = loaded(tmp_path, collection(many)).map.shapes
    assert [len(polygon) for polygon in shape.polygons] == [1, 2]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (collection(review_number=""), "map.geojson: review_number: is missing"),
        (collection(source=" "), "map.geojson: source: is missing"),
        (collection(crs="GCJ-02"), "crs: is 'GCJ-02'; say CGCS2000 or WGS84"),
        (collection(type="Feature"), "type: is 'Feature'"),
        (collection(feature("999999")), r"features\[0\].properties.code: '999999' is not"),
        (collection(feature(None)), "None is not the code of an area"),
        (collection(feature(), feature()), f"{AREA_A} stands twice"),
        (collection(feature(type="Point")), "is a Point, not a Polygon"),
        (collection(feature(coordinates=None)), "geometry: is not as RFC 7946"),
        (collection(feature(coordinates=[RING[:3]])), "a ring that is not closed"),
        (collection(feature(coordinates=[[*RING[:3], [1, 2]]])), "place in China"),
        (collection(feature(coordinates=[[["a", 2]]])), "is not a position"),
        (collection(feature(coordinates=[[{"0": 118}] * 4])), "'0': 118} is not a position"),
        (collection(feature(coordinates=[{"a": 1}])), "'a' is not a position"),
        (collection(feature(coordinates=[[[117.5, 10**400]] * 4])), r"000\.\.\.000.*in China"),
        (collection(feature(coordinates=[])), "has a polygon without a ring"),
        (collection(feature(type="MultiPolygon", coordinates=[])), "or none at all"),
        (collection(feature(type="MultiPolygon", coordinates=[[RING], []])), "without a ring"),
        (collection(features=[]), "features: is empty: without any boundary, remove the file"),
        ("{", "map.geojson: cannot be read"),
        ("[]", "is a FeatureCollection"),
    ],
)
def test_what_is_wrong_with_a_map_is_named(tmp_path: Path, given: object, said: str) -> None:
    with pytest.raises(CityError, match=said):
        loaded(tmp_path, given)


def test_a_map_of_too_many_points_is_refused(tmp_path: Path) -> None:
    ring = [[117.5, 37.0], *([[118.0, 37.5]] * 50_000), [117.5, 37.0]]
    with pytest.raises(CityError, match="more than 50,000 points"):
        loaded(tmp_path, collection(feature(coordinates=[ring])))


@pytest.mark.parametrize(
    ("tiles", "said"),
    [
        (("[1]", "[0, 0]"), "must be a column and a row"),
        (("[1, 2]", "[1, 2]"), "is already the tile of another area"),
        (("[1, 99]", "[0, 0]"), r"99 is not in 0\.\.30"),
    ],
)
def test_tiles_of_areas_are_checked(tmp_path: Path, tiles: tuple[str, str], said: str) -> None:
    text = CITY_YAML
    for kind, tile in zip(("county", "development_zone"), tiles, strict=True):
        text = text.replace(f"kind: {kind}", f"kind: {kind}, tile: {tile}", 1)
    with pytest.raises(CityError, match=said):
        load_city(write_city(tmp_path, city=text))
