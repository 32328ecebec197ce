"""What is read from a board's JSON, and what the tests' own Grafana makes of it."""

import pytest

from gigacity_dashboards.errors import PanelQueryError
from gigacity_dashboards.panel_targets import (
    Panel,
    all_values,
    asked_variables,
    duration_ms,
    fill_in,
    panels,
)
from tests.support.boards import all_boards, board_of
from tests.support.grafana_macros import TimeRange, expand, expanded_queries, series_name

RANGE = TimeRange(1_767_225_600_000, 1_767_229_200_000)
PANEL = Panel(1, "", (), 60_000, None)


@pytest.mark.parametrize("text", ["", "10", "m10", "1y", "1.5h"])
def test_a_duration_that_is_none(text: str) -> None:
    with pytest.raises(PanelQueryError, match="30s or 10m"):
        duration_ms(text)


def test_variables_are_filled_in_as_they_are_and_macros_stay() -> None:
    query = fill_in('"a" =~ /^${a:regex}$/ AND $timeFilter', {"a": ".*"})
    assert query == '"a" =~ /^.*$/ AND $timeFilter'


@pytest.mark.parametrize("query", ["${nosuch:regex}", "${a:csv}", "${a}"])
def test_what_cannot_be_filled_in_is_an_error(query: str) -> None:
    with pytest.raises(PanelQueryError):
        fill_in(query, {"a": ".*"})


def test_boards_begin_with_every_area() -> None:
    found = {board.name: all_values(board.content) for board in all_boards()}
    assert {"area": ".*"} in found.values()
    assert found["platform-zh"] == {}
    assert found["olt-zh"] == {"slot": ".*", "port": ".*"}
    assert set(asked_variables(board_of("olt-zh").content)) == {"olt", "slot", "port"}


def test_time_filter_and_interval() -> None:
    text = expand("WHERE $timeFilter GROUP BY time($__interval)", PANEL, RANGE, {})
    assert text == (
        "WHERE time >= 1767225600000ms and time <= 1767229200000ms GROUP BY time(60000ms)"
    )
    with pytest.raises(AssertionError, match=r"\$nosuch would reach"):
        expand("$nosuch", PANEL, RANGE, {})


def test_a_panel_with_a_range_of_its_own_looks_back_from_the_end() -> None:
    board = all_boards()[0].content
    latest = next(e for e in expanded_queries(board, RANGE) if e.panel.look_back_ms)
    assert f"time >= {RANGE.to_ms - 600_000}ms and time <= {RANGE.to_ms}ms" in latest.query


def test_every_query_of_every_board_expands() -> None:
    for board in all_boards():
        expanded = expanded_queries(board.content, RANGE)
        assert len(expanded) == sum(len(panel.targets) for panel in panels(board.content))


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("$col", "value"),
        ("$tag_code ports", "371602 ports"),
        ("$tag_code端口", "371602端口"),
        ("${tag_code}", "${tag_code}"),
        ("$tag_nosuch", "$tag_nosuch"),
    ],
)
def test_series_are_named_by_their_alias(alias: str, name: str) -> None:
    assert series_name(alias, column="value", tags={"code": "371602"}) == name
