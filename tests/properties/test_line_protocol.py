"""The encoder against an independent reader, against influxdb_client, and against itself."""

import math
import warnings
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.errors import EncodeError
from gigacity_contract.fields import FieldSpec, FieldType
from gigacity_contract.line_protocol import PointTemplate, encode_point, escape_tag
from gigacity_contract.measurements import (
    DEVICE_MEASUREMENTS,
    MEASUREMENTS,
    PON_PORT,
    PRESENCE,
    Measurement,
)
from tests.support.line_protocol import Point, parse_line
from tests.support.payload_strategies import values_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # The client imports what it itself calls deprecated.
    from influxdb_client.client.write.point import Point as VendorPoint

MAX_INT64 = 2**63 - 1
times_ms = st.integers(-9_223_372_036_854, 9_223_372_036_854)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
tag_texts = texts.filter(lambda text: text and "\\" not in text)
measurements = st.sampled_from(sorted(MEASUREMENTS)).map(MEASUREMENTS.__getitem__)

_VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.FLOAT: st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**15), 10**15),
    FieldType.INTEGER: st.integers(-MAX_INT64, MAX_INT64),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.STRING: texts,
}

Values = dict[str, Any]


@st.composite
def points(draw: st.DrawFn) -> tuple[Measurement, dict[str, str], Values, int]:
    """A point of any measurement, with at least one field; some tags empty, some fields None."""
    row = draw(measurements)
    tags = {name: draw(tag_texts | st.just("")) for name in row.tags}
    fields = {f.name: draw(st.none() | _VALUES[f.type]) for f in row.fields}
    sure = draw(st.sampled_from(row.fields))
    fields[sure.name] = draw(_VALUES[sure.type])
    scale = {"ms": 1, "ns": 10**6, "s": 1}[row.precision]
    return row, tags, fields, draw(times_ms) * scale


def _expected(row: Measurement, tags: dict[str, str], fields: Values, time: int) -> Point:
    kinds = {f.name: f.type for f in row.fields}
    present = {name: value for name, value in fields.items() if value is not None}
    typed: Any = {
        name: (kinds[name].value, float(value) if kinds[name] is FieldType.FLOAT else value)
        for name, value in present.items()
    }
    return Point(row.name, {name: value for name, value in tags.items() if value}, typed, time)


@given(points())
def test_a_line_reads_back_as_what_was_encoded(
    point: tuple[Measurement, dict[str, str], Values, int],
) -> None:
    line = encode_point(*point)

    assert parse_line(line) == _expected(*point)
    assert b"\n" not in line


@given(points())
def test_tags_stand_in_the_order_of_the_table(
    point: tuple[Measurement, dict[str, str], Values, int],
) -> None:
    row, tags, _, _ = point

    assert list(parse_line(encode_point(*point)).tags) == [name for name in row.tags if tags[name]]


@given(points())
def test_influxdb_client_writes_the_same_point(
    point: tuple[Measurement, dict[str, str], Values, int],
) -> None:
    """The vendor's own encoder, given the same values: its line means the same."""
    row, tags, fields, time = point
    theirs = cast("Any", VendorPoint)(row.name)
    theirs.time(time, write_precision=row.precision)
    for name, value in tags.items():
        theirs.tag(name, value)
    kinds = {f.name: f.type for f in row.fields}
    for name, value in fields.items():
        theirs.field(
            name, float(value) if value is not None and kinds[name] is FieldType.FLOAT else value
        )

    assert parse_line(theirs.to_line_protocol().encode()) == parse_line(encode_point(*point))


# The fast template.

_TELEMETRY = [PON_PORT, *DEVICE_MEASUREMENTS.values()]


def _telemetry_values(field: FieldSpec) -> st.SearchStrategy[Any]:
    if field.type is FieldType.STRING:
        return st.sampled_from(["up", "down"])
    return values_of(field)


@pytest.mark.parametrize("row", _TELEMETRY, ids=lambda row: row.name)
@given(data=st.data())
def test_a_template_formats_what_encode_point_encodes(
    row: Measurement, data: st.DataObject
) -> None:
    values = [data.draw(st.none() | _telemetry_values(field)) for field in row.fields]
    time = data.draw(st.integers(0, 2**42))
    tags = dict.fromkeys(row.tags, "x")
    prefix = (row.name + "".join(f",{name}=x" for name in row.tags)).encode()

    line = PointTemplate(row).format(prefix, values, time)

    if all(value is None for value in values):
        assert line is None
        return
    assert line is not None
    named = {field.name: value for field, value in zip(row.fields, values, strict=True)}
    assert parse_line(line) == parse_line(encode_point(row, tags, named, time))


def test_a_template_forgets_its_shapes_before_they_grow_without_bound() -> None:
    row = DEVICE_MEASUREMENTS["air_quality"]
    template = PointTemplate(row)
    template.MAX_TEMPLATES = 2
    shapes = [[1.0 if i == j else None for i in range(len(row.fields))] for j in range(4)]

    lines = [template.format(b"device_air_quality,area=1", shape, 1) for shape in shapes]

    assert len(set(lines)) == 4
    assert len(template._partial) <= 2


# What cannot be written.


@given(st.text(max_size=20))
def test_a_tag_is_escaped_or_refused_but_never_changed(value: str) -> None:
    try:
        escaped = escape_tag(value)
    except EncodeError:
        assert not value or any(
            c == "\\" or c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in value
        )
        return
    assert parse_line(f"m,t={escaped} f=1i 1".encode()).tags == {"t": value}


@given(st.text(max_size=40))
def test_a_string_is_escaped_or_refused_but_never_changed(value: str) -> None:
    try:
        line = encode_point(PRESENCE, {}, {"reason": value}, 1)
    except EncodeError:
        assert any(c in "\x00\r\n" or "\ud800" <= c <= "\udfff" for c in value)
        return
    assert parse_line(line).fields == {"reason": ("string", value)}


@given(st.floats() | st.integers() | st.booleans() | texts, st.sampled_from(list(FieldType)))
def test_a_field_has_its_type_or_is_refused(value: Any, kind: FieldType) -> None:
    row = Measurement("m", PON_PORT.policy, (), (FieldSpec("f", kind),))
    try:
        line = encode_point(row, {}, {"f": value}, 1)
    except EncodeError:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        assert not isinstance(
            value, {FieldType.BOOLEAN: bool, FieldType.STRING: str}.get(kind, bytes)
        )
        assert not (
            kind is FieldType.FLOAT and number and math.isfinite(value) and abs(value) < 1e300
        )
        assert not (
            kind is FieldType.INTEGER and number and isinstance(value, int) and abs(value) < 2**62
        )
        return
    stored_kind, stored = parse_line(line).fields["f"]
    assert stored_kind == kind.value
    assert stored == (float(value) if kind is FieldType.FLOAT else value)
