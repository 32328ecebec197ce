"""Messages of the bench: what every consumer is given, and what must become of it."""

import json
from typing import Any

import pytest

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_ingest.decode.decoder import Decoder
from tests.bench.ingest.shapes import BUNDLED, PORTS, Shape, ShapeName, build_shape
from tests.support.city import write_city
from tests.support.line_protocol import Point, parse_line
from tests.unit.ingest.messages import NOW_MS, decode, points

MESSAGES = 40
SHAPES: list[ShapeName] = ["pon", "device", "bundle10", "bundle100"]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return load_city(write_city(tmp_path_factory.mktemp("city")))


def build(name: ShapeName, city: City, seed: int = 1) -> Shape:
    return build_shape(name, MESSAGES, city, now_ms=NOW_MS, seed=seed)


@pytest.mark.parametrize("name", SHAPES)
def test_the_worker_makes_these_very_points_and_refuses_nothing(
    name: ShapeName, city: City
) -> None:
    decoder = Decoder(city)
    for sample in build(name, city).samples:
        out = decode(decoder, sample.topic, sample.payload)

        assert points(out) == [parse_line(line.encode()) for line in sample.lines]
        assert (out.dead_letters, out.unknown_fields) == ([], 0)


@pytest.mark.parametrize("name", SHAPES)
def test_every_message_makes_points_of_its_own(name: ShapeName, city: City) -> None:
    shape = build(name, city)

    seen = {(p.measurement, *p.tags.values(), p.time) for p in all_points(shape)}
    assert len(seen) == shape.points == MESSAGES * {"pon": PORTS, "device": 1, **BUNDLED}[name]


@pytest.mark.parametrize("name", SHAPES)
def test_every_point_has_the_field_by_which_it_is_counted(name: ShapeName, city: City) -> None:
    shape = build(name, city)

    counted = dict(shape.counted)
    assert all(counted[p.measurement] in p.fields for p in all_points(shape))


def test_the_same_seed_gives_the_same_messages(city: City) -> None:
    assert build("device", city) == build("device", city)
    assert build("device", city) != build("device", city, seed=2)


@pytest.mark.parametrize("name", ["pon", "device"])
def test_the_plain_baseline_makes_the_same_points(name: ShapeName, city: City) -> None:
    pytest.importorskip("pydantic")
    from tests.bench.ingest.plain import Plain  # noqa: PLC0415 - needs pydantic

    plain = Plain({"client_id": "x", "username": ""})
    take: Any = plain._take_pon if name == "pon" else plain._take_device
    shape = build(name, city)
    for sample in shape.samples:
        take(sample.topic.split("/"), sample.payload)

    made = [parse_line(point.to_line_protocol().encode()) for point in plain._points]
    assert [loose(point) for point in made] == [loose(point) for point in all_points(shape)]


def test_a_telemetry_message_is_one_report(city: City) -> None:
    body = json.loads(build("device", city).samples[0].payload)

    assert set(body) == {"kind", "ts", "seq", "values"}


def all_points(shape: Shape) -> list[Point]:
    return [parse_line(line.encode()) for sample in shape.samples for line in sample.lines]


def loose(point: Point) -> tuple[Any, ...]:
    """Point writes times of ms as such, and a whole float without its dot."""
    fields = {
        name: float(value) if kind in {"float", "integer"} else value
        for name, (kind, value) in point.fields.items()
    }
    return (point.measurement, point.tags, fields, point.time)
