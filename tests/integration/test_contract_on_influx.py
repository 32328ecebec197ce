"""The contract against a real database: recordings still true, encoded points stored unchanged."""

import itertools
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigacity_contract.fields import FieldType
from gigacity_contract.influx import Malformed, Written, judge_write, parse_query
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import (
    INDICATOR_LOG,
    MEASUREMENTS,
    PRESENCE,
    REPORT,
    Measurement,
)
from tests.support.line_protocol import Point, parse_lines
from tests.support.processes_influx import InfluxServer
from tests.support.recordings import recorded

pytestmark = pytest.mark.integration

GOLDEN = Path(__file__).parents[1] / "golden" / "messages"

REPEATED = [
    "valid_batch", "valid_crlf", "two_malformed", "all_malformed", "middle_nan",
    "middle_two_pow_63", "middle_duplicate_tag", "middle_empty_tag_value",
    "middle_unclosed_quote", "middle_time_field", "middle_time_tag",
    "middle_field_tag_underscore", "middle_uint", "type_conflict_in_batch",
    "type_conflict_in_batch_twice", "type_conflict_stored", "type_conflict_and_malformed",
    "merge_fields", "overwrite", "empty_body", "unicode", "escapes", "int_limits",
    "float_forms", "backslash_tag_end",
]  # fmt: skip
"""One or more recorded stories for each outcome and each rule of the encoder."""


@pytest.fixture
def server_name(influx: InfluxServer) -> str:
    if influx.is_opengemini:
        pytest.skip("openGemini has answers of its own: test_write_outcomes, docs/compatibility.md")
    return f"influxdb{influx.flavour}"


@pytest.mark.parametrize("case", REPEATED)
def test_the_server_still_answers_as_recorded(
    database: InfluxServer, server_name: str, case: str
) -> None:
    """Another version that differs shows here, before it shows in production."""
    for step in itertools.count(1):
        e = recorded(server_name, f"write.{case}", step)
        if not e.path.startswith("/write"):
            break
        precision = parse_qs(urlsplit(e.path).query)["precision"][0]
        answer = database.write(e.request_body, rp="forever", precision=precision)
        now, then = (
            judge_write(status, {}, body)
            for status, body in ((answer.status, answer.body), (e.status, e.body))
        )
        assert type(now) is type(then), answer.body
        if isinstance(now, Malformed) and isinstance(then, Malformed):
            assert (now.lines, now.rest_stored) == (then.lines, then.rest_stored)


def _rows(database: InfluxServer, measurement: str, rp: str) -> list[dict[str, Any]]:
    return database.query(f'SELECT * FROM "{measurement}"', rp)  # noqa: S608 - our own names


def test_golden_points_are_stored_as_they_are_written(database: InfluxServer) -> None:
    """Under the policy of the forever kept, since they are of one day long ago."""
    points: list[Point] = []
    for path in sorted(GOLDEN.glob("*.lp")):
        text = path.read_bytes()
        answer = database.write(text, rp="forever")
        assert judge_write(answer.status, {}, answer.body) == Written(), path.name
        points += parse_lines(text)

    stored = {name: _rows(database, name, "forever") for name in {p.measurement for p in points}}
    for point in points:
        same = [
            row
            for row in stored[point.measurement]
            if row["time"] == point.time and all(row[k] == v for k, v in point.tags.items())
        ]
        assert any(all(row[k] == v for k, (_, v) in point.fields.items()) for row in same), point


def test_stored_types_are_those_of_the_table(database: InfluxServer) -> None:
    for path in GOLDEN.glob("*.lp"):
        database.write(path.read_bytes(), rp="forever")
    form = database.call("GET", f"/query?db={database.bucket}&rp=forever&q=SHOW+FIELD+KEYS")
    found = {
        (series.name, name): kind
        for series in parse_query(form.status, form.body)
        for name, kind in series.values
    }
    table = {
        (row.name, field.name): field.type.value
        for row in MEASUREMENTS.values()
        for field in row.fields
    }

    assert len(found) > 80
    assert found == {key: table[key] for key in found}


# What the encoder lets through, the server takes, and gives back.

_TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\n"), max_size=30
)
_TAGS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), min_size=1, max_size=20
)
_VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.FLOAT: st.floats(allow_nan=False, allow_infinity=False),
    FieldType.INTEGER: st.integers(-(2**53) + 1, 2**53 - 1),
    FieldType.STRING: _TEXTS,
}


@st.composite
def _batches(draw: st.DrawFn) -> tuple[Measurement, list[tuple[dict[str, str], dict[str, Any]]]]:
    row = draw(st.sampled_from([PRESENCE, REPORT, INDICATOR_LOG]))
    point = st.tuples(
        st.fixed_dictionaries(dict.fromkeys(row.tags, _TAGS)),
        st.fixed_dictionaries({f.name: _VALUES[f.type] for f in row.fields}),
    )
    return row, draw(st.lists(point, min_size=5, max_size=30))


def test_what_the_encoder_lets_through_is_stored_unchanged(influx: InfluxServer) -> None:
    bucket = influx.fresh_bucket()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(_batches())
    def write_and_read(
        batch: tuple[Measurement, list[tuple[dict[str, str], dict[str, Any]]]],
    ) -> None:
        row, points = batch
        start = next(times)
        lines = [
            encode_point(row, tags, fields, start + i) for i, (tags, fields) in enumerate(points)
        ]
        answer = bucket.write(b"\n".join(lines), rp="forever", precision=row.precision)
        assert judge_write(answer.status, {}, answer.body) == Written()
        unit = row.precision
        bounds = f"time >= {start}{unit} AND time < {start + len(points)}{unit}"
        query = f'SELECT * FROM "{row.name}" WHERE {bounds}'  # noqa: S608 - our own names
        stored = sorted(_plain(row, found, digits) for found in bucket.query(query, "forever"))
        assert stored == sorted(_plain(row, tags | fields, digits) for tags, fields in points)

    # openGemini reads a number of very large or small magnitude with an error in its last digits.
    digits = 14 if influx.is_opengemini else 17
    times = itertools.count(1_767_225_600_000, 1000)
    try:
        write_and_read()
    finally:
        bucket.drop()


def _plain(row: Measurement, values: dict[str, Any], digits: int) -> list[tuple[str, str]]:
    """Comparable; the database writes a whole float without a point, and -0 is 0."""
    floats = {f.name for f in row.fields if f.type is FieldType.FLOAT}
    return sorted(
        (name, f"{float(value) + 0.0:.{digits}g}" if name in floats else repr(value))
        for name, value in values.items()
        if name != "time"
    )
