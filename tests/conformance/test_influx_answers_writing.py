"""Every recorded answer to a write, judged; and each difference that touches the writer, named.

``EXPECTED`` lists the outcome of every recorded write that is not simply stored, so that a new
recording, or a change of the judgement, has to be looked at.
"""

import pytest

from gigacity_contract.influx import (
    Denied,
    Malformed,
    Partial,
    RetryOnce,
    TooLarge,
    Unavailable,
    WriteOutcome,
    WriteRefused,
    Written,
    judge_write,
)
from tests.support.recordings import SERVERS, Exchange, exchanges, judged, recorded, stored

WRITE_FILES = ("write", "routes", "access", "provisioning")


def _writes(server: str) -> list[Exchange]:
    return [
        e
        for e in exchanges(server, *WRITE_FILES)
        if e.method == "POST" and e.path.startswith("/write")
    ]


_BAD_LINE = (
    "bad_bool bad_number bad_timestamp bare_word binary duplicate_tag empty_tag_key empty_tag_value"
    " float_overflow float_timestamp inf json measurement_only minus_inf missing_fields"
    " missing_measurement missing_value nan space_in_tag timestamp_before_range timestamp_ns_as_s"
    " timestamp_out_of_range timestamp_overflow trailing_comma_fields trailing_comma_tags"
    " two_pow_63 unclosed_quote"
)
_DENIED_1 = (
    "auth.first_user_write auth.write_basic_malformed auth.write_bearer_garbage"
    " auth.write_bearer_jwt_expired auth.write_bearer_jwt_wrong_key auth.write_no_credentials"
    " auth.write_other_db_writer auth.write_reader auth.write_token_header auth.write_token_only"
    " auth.write_unknown_db_admin auth.write_unknown_db_writer auth.write_unknown_user"
    " auth.write_wrong_password routes.write_unknown_db routes.write_unknown_rp"
)
_DENIED_2 = (
    "access.write_basic_ui_login access.write_bearer access.write_inactive"
    " access.write_lowercase_token access.write_none access.write_other_bucket_read_x"
    " access.write_other_bucket_write_x access.write_read_all_buckets access.write_read_dbrp_only"
    " access.write_read_x access.write_read_x_and_dbrp access.write_revoked"
    " access.write_unknown_db_operator access.write_unknown_db_read_x"
    " access.write_unknown_db_write_x access.write_wrong dbrp.write_mapped_gigacity_nosuch"
    " dbrp.write_x_nosuch routes.write_unknown_db routes.write_unknown_rp"
    " setup.before_write_post v1auth.grafana_token_user_pass_write v1auth.inactive_write"
    " v1auth.reader_basic_write v1auth.reader_token_user_pass_write v1auth.reader_u_p_write"
    " v1auth.writer_token_user_pass_write"
)
_MALFORMED = (
    "write.all_malformed write.backslash_tag_end write.encoding_deflate write.gzip_undeclared"
    " write.long_tag_70k write.malformed_1000 write.time_max_ns_exceeded write.two_malformed"
    " write.valid_crlf"
)

EXPECTED: dict[str, dict[type[WriteOutcome], str]] = {
    "influxdb1": {
        Malformed: _MALFORMED + " write.gzip_x_gzip write.middle_uint",
        Partial: "write.beyond_retention:1 write.beyond_retention:3 write.beyond_retention:4"
        " write.middle_time_field write.middle_time_tag write.type_conflict_and_malformed:2"
        " write.type_conflict_in_batch_twice:2 write.type_conflict_many:2"
        " write.type_conflict_stored:2 write.type_conflict_stored_second_field:2",
        RetryOnce: "write.type_conflict_in_batch write.type_conflict_in_batch_twice:1"
        " write.type_conflict_in_batch_two_series",
        WriteRefused: "routes.write_bad_consistency routes.write_missing_db write.gzip_bad_checksum"
        " write.gzip_header_plain_body write.gzip_truncated",
        TooLarge: "write.body_26mb write.body_60mb",
        Denied: _DENIED_1,
    },
    "influxdb2": {
        Malformed: _MALFORMED + " write.middle_field_tag_underscore"
        " write.middle_measurement_tag_underscore write.middle_time_tag"
        " write.type_conflict_and_malformed:2",
        Partial: "access.write_other_bucket_operator dbrp.write_after_delete"
        " dbrp.write_mapped_gigacity_default dbrp.write_mapped_gigacity_raw"
        " dbrp.write_mapped_gigacity_rollup write.beyond_retention:1 write.beyond_retention:3"
        " write.beyond_retention:4 write.long_string_1100k write.middle_time_field"
        " write.type_conflict_in_batch write.type_conflict_in_batch_twice:1"
        " write.type_conflict_in_batch_twice:2 write.type_conflict_in_batch_two_series"
        " write.type_conflict_many:2 write.type_conflict_stored:2"
        " write.type_conflict_stored_second_field:2",
        WriteRefused: "routes.write_missing_db write.gzip_bad_checksum",
        Unavailable: "write.gzip_header_plain_body write.gzip_truncated",
        Denied: _DENIED_2,
    },
}


