"""Every query of every board against the storage table and the rules of both servers."""

import re

import pytest

from gigacity_contract.measurements import ALARM, MEASUREMENTS, R1D, Measurement
from gigacity_contract.rollup_measurements import ROLLUPS
from tests.support.boards import queries

QUERIES = list(queries())
FROM = re.compile(r'FROM "([a-z0-9]+)"\."(\w+)"')
IDENTIFIER = re.compile(r'"([^"]+)"')
ALIAS = re.compile(r' AS "\w+"')
NEWEST = re.compile(r" ORDER BY time DESC LIMIT 1\)")
TAG_TEST = re.compile(r'"(\w+)" (?:=~|= (?!true|\Wraise))')
every_query = pytest.mark.parametrize(
    "query", [query for _, query in QUERIES], ids=[which for which, _ in QUERIES]
)


def measurement_of(query: str) -> Measurement:
    policy, name = FROM.findall(query)[0]
    measurement = ROLLUPS[name] if policy == R1D.name else MEASUREMENTS[name]
    assert measurement.policy.name == policy
    return measurement


@every_query
def test_it_reads_one_measurement_from_its_retention_policy(query: str) -> None:
    """A subquery of its own aside."""
    assert len(FROM.findall(query)) == 1
    assert query.count("FROM ") == 1 + query.count("FROM (SELECT ")
    measurement_of(query)


@every_query
def test_it_names_only_columns_of_the_storage_table(query: str) -> None:
    measurement = measurement_of(query)
    known = {field.name for field in measurement.fields} | set(measurement.tags)
    named = set(IDENTIFIER.findall(ALIAS.sub("", FROM.sub("", query))))
    assert named
    assert named <= known


@every_query
def test_its_conditions_and_groups_are_tags(query: str) -> None:
    """Conditions on fields read every block of the range: only rare events may be asked for."""
    measurement = measurement_of(query)
    if measurement is ALARM:
        # Rare events, and few of them: an area may be asked for.
        query = query.replace('"area" =~', "")
    _, _, tail = query.partition(" WHERE ")
    # What an outer query asks of the inner one's result is no scan.
    condition, _, grouping = tail.partition(") WHERE ")[0].partition(" GROUP BY ")
    assert set(TAG_TEST.findall(condition)) <= set(measurement.tags)
    assert set(IDENTIFIER.findall(grouping)) <= set(measurement.tags)


@every_query
def test_it_is_bounded_by_the_panels_time_range(query: str) -> None:
    assert query.count("$timeFilter") == query.count("SELECT ")


@every_query
def test_it_asks_for_nothing_that_the_servers_answer_differently_or_slowly(query: str) -> None:
    # The newest row of one series alone; with grouped tags servers differ.
    upper = NEWEST.sub(")", query).upper()
    assert upper.startswith("SELECT ")
    assert upper.count("LAST(") <= 1
    assert "*" not in query.partition(" WHERE ")[0]
    for word in ("LIMIT", "SLIMIT", "INTO", "SHOW", "DROP", "DELETE", "FIRST(", ";", "TZ("):
        assert word not in upper


@every_query
def test_groups_by_time_leave_the_width_to_the_panel(query: str) -> None:
    assert re.findall(r"time\(([^)]*)\)", query) in ([], ["$__interval"])
