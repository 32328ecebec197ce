"""``gigacity dashboards verify`` against a Grafana that behaves."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gigacity_contract.errors import CityError, ConfigError
from gigacity_dashboards import influxql, verify
from gigacity_dashboards.cli import app
from gigacity_dashboards.panel_targets import asked_variables, panels
from tests.support.boards import CITY, all_boards
from tests.support.grafana_double import PASSWORD, TOKEN, GrafanaDouble, running

BOARDS = all_boards()
PANELS = sum(len(list(panels(board.content))) for board in BOARDS)
VARIABLES = sum(len(asked_variables(board.content)) for board in BOARDS)
CHECKS = 2 + len(BOARDS) + PANELS + VARIABLES
LOGIN = {"GIGACITY_GRAFANA_USERNAME": "admin", "GIGACITY_GRAFANA_PASSWORD": PASSWORD}


@pytest.fixture
def grafana() -> Iterator[GrafanaDouble]:
    double = GrafanaDouble()
    double.load([board.content for board in BOARDS])
    with running(double):
        yield double


def _run(url: str, *arguments: str, env: dict[str, str] | None = None) -> Result:
    settings = {"COLUMNS": "200", "GIGACITY_GRAFANA_URL": url, "GIGACITY_CITY": str(CITY)}
    return CliRunner().invoke(
        app,
        ["dashboards", "verify", *arguments],
        env=settings | (LOGIN if env is None else env),
        catch_exceptions=False,
    )


def _failed(result: Result) -> list[dict[str, Any]]:
    document = json.loads(result.stdout)
    found: list[dict[str, Any]] = [check for check in document["checks"] if not check["ok"]]
    assert document["ok"] == (not found)
    assert result.exit_code == (1 if found else 0)
    return found


def test_all_well(grafana: GrafanaDouble) -> None:
    result = _run(grafana.url, "--json")
    assert _failed(result) == []
    assert len(json.loads(result.stdout)["checks"]) == CHECKS


def test_the_table_names_every_panel_and_the_verdict(grafana: GrafanaDouble) -> None:
    result = _run(grafana.url)
    assert result.exit_code == 0
    assert "gigacity-platform-zh 21" in result.stdout
    assert "version 12.3.0" in result.stdout
    assert f"{CHECKS} checks, all well" in result.stdout


def test_a_token_serves_as_well(grafana: GrafanaDouble, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    assert _failed(_run(grafana.url, "--json", env={"GIGACITY_GRAFANA_TOKEN": TOKEN})) == []
    env = {"GIGACITY_GRAFANA_TOKEN_FILE": str(file)}
    assert _failed(_run(grafana.url, "--json", env=env)) == []


def test_a_path_below_the_host(grafana: GrafanaDouble) -> None:
    double = GrafanaDouble(prefix="/monitoring/grafana")
    double.load([board.content for board in BOARDS])
    with running(double):
        assert _failed(_run(double.url, "--json")) == []


def test_what_is_asked_is_what_the_web_page_asks(grafana: GrafanaDouble) -> None:
    _run(grafana.url)
    asked = [r for r in grafana.requests if r["from"] != "now-1h"]
    assert len(asked) == PANELS
    assert len(grafana.requests) == PANELS + VARIABLES
    assert {("now-6h", "now"), ("now-600000ms", "now")} <= {(r["from"], r["to"]) for r in asked}
    queries = [query for request in asked for query in request["queries"]]
    assert all(query["rawQuery"] and query["intervalMs"] >= 1000 for query in queries)
    assert not [q["query"] for q in queries if "${" in q["query"]]
    assert any("/^.*$/" in query["query"] for query in queries)
    assert any("/^first$/" in query["query"] for query in queries)
    assert all("$timeFilter" in query["query"] for query in queries)


def test_a_panel_without_rows(grafana: GrafanaDouble) -> None:
    grafana.rows_of = lambda query: 0 if "messages_received" in query and "rate" not in query else 3
    failed = _failed(_run(grafana.url, "--json"))
    assert {check["subject"] for check in failed} == {"panel"}
    assert all(check["detail"].startswith("no data in query A") for check in failed)
    assert "gigacity api --evaluate" in failed[0]["detail"]


def test_absent_values_are_no_data(grafana: GrafanaDouble) -> None:
    grafana.rows_of = lambda query: None if '"verdict"' in query else 3
    assert {c["detail"].partition(":")[0] for c in _failed(_run(grafana.url, "--json"))} == {
        "no data in query A",
        "offers nothing",
    }


def test_no_dead_letters_are_good_news(grafana: GrafanaDouble) -> None:
    grafana.rows_of = lambda query: 0 if '"dead_letter"' in query else 3
    result = _run(grafana.url, "--json")
    assert _failed(result) == []
    details = [check["detail"] for check in json.loads(result.stdout)["checks"]]
    assert details.count("nothing happened") == 2


@pytest.mark.parametrize("silent", [influxql.MOSTLY_KNOWN, influxql.MOSTLY_UNKNOWN])
def test_of_a_number_and_its_bounds_one_is_enough(grafana: GrafanaDouble, silent: str) -> None:
    """Less than half is known, or more: one of the two queries gives nothing."""
    grafana.rows_of = lambda query: 0 if silent in query and "LIMIT 1" in query else 3
    assert _failed(_run(grafana.url, "--json")) == []


def test_a_number_with_neither_value_nor_bounds_is_no_data(grafana: GrafanaDouble) -> None:
    grafana.rows_of = lambda query: 0 if "LIMIT 1" in query else 3
    failed = _failed(_run(grafana.url, "--json"))
    # Four tiles of each language.
    assert [check["detail"].partition(":")[0] for check in failed] == ["no data in query A, B"] * 8


def test_a_query_that_the_database_refuses(grafana: GrafanaDouble) -> None:
    """The good query of the same panel still has its rows; the bad one is named."""
    grafana.rows_of = lambda query: "error parsing query" if "acknowledged" in query else 3
    failed = _failed(_run(grafana.url, "--json"))
    assert {check["detail"].partition(";")[0] for check in failed} == {
        "query A failed: error parsing query",
        "query B failed: error parsing query",
    }


def test_no_data_source_is_said_once(grafana: GrafanaDouble) -> None:
    grafana.data_source = "another"
    (check,) = _failed(_run(grafana.url, "--json"))
    assert check["subject"] == "data source"
    assert "deploy/grafana/provisioning" in check["detail"]
    assert grafana.requests == []


@pytest.mark.parametrize("status", [200, 400])
def test_a_data_source_that_does_not_reach_its_database(
    grafana: GrafanaDouble, status: int
) -> None:
    grafana.data_source_health = (status, {"status": "ERROR", "message": "connection refused"})
    (check,) = _failed(_run(grafana.url, "--json"))
    assert "connection refused" in check["detail"]
    assert "GIGACITY_INFLUX_URL" in check["detail"]


def test_a_board_that_is_missing_and_one_that_differs(grafana: GrafanaDouble) -> None:
    del grafana.boards["gigacity-scorecard-en"]
    grafana.boards["gigacity-scorecard-zh"]["panels"][0]["title"] = "edited"
    differs, missing = _failed(_run(grafana.url, "--json"))
    assert "no board has the uid gigacity-scorecard-en" in missing["detail"]
    assert "$.panels[0].title" in differs["detail"]
    assert "gigacity dashboards generate" in differs["detail"]


@pytest.mark.parametrize(
    ("expected", "found", "place"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, None),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "$.a[1].b"),
        ({"a": 1}, {}, "$.a"),
        ({}, {"a": 1}, "$.a"),
        ([1], [1, 2], "$ (1 entries expected, 2 found)"),
        ([1], [2], "$[0]"),
        (1, 1.0, None),
    ],
    ids=str,
)
def test_the_first_difference(expected: object, found: object, place: str | None) -> None:
    assert verify.first_difference(expected, found) == place


def test_credentials_that_grafana_refuses(grafana: GrafanaDouble) -> None:
    """Said once, not for every board and panel."""
    (check,) = _failed(_run(grafana.url, "--json", env={"GIGACITY_GRAFANA_TOKEN": "wrong"}))
    assert "GIGACITY_GRAFANA_TOKEN" in check["detail"]


def test_grafanas_own_database_is_not_well(grafana: GrafanaDouble) -> None:
    grafana.database = "failing"
    (check,) = _failed(_run(grafana.url, "--json"))
    assert check["subject"] == "grafana"


def test_something_that_is_not_grafana(grafana: GrafanaDouble) -> None:
    grafana.raw_health = b"<html>"
    (check,) = _failed(_run(grafana.url, "--json"))
    assert "does not answer like Grafana" in check["detail"]


def test_nobody_answers() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        (check,) = _failed(_run(url, "--json"))
    assert "does not answer" in check["detail"]
    assert "GIGACITY_GRAFANA_URL" in check["detail"]


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({}, "GIGACITY_GRAFANA_TOKEN"),
        ({"GIGACITY_GRAFANA_USERNAME": "admin"}, "GIGACITY_GRAFANA_PASSWORD"),
        ({"GIGACITY_GRAFANA_PASSWORD": "x"}, "belong together"),
        ({"GIGACITY_GRAFANA_USERNAME": "admin", "GIGACITY_GRAFANA_TOKEN": "x"}, "belong together"),
        (LOGIN | {"GIGACITY_GRAFANA_TOKEN": "x"}, "either"),
    ],
    ids=["none", "no password", "no user", "user and token", "both"],
)
def test_a_login_that_is_not_one_is_a_wrong_call(env: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        _run("http://127.0.0.1:1", env=env)


@pytest.mark.parametrize("url", ["127.0.0.1:3000", "http://admin:x@127.0.0.1", "ftp://x"])
def test_a_url_that_is_none_is_a_wrong_call(url: str) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_GRAFANA_URL"):
        _run(url)


def test_secrets_have_no_flag() -> None:
    result = CliRunner().invoke(app, ["dashboards", "verify", "--help"], env={"COLUMNS": "200"})
    assert "--grafana-url" in result.stdout
    assert "Example" in result.stdout
    assert "--grafana-password" not in result.stdout
    assert "--token" not in result.stdout


def test_generate_and_check(tmp_path: Path) -> None:
    def run(*arguments: str) -> Result:
        call = ["dashboards", "generate", "--city", str(CITY), "--out", str(tmp_path), *arguments]
        return CliRunner().invoke(app, call)

    assert run("--check").exit_code == 1
    assert run().exit_code == 0
    assert run("--check").exit_code == 0
    (tmp_path / "scorecard-en.json").unlink()
    outdated = run("--check")
    assert outdated.exit_code == 1
    assert "scorecard-en.json: is missing" in outdated.stderr
    assert "gigacity dashboards generate" in outdated.stderr


def test_generate_without_a_city_is_a_wrong_call(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["dashboards", "generate"]).exit_code == 2
    with pytest.raises(CityError, match=r"city\.yaml"):
        CliRunner().invoke(
            app, ["dashboards", "generate", "--city", str(tmp_path)], catch_exceptions=False
        )