def _expected(server: str) -> dict[tuple[str, int], type[WriteOutcome]]:
    found: dict[tuple[str, int], type[WriteOutcome]] = {
        (f"write.middle_{name}", 1): Malformed for name in _BAD_LINE.split()
    }
    for outcome, names in EXPECTED[server].items():
        for name in names.split():
            case, _, step = name.partition(":")
            found[case, int(step or 1)] = outcome
    return found


@pytest.mark.parametrize("server", SERVERS)
def test_every_recorded_write_has_its_outcome(server: str) -> None:
    judged = {
        (e.case, e.step): type(judge_write(e.status, e.headers, e.body)) for e in _writes(server)
    }

    assert {key: kind for key, kind in judged.items() if kind is not Written} == _expected(server)
    assert len(judged) > 100


# Malformed lines.


@pytest.mark.parametrize("name", [n for n in _BAD_LINE.split() if n != "unclosed_quote"])
@pytest.mark.parametrize("server", SERVERS)
def test_a_malformed_line_is_named_as_it_was_sent(server: str, name: str) -> None:
    sent = recorded(server, f"write.middle_{name}").request_body.split(b"\n")
    outcome = judged(server, f"write.middle_{name}")

    assert isinstance(outcome, Malformed)
    assert outcome.lines == (sent[2],)


def test_1x_stores_the_good_lines_beside_a_malformed_one_and_2x_stores_nothing() -> None:
    outcomes = [judged(server, "write.two_malformed") for server in SERVERS]
    lines = (b"m,host=a v= 1", b"bad line here x")

    assert [(o.lines, o.rest_stored) for o in outcomes if isinstance(o, Malformed)] == [
        (lines, True),
        (lines, False),
    ]
    assert [bool(stored(server, "write.two_malformed", 2)) for server in SERVERS] == [True, False]


def test_1x_says_that_nothing_is_stored_when_every_line_is_malformed() -> None:
    outcome = judged("influxdb1", "write.all_malformed")

    assert isinstance(outcome, Malformed)
    assert (len(outcome.lines), outcome.rest_stored) == (3, False)


@pytest.mark.parametrize("server", SERVERS)
def test_a_thousand_bad_lines_are_all_named_though_the_log_text_is_short(server: str) -> None:
    outcome = judged(server, "write.malformed_1000")

    assert isinstance(outcome, Malformed)
    assert len(outcome.lines) == 1000
    assert outcome.lines[-1] == b"m,host=a v= 1767230595"
    assert len(outcome.message) <= 500


@pytest.mark.parametrize("server", SERVERS)
def test_an_open_quote_names_the_lines_that_it_swallowed_as_one(server: str) -> None:
    """The writer finds no such line in the batch, and bisects."""
    outcome = judged(server, "write.middle_unclosed_quote")

    assert isinstance(outcome, Malformed)
    assert outcome.lines[0].count(b"\n") == 2
    assert outcome.lines[0] not in recorded(
        server, "write.middle_unclosed_quote"
    ).request_body.split(b"\n")


@pytest.mark.parametrize("server", SERVERS)
def test_a_tag_set_over_64_kib_is_named_whole(server: str) -> None:
    outcome = judged(server, "write.long_tag_70k")

    assert isinstance(outcome, Malformed)
    assert outcome.lines == (b"m,host=" + b"x" * 71_680 + b" v=1i 1767225600",)


@pytest.mark.parametrize("server", SERVERS)
def test_cr_lf_makes_every_line_malformed(server: str) -> None:
    outcome = judged(server, "write.valid_crlf")

    assert isinstance(outcome, Malformed)
    assert [line[-1:] for line in outcome.lines] == [b"\r"] * 5


