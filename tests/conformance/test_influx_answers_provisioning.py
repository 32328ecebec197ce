"""Recorded answers to making and checking the storage; each difference of provisioning, named."""

import json

import pytest

from gigacity_contract.errors import QueryError
from gigacity_contract.influx import parse_query
from gigacity_contract.measurements import POLICIES, RAW
from tests.support.recordings import SERVERS, recorded


def _ok(server: str, case: str, step: int = 1) -> bool:
    answer = recorded(server, case, step)
    try:
        parse_query(answer.status, answer.body)
    except QueryError:
        return False
    return True


@pytest.mark.parametrize(
    "case",
    ["create_database", "create_retention_policy", "alter_retention_policy", "create_user"],
)
def test_1x_makes_storage_by_query_and_2x_says_not_implemented_with_200(case: str) -> None:
    assert _ok("influxdb1", f"query.{case}")
    answer = recorded("influxdb2", f"query.{case}")
    with pytest.raises(QueryError, match="not implemented"):
        parse_query(answer.status, answer.body)
    assert answer.status == 200


def test_1x_makes_a_database_again_and_2x_says_conflict() -> None:
    assert _ok("influxdb1", "query.create_database_exists")
    for case in ("buckets.create_x_again", "dbrp.create_duplicate", "setup.second"):
        answer = recorded("influxdb2", case)
        assert (answer.status, json.loads(answer.body)["code"]) == (422, "conflict")


def test_2x_answers_a_retention_below_one_hour_with_500() -> None:
    """Which would be retried for ever; no policy of the table comes near it."""
    statuses = [
        recorded("influxdb2", f"buckets.create_retention_{seconds}s").status
        for seconds in (1, 60, 3599, 3600)
    ]

    assert statuses == [500, 500, 500, 201]
    assert min(policy.duration_s for policy in POLICIES if policy.duration_s) >= 3600


def test_2x_always_shows_retention_0_so_its_buckets_are_asked() -> None:
    answer = recorded("influxdb2", "dbrp.show_rp_gigacity")
    shown = parse_query(answer.status, answer.body)[0]
    made = json.loads(recorded("influxdb2", "buckets.create_raw").body)

    assert {row[shown.columns.index("duration")] for row in shown.values} == {"0s"}
    assert made["retentionRules"][0]["everySeconds"] == RAW.duration_s


def test_1x_shows_the_true_retention() -> None:
    answer = recorded("influxdb1", "query.show_retention_policies")
    shown = parse_query(answer.status, answer.body)[0]

    assert shown.columns[:2] == ["name", "duration"]
    assert shown.values


def test_policies_of_an_unknown_database_are_an_error_on_1x_and_none_on_2x() -> None:
    case = "query.show_retention_policies_unknown"
    answers = [recorded(server, case) for server in SERVERS]

    with pytest.raises(QueryError) as caught:
        parse_query(answers[0].status, answers[0].body)
    assert caught.value.is_denied
    assert parse_query(answers[1].status, answers[1].body)[0].values == []


def test_2x_lists_buckets_of_an_unknown_name_as_404() -> None:
    answer = recorded("influxdb2", "buckets.list_name_unknown")

    assert (answer.status, json.loads(answer.body)["code"]) == (404, "not found")


def test_2x_makes_the_first_mapping_of_a_database_its_default_unasked() -> None:
    """So which one is the default says nothing; ``rp`` is always sent."""
    answer = recorded("influxdb2", "dbrp.create_no_default_field")

    assert "default" not in json.loads(answer.request_body)
    assert json.loads(answer.body)["default"] is True


def test_2x_shows_a_token_once() -> None:
    made = json.loads(recorded("influxdb2", "auth.write_x").body)
    shown = json.loads(recorded("influxdb2", "auth.get").body)

    assert (bool(made["token"]), shown["token"]) == (True, "")
    assert made["id"] == shown["id"]


def test_2x_lets_a_token_be_made_for_a_bucket_that_does_not_exist() -> None:
    """A misspelt bucket shows only when the token is used: provision checks by writing."""
    assert recorded("influxdb2", "auth.unknown_bucket").status == 201


def test_only_the_first_user_can_be_made_without_credentials_on_1x() -> None:
    assert not _ok("influxdb1", "auth.first_user_other_statement")
    assert _ok("influxdb1", "auth.first_user")
    assert "WITH+ALL+PRIVILEGES" in recorded("influxdb1", "auth.first_user").path


def test_a_user_without_admin_rights_makes_no_database_on_1x() -> None:
    answer = recorded("influxdb1", "auth.create_database_writer")
    with pytest.raises(QueryError, match="requires admin privilege") as caught:
        parse_query(answer.status, answer.body)

    assert caught.value.is_denied


def test_a_write_token_makes_no_mapping_on_2x() -> None:
    answer = recorded("influxdb2", "dbrp.create_with_write_token")

    assert (answer.status, json.loads(answer.body)["code"]) == (401, "unauthorized")


def test_a_change_by_get_works_with_a_warning_on_1x() -> None:
    """``messages`` beside the result is no error; ours are sent by POST all the same."""
    answer = recorded("influxdb1", "query.write_verb_over_get")

    assert b"deprecated" in answer.body
    assert parse_query(answer.status, answer.body) == []


def test_granting_to_a_user_that_is_not_there_is_an_error() -> None:
    answer = recorded("influxdb1", "query.grant")
    with pytest.raises(QueryError, match="user not found"):
        parse_query(answer.status, answer.body)
