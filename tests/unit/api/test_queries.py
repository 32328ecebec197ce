"""Query texts: house rules, and what they name."""

from collections.abc import Iterator

import pytest

from gigacity_api.evaluator.lines import FigureRow, LogRow
from gigacity_api.evaluator.stored import InstantRow
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.row_loader import PortRow, PresenceRow, device_columns, device_row
from gigacity_api.indicators.subjects.port.subject import PortIndicator
from gigacity_api.storage.queries import figures, readings, revisions, rollups, telemetry
from gigacity_api.storage.queries.query import Query, select_rows, tag_equals
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT
from tests.support.influxql_rules import problems


def every_query() -> Iterator[Query]:
    """Each builder's text."""
    yield telemetry.port_rows(1, 2)
    yield telemetry.port_rows(1, 2, "371602")
    yield telemetry.presence_rows(1, 2)
    yield telemetry.arrivals(1, 2)
    for kind in CATALOGUE:
        yield telemetry.device_rows(kind, 1, 2)
        yield telemetry.device_rows(kind, 1, 2, "371602")
    for field in telemetry.SESSION_FIELDS:
        yield telemetry.newest_presence(field, 2)
    yield figures.city_figures(1, 2)
    yield figures.figures_between(1, 2)
    yield figures.instants(1, 2)
    yield readings.port_readings("olt-a", 1, 0, 1, 2)
    for kind in CATALOGUE:
        yield readings.device_readings(kind, "371602001001", "d-1", 1, 2)
    yield rollups.figure_statistics("area", 1, 2)
    yield rollups.figure_statistics("olt", 1, 2, ("min", "max"))
    yield rollups.figure_means("olt", 1, 2, 300_000)
    yield figures.history(("pon.ports_10g", "city", "371600"), 1, 2)
    yield revisions.revised_figures(1, 2)
    yield revisions.revisions_of(("pon.ports_10g", "city", "371600"), 1, 2)
    yield revisions.revisions_of(("pon.ports_10g", "city", "371600"), 1, 2, 1)
    yield figures.publications(("pon.ports_10g", "city", "371600"), 1, 2)


@pytest.mark.parametrize("query", [*every_query()], ids=str)
def test_every_query_keeps_the_house_rules(query: Query) -> None:
    assert problems(query.text) == []


@pytest.mark.parametrize("query", [*every_query()], ids=str)
def test_every_query_goes_to_the_policy_of_its_measurement(query: Query) -> None:
    assert query.policy == query.measurement.policy.name
    assert f' FROM "{query.measurement.name}" WHERE time > ' in query.text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SELECT last(a), last(b) FROM m WHERE time > 1ms AND time <= 2ms", "several fields"),
        (
            "SELECT a FROM m WHERE time > 1ms AND time <= 2ms GROUP BY olt LIMIT 1",
            "LIMIT together",
        ),
        ("SELECT count(a) FROM m WHERE time > 1ms AND time <= 2ms", "rewritten rows twice"),
        ("SELECT a FROM m WHERE time > 1ms", "no bounded range"),
        ("SELECT a FROM m WHERE time <= 2ms", "no bounded range"),
        ("SELECT a FROM m WHERE time = 1ms OR time = 2ms", "answers no rows"),
        ("SELECT * FROM m WHERE time > 1ms AND time <= 2ms", "SELECT *"),
        ("SELECT a FROM m WHERE time > 1 AND time <= 2; DROP DATABASE x", "several statements"),
    ],
)
def test_the_lint_names_what_a_text_breaks(text: str, problem: str) -> None:
    assert any(problem in found for found in problems(text))


def test_a_query_names_only_what_the_storage_table_has() -> None:
    with pytest.raises(ValueError, match="no column"):
        select_rows(PON_PORT, ("oper", "colour"), after_ms=1, until_ms=2)


def test_a_query_of_tags_alone_is_refused() -> None:
    """Both servers answer it with no rows and no error."""
    with pytest.raises(ValueError, match="no field is read"):
        select_rows(PON_PORT, ("olt", "slot"), after_ms=1, until_ms=2)


@pytest.mark.parametrize("value", ["x' OR 'a'='a", "", "a b", "x\ny", "x" * 65])
def test_a_tag_value_cannot_end_its_string(value: str) -> None:
    with pytest.raises(ValueError, match="no code or id"):
        tag_equals("olt", value)


def test_only_session_fields_have_a_newest() -> None:
    with pytest.raises(ValueError, match="nothing of a session"):
        telemetry.newest_presence("reason", 2)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_devices_query_reads_every_field(kind: str) -> None:
    """A row shows only if a selected field is set, and any field proves that a device reported."""
    fields = {field.name for field in DEVICE_MEASUREMENTS[kind].fields}
    columns = device_columns(kind)
    assert fields <= set(columns)
    assert (
        columns[: len(device_row(kind).__struct_fields__) - 1]
        == (device_row(kind).__struct_fields__[1:])
    )


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        (PortRow, telemetry.port_rows(1, 2).columns),
        (PresenceRow, telemetry.presence_rows(1, 2).columns),
        (FigureRow, figures.figures_between(1, 2).columns),
        (InstantRow, figures.instants(1, 2).columns),
        (LogRow, figures.publications(("x", "city", "1"), 1, 2).columns),
    ],
)
def test_row_structs_have_the_columns_of_their_queries(
    row: type[PortRow], columns: tuple[str, ...]
) -> None:
    assert ("time", *columns) == row.__struct_fields__


def test_the_figure_that_tells_instants_is_one_of_every_city() -> None:
    definition = REGISTRY[figures.ALWAYS_PUBLISHED]
    assert isinstance(definition, Definition)
    assert Level.CITY in definition.levels
    assert not definition.parameters
    assert type(definition) is PortIndicator
