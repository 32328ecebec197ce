"""Every recorded answer to a query, parsed; and each difference that touches queries, named."""

import json
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from gigacity_contract.errors import QueryError
from gigacity_contract.influx import Series, parse_query, query_form
from tests.support.recordings import SERVERS, Exchange, exchanges, recorded, rows

NOT_JSON = ("query.csv_", "query.accept_", "query.chunked", "query.rows_")
"""Forms of answers that our code never asks for; the tests below say why."""


def _queries(server: str) -> list[Exchange]:
    return [
        e
        for e in exchanges(server, "query", "routes", "access", "write", "provisioning")
        if e.path.startswith("/query") and e.method in {"GET", "POST"}
        if not e.case.startswith(NOT_JSON)
    ]


def ask(server: str, case: str, step: int = 1) -> list[Series]:
    e = recorded(server, case, step)
    return parse_query(e.status, e.body)


def error_of(server: str, case: str, step: int = 1) -> QueryError:
    with pytest.raises(QueryError) as caught:
        ask(server, case, step)
    return caught.value


def _plain(answer: bytes) -> list[dict[str, Any]]:
    """The series as the standard library reads them."""
    results = json.loads(answer).get("results", [])
    return [series for result in results for series in result.get("series", [])]


@pytest.mark.parametrize("server", SERVERS)
def test_every_recorded_answer_is_its_rows_or_its_error(server: str) -> None:
    parsed = failed = 0
    for e in _queries(server):
        if e.status != 200 or b'"error"' in e.body:
            with pytest.raises(QueryError):
                parse_query(e.status, e.body)
            failed += 1
            continue
        ours = [(s.name, s.tags, s.columns, s.values) for s in parse_query(e.status, e.body)]
        theirs = [
            (s.get("name", ""), s.get("tags", {}), s["columns"], s.get("values", []))
            for s in _plain(e.body)
        ]
        assert ours == theirs, e.case
        parsed += 1

    assert parsed > 100
    assert failed > 20


# Errors.


def test_a_syntax_error_is_400_in_both_shapes() -> None:
    errors = [error_of(server, "query.syntax_error") for server in SERVERS]

    assert [e.status for e in errors] == [400, 400]
    assert errors[0].message.startswith("error parsing query: found SELEC")
    assert errors[1].message.startswith("failed to parse query: found SELEC")
    assert not any(e.is_denied for e in errors)


@pytest.mark.parametrize("server", SERVERS)
def test_a_run_time_error_comes_with_200(server: str) -> None:
    error = error_of(server, "query.unknown_function")

    assert error.status == 200
    assert "nosuch" in error.message


@pytest.mark.parametrize("server", SERVERS)
def test_one_failed_statement_of_several_fails_the_query(server: str) -> None:
    """Both say no more than that it was not executed; half an answer is none."""
    assert error_of(server, "query.multi_statement_second_fails").message == "not executed"


@pytest.mark.parametrize("server", SERVERS)
def test_an_unknown_database_or_policy_is_200_with_an_error_and_counts_as_denied(
    server: str,
) -> None:
    for case in ("query.unknown_db", "routes.query_unknown_db", "routes.query_unknown_rp"):
        error = error_of(server, case)
        assert (error.status, error.is_denied) == (200, True)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("case", ["query.csv_error", "query.csv_empty"])
def test_csv_shows_an_error_as_it_shows_no_rows_so_it_is_never_asked_for(
    server: str, case: str
) -> None:
    answer = recorded(server, case)

    assert (answer.status, answer.body.strip()) == (200, b"")
    assert "csv" not in query_form("SELECT 1").decode()


