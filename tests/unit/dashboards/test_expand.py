import pytest

from gigacity_dashboards import expand
from gigacity_dashboards.errors import ExpandError
from gigacity_dashboards.expand import TimeRange
from tests.support.boards import all_boards

RANGE = TimeRange(1_767_225_600_000, 1_767_229_200_000)


def _expanded(query: str, interval: int = 60_000, **values: list[str] | str) -> str:
    return expand.expand(query, time_range=RANGE, interval=interval, values=values)


def test_time_filter_and_interval() -> None:
    assert _expanded("WHERE $timeFilter GROUP BY time($__interval)") == (
        "WHERE time >= 1767225600000ms and time <= 1767229200000ms GROUP BY time(1m)"
    )


@pytest.mark.parametrize(
    ("interval", "text"),
    [(500, "500ms"), (10_000, "10s"), (90_000, "90s"), (7_200_000, "2h"), (86_400_000, "1d")],
)
def test_intervals_are_written_in_the_largest_unit_that_fits(interval: int, text: str) -> None:
    assert _expanded("time($__interval)", interval) == f"time({text})"
    assert _expanded("$__interval_ms", interval) == str(interval)


@pytest.mark.parametrize(
    ("query", "values", "expected"),
    [
        ("/^${a:regex}$/", ["x.y"], r"/^x\.y$/"),
        ("/^${a:regex}$/", ["x", "y/z"], r"/^(x|y\/z)$/"),
        ("/^${a:regex}$/", ".*", "/^.*$/"),
        ("/^$a$/", ["x", "y"], "/^(x|y)$/"),
        ("'$a'", ["x.y"], "'x.y'"),
        ("'${a}'", ["x.y"], "'x.y'"),
    ],
)
def test_variables(query: str, values: list[str] | str, expected: str) -> None:
    assert _expanded(query, a=values) == expected


@pytest.mark.parametrize("query", ["$nosuch", "${nosuch:regex}", "${a:csv}", "$__timeFilter"])
def test_what_cannot_be_filled_in_is_an_error(query: str) -> None:
    with pytest.raises(ExpandError):
        _expanded(query, a=["x"])


def test_a_value_with_a_macro_in_it_does_not_reach_the_database() -> None:
    with pytest.raises(ExpandError, match="as it is"):
        _expanded("'$a'", a=["$b"])


def test_the_end_of_a_regular_expression_is_no_variable() -> None:
    assert _expanded('"code" =~ /^x$/ AND $timeFilter').startswith('"code" =~ /^x$/ AND time')


def _variable(current: object, **more: object) -> dict[str, object]:
    options = [{"value": "$__all"}, {"value": "x"}, {"value": "y"}]
    variable = {"name": "a", "current": {"value": current}, "options": options, **more}
    return {"templating": {"list": [variable]}}


@pytest.mark.parametrize(
    ("board", "values"),
    [
        (_variable("x"), ["x"]),
        (_variable(["x", "y"]), ["x", "y"]),
        (_variable("$__all", allValue=".*"), ".*"),
        (_variable(["$__all"], allValue=".*"), ".*"),
        (_variable("$__all"), ["x", "y"]),
    ],
)
def test_current_values(board: dict[str, object], values: object) -> None:
    assert expand.variables(board) == {"a": values}


@pytest.mark.parametrize(
    ("hours", "minimum_ms", "width_ms"),
    [(1, 1, 5_000), (1, 60_000, 60_000), (24, 60_000, 120_000), (24 * 90, 1000, 10_800_000)],
)
def test_the_width_of_a_point_follows_range_and_minimum(
    hours: int, minimum_ms: int, width_ms: int
) -> None:
    assert expand.interval_ms(TimeRange(0, hours * 3_600_000), minimum_ms, 1000) == width_ms


@pytest.mark.parametrize("text", ["", "10", "m10", "1y", "1.5h"])
def test_a_duration_that_is_none(text: str) -> None:
    with pytest.raises(ExpandError):
        expand.duration_ms(text)


def test_a_panel_with_a_range_of_its_own_looks_back_from_the_end() -> None:
    board = all_boards()[0].content
    latest = next(e for e in expand.expand_board(board, RANGE) if e.panel.look_back_ms)
    assert f"time >= {RANGE.to_ms - 600_000}ms and time <= {RANGE.to_ms}ms" in latest.query


def test_every_query_of_every_board_expands() -> None:
    for board in all_boards():
        expanded = expand.expand_board(board.content, RANGE)
        assert len(expanded) == sum(len(p.targets) for p in expand.panels(board.content))
        assert not [e.query for e in expanded if "$" in e.query.replace("$/", "")]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("$col", "value"),
        ("$tag_code ports", "371602 ports"),
        ("[[tag_code]]", "371602"),
        ("$tag_code端口", "371602端口"),
        ("${tag_code}", "${tag_code}"),
        ("$measurement.$col", "indicator.value"),
        ("$tag_nosuch", "$tag_nosuch"),
        ("", "indicator.value {code: 371602}"),
    ],
)
def test_series_are_named_by_their_alias(alias: str, name: str) -> None:
    tags = {"code": "371602"}
    named = expand.series_name(alias, measurement="indicator", column="value", tags=tags)
    assert named == name


def test_series_without_alias_and_tags() -> None:
    assert expand.series_name("", measurement="m", column="c", tags={}) == "m.c"