def test_unsigned_integers_are_malformed_on_1x_and_stored_on_2x() -> None:
    kinds = [type(judged(server, "write.middle_uint")) for server in SERVERS]

    assert kinds == [Malformed, Written]


def test_reserved_tag_keys_cost_2x_the_whole_batch() -> None:
    """Why no measurement of the table has such a tag."""
    for name in ("time_tag", "field_tag_underscore", "measurement_tag_underscore"):
        outcome = judged("influxdb2", f"write.middle_{name}")
        assert isinstance(outcome, Malformed)
        assert not outcome.rest_stored
    assert isinstance(judged("influxdb1", "write.middle_time_tag"), Partial)


# Dropped points.


def test_a_type_conflict_with_stored_data_is_partial_whatever_the_status() -> None:
    answers = [recorded(server, "write.type_conflict_stored", 2) for server in SERVERS]
    outcomes = [judge_write(a.status, a.headers, a.body) for a in answers]

    assert [a.status for a in answers] == [400, 422]
    assert [o.dropped for o in outcomes if isinstance(o, Partial)] == [1, 1]


def test_the_first_conflict_of_a_new_field_on_1x_is_sent_once_more() -> None:
    """Nothing of the batch is stored; the same batch, sent again, is a partial write."""
    case = "write.type_conflict_in_batch"

    assert isinstance(judged("influxdb1", case), RetryOnce)
    assert stored("influxdb1", case, 2) == []
    again = judged("influxdb1", "write.type_conflict_in_batch_twice", 2)
    assert isinstance(again, Partial)
    assert again.dropped == 1
    assert isinstance(judged("influxdb2", case), Partial)


def test_a_malformed_line_beside_a_conflict_is_lost_without_a_word_on_1x() -> None:
    """The count is a lower bound: two lines are gone, one is reported. Validate before sending."""
    case = "write.type_conflict_and_malformed"
    outcomes = [judged(server, case, 2) for server in SERVERS]

    assert isinstance(outcomes[0], Partial)
    assert outcomes[0].dropped == 1
    assert recorded("influxdb1", case, 2).request_body.count(b"\n") == 2
    assert isinstance(outcomes[1], Malformed)


@pytest.mark.parametrize(("step", "dropped"), [(1, 1), (3, 2)])
@pytest.mark.parametrize("server", SERVERS)
def test_points_beyond_retention_are_partial_with_their_count(
    server: str, step: int, dropped: int
) -> None:
    outcome = judged(server, "write.beyond_retention", step)

    assert isinstance(outcome, Partial)
    assert outcome.dropped == dropped


@pytest.mark.parametrize("server", SERVERS)
def test_too_old_and_a_conflict_together_count_one_kind_only(server: str) -> None:
    outcome = judged(server, "write.beyond_retention", 4)

    assert isinstance(outcome, Partial)
    assert (outcome.dropped, "field type conflict" in outcome.message) == (1, True)


@pytest.mark.parametrize("server", SERVERS)
def test_time_as_a_field_is_partial(server: str) -> None:
    outcome = judged(server, "write.middle_time_field")

    assert isinstance(outcome, Partial)
    assert outcome.dropped == 1


def test_a_string_over_1_mib_is_dropped_on_2x_and_stored_on_1x() -> None:
    kinds = [type(judged(server, "write.long_string_1100k")) for server in SERVERS]

    assert kinds == [Written, Partial]


# What is stored without complaint.


@pytest.mark.parametrize(
    "case",
    [
        "empty_body", "comments_only", "newlines_only", "middle_invalid_utf8", "duplicate_field",
        "duplicate_points", "gzip", "gzip_of_nothing", "no_tags", "int_limits", "unicode",
        "body_24mb", "body_60mb_gzip", "many_lines_100k",
    ],
)  # fmt: skip
@pytest.mark.parametrize("server", SERVERS)
def test_both_take(server: str, case: str) -> None:
    assert judged(server, f"write.{case}") == Written()


@pytest.mark.parametrize("server", SERVERS)
def test_sending_a_batch_again_changes_nothing(server: str) -> None:
    first, second = (recorded(server, "write.resend", step) for step in (1, 2))

    assert first.request_body == second.request_body
    assert len(stored(server, "write.resend", 3)) == first.request_body.strip().count(b"\n") + 1