@pytest.mark.parametrize("server", SERVERS)
def test_an_answer_that_is_no_json_is_an_error(server: str) -> None:
    """Such as CSV, an empty body, or a document that was cut off."""
    whole = recorded(server, "query.group_by_tag").body
    bodies = [recorded(server, "query.csv_error").body, whole[: len(whole) // 2], b"\xff", b"[]"]

    for body in bodies:
        with pytest.raises(QueryError, match="not that of a query"):
            parse_query(200, body)


def test_an_error_beside_the_results_is_an_error_whatever_the_status() -> None:
    with pytest.raises(QueryError, match="timeout"):
        parse_query(200, b'{"results":[],"error":"timeout"}')


# Rows.


@pytest.mark.parametrize("server", SERVERS)
def test_series_keep_name_tags_columns_and_rows(server: str) -> None:
    series = ask(server, "query.group_by_tag")

    assert [s.name for s in series] == ["pon_port"] * len(series)
    assert all(s.tags and s.columns[0] == "time" and s.values for s in series)


@pytest.mark.parametrize("server", SERVERS)
def test_statements_are_told_apart(server: str) -> None:
    assert [(s.name, s.statement) for s in ask(server, "query.multi_statement")] == [
        ("pon_port", 0),
        ("device_camera", 1),
    ]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("case", ["query.unknown_measurement", "query.unknown_field"])
def test_no_rows_is_no_series(server: str, case: str) -> None:
    assert ask(server, case) == []


def test_results_may_be_absent() -> None:
    """2.x answers ``{}`` to DELETE and DROP MEASUREMENT."""
    cases = ("delete_influxql.delete_where_tag", "delete_influxql.drop_measurement")

    assert {recorded("influxdb2", case).body.strip() for case in cases} == {b"{}"}
    assert [ask(server, case) for server in SERVERS for case in cases] == [[], [], [], []]


def test_a_series_without_values_has_no_rows() -> None:
    """2.x: SHOW DATABASES with a token that reads nothing."""
    series = ask("influxdb2", "access.show_databases_write_x")

    assert [(s.columns, s.values) for s in series] == [(["name"], [])]


def test_partial_on_more_than_10000_rows_is_ignored() -> None:
    """1.x marks a complete answer; the recording keeps its head and its tail."""
    row = next(r for r in rows("influxdb1", "query") if r["case"] == "query.rows_10001")
    head, tail = row["response"]["body_head"], row["response"]["body_tail"]
    spliced = head[: head.rindex("],[") + 2] + tail[tail.index("[") :]

    assert '"partial":true' in tail
    assert len(parse_query(200, spliced.encode())[0].values) > 10


@pytest.mark.parametrize("server", SERVERS)
def test_a_chunked_answer_is_many_documents_and_refused_where_none_was_asked_for(
    server: str,
) -> None:
    answer = recorded(server, "query.chunked")

    assert answer.body.strip().count(b"\n") > 0
    assert b"chunked" not in query_form("SELECT x FROM m")
    with pytest.raises(QueryError):
        parse_query(answer.status, answer.body)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("case", ["query.last_star", "query.last_fields_grouped"])
def test_last_of_several_fields_loses_the_time(server: str, case: str) -> None:
    """Why the latest state is read as raw rows of a bounded range."""
    first = ask(server, case)[0].values[0][0]

    assert first in {"1970-01-01T00:00:00Z", "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("case", ["query.select_tag_only", "query.time_or"])
def test_these_have_no_rows_and_no_error_so_no_query_uses_them(server: str, case: str) -> None:
    assert ask(server, case) == []


@pytest.mark.parametrize("server", SERVERS)
def test_days_are_utc_unless_a_time_zone_is_named(server: str) -> None:
    assert ask(server, "query.group_1d_no_tz")[0].values[0][0] == "2026-01-01T00:00:00Z"
    assert ask(server, "query.tz")[0].values[0][0].endswith("+08:00")


# Requests.


@pytest.mark.parametrize("server", SERVERS)
def test_epoch_us_is_silently_ns_so_ms_is_the_default(server: str) -> None:
    times = {
        unit: ask(server, f"query.epoch_{unit}")[0].values[0][0] for unit in ("us", "ns", "ms")
    }

    assert times["us"] == times["ns"] == times["ms"] * 1_000_000
    assert ("epoch", "ms") in parse_qsl(query_form("SELECT 1").decode())


@pytest.mark.parametrize("server", SERVERS)
def test_a_form_is_read_by_both(server: str) -> None:
    """The recorded form, rebuilt by our code, differs in nothing but the order."""
    answer = recorded(server, "routes.query_post_form")
    sent = parse_qs(answer.request_body.decode())
    query, db, epoch = (sent[name][0] for name in ("q", "db", "epoch"))
    assert epoch == "s"

    ours = parse_qs(query_form(query, db=db, rp="", epoch="s").decode())
    assert ours == sent
    assert ask(server, "routes.query_post_form")[0].values == [[1_767_225_600, "a", 1]]


def test_a_body_of_another_type_is_refused_by_1x_so_the_form_it_is() -> None:
    statuses = [recorded(server, "routes.query_post_vnd_influxql").status for server in SERVERS]

    assert statuses == [400, 200]


def test_an_empty_json_post_is_200_and_says_nothing_on_2x() -> None:
    assert recorded("influxdb2", "routes.query_post_json").body.strip() == b"{}"


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("case", "params"),
    [
        ("params_string", {"olt": "OLT-A"}),
        ("params_number", {"x": -20.5}),
        ("params_integer", {"x": 25}),
        ("params_bool", {"x": True}),
        ("params_quote", {"olt": "OLT-A' OR 1=1 --"}),
    ],
)
def test_parameters_are_sent_as_they_were_recorded(
    server: str, case: str, params: dict[str, Any]
) -> None:
    answer = recorded(server, f"query.{case}")
    recorded_form = dict(parse_qsl(urlsplit(answer.path).query))
    form = dict(parse_qsl(query_form(recorded_form["q"], db="q", params=params).decode()))

    assert json.loads(form["params"]) == json.loads(recorded_form["params"])
    assert bool(ask(server, f"query.{case}")) is (case != "params_quote")


@pytest.mark.parametrize("server", SERVERS)
def test_a_missing_parameter_is_an_error(server: str) -> None:
    assert "missing parameter: olt" in error_of(server, "query.params_missing").message


def test_db_and_policy_are_sent_when_named() -> None:
    form = parse_qs(query_form("SELECT x FROM m", db="gigacity", rp="raw", epoch="ns").decode())

    assert form == {"q": ["SELECT x FROM m"], "epoch": ["ns"], "db": ["gigacity"], "rp": ["raw"]}


# What differs from server to server, and is therefore not used.


@pytest.mark.parametrize(
    "case",
    [
        "show_series_cardinality",
        "show_measurement_cardinality",
        "show_users",
        "show_queries",
        "into",
    ],
)
def test_not_implemented_on_2x(case: str) -> None:
    assert error_of("influxdb2", f"query.{case}").message.startswith("not implemented")
    assert ask("influxdb1", f"query.{case}")


@pytest.mark.parametrize("server", SERVERS)
def test_exact_cardinality_works_on_both(server: str) -> None:
    assert ask(server, "query.show_series_exact_cardinality")


def test_opengemini_calls_a_measurement_without_points_an_error() -> None:
    body = b'{"results":[{"statement_id":0,"error":"measurement not found"}]}'

    assert parse_query(200, body) == []
