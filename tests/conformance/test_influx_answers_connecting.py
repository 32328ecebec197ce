"""Recorded answers of /ping and to every credential; each difference of connecting, named."""

import base64

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError, QueryError, UnknownServerError
from gigacity_contract.influx import (
    TOKEN_USER,
    Denied,
    Flavour,
    Server,
    Written,
    basic_auth,
    judge_write,
    parse_ping,
    parse_query,
)
from tests.support.recordings import SERVERS, exchanges, recorded

VERSIONS = {"influxdb1": Server(Flavour.V1, "1.6.7"), "influxdb2": Server(Flavour.V2, "2.9.1")}


@pytest.mark.parametrize("server", SERVERS)
def test_the_version_is_in_every_answer_to_ping(server: str) -> None:
    for case in ("health.ping_get", "health.ping_head", "health.ping_get_verbose"):
        answer = recorded(server, case)
        assert answer.status == 204
        assert parse_ping(answer.headers) == VERSIONS[server]


@pytest.mark.parametrize("server", SERVERS)
def test_errors_carry_the_version_too(server: str) -> None:
    """404 and 401 included, so that a wrong credential does not hide the flavour."""
    answers = [recorded(server, "routes.write_unknown_db")]
    answers += [e for e in exchanges(server, "access") if e.status == 401]

    assert {parse_ping(e.headers) for e in answers} == {VERSIONS[server]}


def test_health_and_ready_exist_on_2x_alone_so_ping_says_alive() -> None:
    statuses = {
        server: [recorded(server, f"health.{path}_get").status for path in ("health", "ready")]
        for server in SERVERS
    }

    assert statuses == {"influxdb1": [404, 404], "influxdb2": [200, 200]}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Influxdb-Version": "1.8.10"}, Server(Flavour.V1, "1.8.10")),
        ({"x-influxdb-version": "v2.7.12"}, Server(Flavour.V2, "2.7.12")),
        ({"X-Geminidb-Version": "v1.5.2"}, Server(Flavour.OPENGEMINI, "1.5.2")),
    ],
)
def test_other_versions(headers: dict[str, str], expected: Server) -> None:
    assert parse_ping(headers) == expected
    assert expected.has_buckets == (expected.flavour is Flavour.V2)


def test_a_server_names_itself_for_logs() -> None:
    assert str(Server(Flavour.V2, "2.9.1")) == "InfluxDB 2.9.1"
    assert str(Server(Flavour.OPENGEMINI, "1.5.2")) == "openGemini 1.5.2"


@pytest.mark.parametrize("headers", [{}, {"Server": "nginx"}, {"X-Influxdb-Version": "dev"}])
def test_what_is_no_influxdb_is_told_so_with_the_setting(headers: dict[str, str]) -> None:
    with pytest.raises(UnknownServerError, match="GIGACITY_INFLUX_URL"):
        parse_ping(headers)


def test_a_version_that_nobody_tried_is_refused_by_name() -> None:
    with pytest.raises(UnknownServerError, match=r"InfluxDB 3\.1\.0 is not supported"):
        parse_ping({"X-Influxdb-Version": "3.1.0"})


# Credentials.


def test_basic_carries_the_password_on_1x_and_the_token_on_2x() -> None:
    """Recorded: Basic works on both, with a token as the password on 2.x."""
    worked = [
        recorded("influxdb1", "auth.write_writer"),
        recorded("influxdb2", "access.write_basic_token_as_password"),
    ]

    assert {e.request_headers["Authorization"].split()[0] for e in worked} == {"Basic"}
    assert [judge_write(e.status, e.headers, e.body) for e in worked] == [Written(), Written()]
    value = basic_auth(TOKEN_USER, Secret("tøken"))
    scheme, _, text = value.partition(" ")
    assert (scheme, base64.b64decode(text).decode()) == ("Basic", "gigacity-token:tøken")


def test_a_user_name_with_a_colon_would_move_the_border_to_the_password() -> None:
    with pytest.raises(ConfigError, match="GIGACITY_INFLUX_USERNAME"):
        basic_auth("a:b", Secret("c"))


@pytest.mark.parametrize(
    ("server", "case"),
    [
        ("influxdb1", "auth.write_token_header"),  # Token is refused by 1.x,
        ("influxdb2", "access.write_bearer"),  # Bearer by 2.x.
        ("influxdb2", "access.write_basic_ui_login"),
        ("influxdb1", "auth.write_no_credentials"),
        ("influxdb2", "access.write_none"),
    ],
)
def test_other_schemes_and_missing_credentials_are_denied_by_status(server: str, case: str) -> None:
    answer = recorded(server, case)
    outcome = judge_write(answer.status, answer.headers, answer.body)

    assert isinstance(outcome, Denied)
    assert outcome.status == 401
    assert outcome.message


def test_the_error_text_is_found_in_both_shapes() -> None:
    texts = [
        judge_write(e.status, e.headers, e.body)
        for e in (
            recorded("influxdb1", "routes.write_unknown_db"),
            recorded("influxdb2", "routes.write_unknown_db"),
        )
    ]

    assert texts == [
        Denied(404, 'database not found: "nosuchdb"'),
        Denied(404, "no dbrp mapping found"),
    ]


@pytest.mark.parametrize(
    ("server", "case", "status"),
    [
        ("influxdb1", "auth.query_writer", 403),
        ("influxdb1", "auth.query_unknown_db_reader", 403),
        ("influxdb2", "access.query_write_x", 200),
        ("influxdb2", "access.query_none", 401),
        ("influxdb2", "v1auth.writer_basic_query", 200),
    ],
)
def test_no_right_to_read_is_a_denied_error_though_2x_says_200(
    server: str, case: str, status: int
) -> None:
    answer = recorded(server, case)
    with pytest.raises(QueryError) as caught:
        parse_query(answer.status, answer.body)

    assert (caught.value.status, caught.value.is_denied) == (status, True)


def test_before_its_first_user_1x_refuses_queries_and_still_answers_writes() -> None:
    query = recorded("influxdb1", "auth.first_user_other_statement")
    write = recorded("influxdb1", "auth.first_user_write")

    with pytest.raises(QueryError, match="create admin user first") as caught:
        parse_query(query.status, query.body)
    assert caught.value.is_denied
    assert isinstance(judge_write(write.status, write.headers, write.body), Denied)


@pytest.mark.parametrize("server", SERVERS)
def test_an_unknown_path_is_no_place_to_write(server: str) -> None:
    answer = recorded(server, "routes.unknown_path")

    assert isinstance(judge_write(answer.status, answer.headers, answer.body), Denied)
