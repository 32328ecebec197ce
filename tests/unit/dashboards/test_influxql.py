from collections.abc import Callable

import pytest

from gigacity_contract.measurements import GIGACITY_WORKER, INDICATOR
from gigacity_dashboards import influxql
from gigacity_dashboards.errors import PanelQueryError
from gigacity_dashboards.influxql import Aggregate


def test_rows_name_policy_tags_and_fields() -> None:
    query = influxql.rows(
        INDICATOR,
        tags=["code"],
        fields=["value", "verdict"],
        where=[influxql.equals(INDICATOR, "scope", "area")],
    )
    assert query == (
        'SELECT "code", "value", "verdict" FROM "figures"."indicator"'
        " WHERE \"scope\" = 'area' AND $timeFilter"
    )


def test_several_values_of_a_tag_stand_in_brackets() -> None:
    assert influxql.equals(INDICATOR, "code", "a", "b") == "(\"code\" = 'a' OR \"code\" = 'b')"


def test_over_time_groups_by_the_panels_interval_and_tags() -> None:
    query = influxql.over_time(GIGACITY_WORKER, [Aggregate("last", "balanced")], by=["worker"])
    assert query == (
        'SELECT last("balanced") AS "balanced" FROM "ops"."gigacity_worker"'
        ' WHERE $timeFilter GROUP BY time($__interval), "worker" fill(null)'
    )


def test_growth_is_taken_between_rows_and_then_summed() -> None:
    query = influxql.increase(GIGACITY_WORKER, "write_failures", by=["worker"])
    assert query == (
        'SELECT sum("write_failures") AS "write_failures" FROM ('
        'SELECT non_negative_difference("write_failures") AS "write_failures"'
        ' FROM "ops"."gigacity_worker" WHERE $timeFilter GROUP BY "worker")'
        ' WHERE $timeFilter GROUP BY time($__interval), "worker" fill(none)'
    )


REFUSED = {
    "unknown field": lambda: influxql.rows(INDICATOR, fields=["nosuch"]),
    "no field": lambda: influxql.rows(INDICATOR, fields=[]),
    "tag of another": lambda: influxql.rows(INDICATOR, fields=["value"], tags=["worker"]),
    "group of another": lambda: influxql.rows(INDICATOR, fields=["value"], by=["worker"]),
    "unknown aggregate": lambda: influxql.over_time(INDICATOR, [Aggregate("last", "nosuch")]),
    "unknown group": lambda: influxql.over_time(
        INDICATOR, [Aggregate("max", "value")], by=["worker"]
    ),
    "last of two": lambda: influxql.over_time(
        INDICATOR, [Aggregate("last", "value"), Aggregate("last", "lower")]
    ),
    "unknown counter": lambda: influxql.increase(GIGACITY_WORKER, "nosuch", by=["worker"]),
    "counter by field": lambda: influxql.rate_per_s(
        GIGACITY_WORKER, "write_failures", by=["connected"]
    ),
    "condition on no tag": lambda: influxql.equals(INDICATOR, "nosuch", "x"),
    "quotes in a value": lambda: influxql.equals(INDICATOR, "code", "x' OR 'a' = 'a"),
    "no value": lambda: influxql.equals(INDICATOR, "code"),
    "variable on no tag": lambda: influxql.matches_variable(INDICATOR, "nosuch", "area"),
    "prefix on no tag": lambda: influxql.begins_with(INDICATOR, "nosuch", "x"),
}


@pytest.mark.parametrize("build", REFUSED.values(), ids=REFUSED)
def test_what_the_storage_table_does_not_have_is_refused(build: Callable[[], str]) -> None:
    with pytest.raises(PanelQueryError):
        build()
