"""Requests that are refused as a whole, and servers that fail: each difference, named."""

import json

import pytest

from gigacity_contract.influx import (
    Denied,
    Malformed,
    Partial,
    TooLarge,
    Unavailable,
    WriteOutcome,
    WriteRefused,
    Written,
    judge_write,
    write_path,
)
from tests.support.recordings import SERVERS, judged, recorded, rows, stored

# Precision, size, compression.


@pytest.mark.parametrize(
    ("precision", "silently_wrong_on"),
    [("u", "influxdb2"), ("us", "influxdb1"), ("m", "influxdb2")],
)
def test_a_precision_other_than_ns_ms_s_is_silently_wrong_and_so_refused_here(
    precision: str, silently_wrong_on: str
) -> None:
    case = f"write.precision_{precision}"

    assert judged(silently_wrong_on, case) == Written()
    assert str(stored(silently_wrong_on, case, 2)[0][0]).startswith("1970-01-2") or str(
        stored(silently_wrong_on, case, 2)[0][0]
    ).startswith("1970-01-01")
    with pytest.raises(ValueError, match="one of ns, ms, s"):
        write_path("gigacity", "raw", precision)


@pytest.mark.parametrize("precision", ["ns", "ms", "s"])
@pytest.mark.parametrize("server", SERVERS)
def test_both_read_these_precisions_alike(server: str, precision: str) -> None:
    assert stored(server, f"write.precision_{precision}", 2)[0][0] == "2026-01-01T00:00:00Z"
    assert write_path("g", "raw", precision) == f"/write?db=g&rp=raw&precision={precision}"


def test_1x_answers_too_large_before_it_has_read_the_body() -> None:
    answer = recorded("influxdb1", "write.body_26mb")

    assert answer.send_error == "BrokenPipeError"
    assert judge_write(answer.status, answer.headers, answer.body) == TooLarge(
        "Request Entity Too Large"
    )
    assert judged("influxdb2", "write.body_26mb") == Written()


@pytest.mark.parametrize("case", ["write.gzip_header_plain_body", "write.gzip_truncated"])
def test_what_is_not_gzip_is_refused_on_1x_and_an_internal_error_on_2x(case: str) -> None:
    """So a 5xx that repeats for one batch and not for others is the batch's fault."""
    assert [type(judged(server, case)) for server in SERVERS] == [WriteRefused, Unavailable]


# Where there is nothing to write to, or no right to.


def test_an_unknown_retention_policy_is_denied_though_1x_says_500() -> None:
    answer = recorded("influxdb1", "routes.write_unknown_rp")

    assert answer.status == 500
    assert judged("influxdb1", "routes.write_unknown_rp") == Denied(
        500, "retention policy not found: nosuchrp"
    )
    assert judged("influxdb2", "routes.write_unknown_rp") == Denied(404, "no dbrp mapping found")


@pytest.mark.parametrize("server", SERVERS)
def test_an_unknown_database_is_denied(server: str) -> None:
    outcome = judged(server, "routes.write_unknown_db")

    assert isinstance(outcome, Denied)
    assert outcome.status == 404


def test_no_right_to_write_is_403_or_on_2x_404() -> None:
    outcomes = [
        judged("influxdb1", "auth.write_reader"),
        judged("influxdb2", "access.write_read_x"),
        judged("influxdb2", "access.write_other_bucket_write_x"),
    ]

    assert [o.status for o in outcomes if isinstance(o, Denied)] == [403, 403, 404]


def test_consistency_is_not_sent_since_1x_judges_it_and_2x_does_not() -> None:
    kinds = [type(judged(server, "routes.write_bad_consistency")) for server in SERVERS]

    assert kinds == [WriteRefused, Written]
    assert "consistency" not in write_path("g", "raw", "ms")


def test_after_its_default_mapping_is_gone_2x_writes_elsewhere_so_rp_is_always_sent() -> None:
    """The write without ``rp`` reached another bucket, whose retention is 2 h."""
    answer = recorded("influxdb2", "dbrp.write_after_delete")

    assert "rp=" not in answer.path
    assert b"duration 2h0m0s" in answer.body
    for db, rp in (("", "raw"), ("gigacity", "")):
        with pytest.raises(ValueError, match="needs db, rp"):
            write_path(db, rp, "ms")


# Failures of the server.


def test_a_stopping_1x_answers_500_which_is_tried_again() -> None:
    errors = next(r for r in rows("influxdb1", "failure") if r["case"] == "failure.sigterm_1")
    body = next(t for t in errors["client_errors"] if t.startswith("500 "))[4:]

    assert judge_write(500, {}, body.encode()) == Unavailable(None, "write failed")


@pytest.mark.parametrize("server", SERVERS)
def test_a_full_disk_is_unavailable_also_after_space_is_freed_until_the_restart(
    server: str,
) -> None:
    """Some recorded texts are cut at 300 characters; the first of each server is whole."""
    observed = [r for r in rows(server, "failure") if r["case"].startswith("full.")]
    failed = [r for r in observed if r.get("status") == 500]
    outcomes = [judge_write(r["status"], {}, r["body"].encode()) for r in failed]

    assert {"full.fill", "full.small_write", "full.after_space"} == {r["case"] for r in failed}
    assert {type(o) for o in outcomes} == {Unavailable}
    assert isinstance(outcomes[0], Unavailable)
    assert outcomes[0].is_disk_full
    assert "restart the database" in outcomes[0].message
    assert observed[-1]["case"] == "full.after_restart"
    assert observed[-1]["write_status"] == 204


@pytest.mark.parametrize("server", SERVERS)
def test_a_body_cut_short_is_refused_or_unavailable_but_never_written(server: str) -> None:
    case = next(r for r in rows(server, "failure") if r["case"] == "failure.body_cut_short")
    head, _, body = case["answer"].partition(" | ")
    outcome = judge_write(int(head.split()[1]), {}, body.encode())

    assert isinstance(outcome, WriteRefused | Unavailable)
    assert case["points_stored"] == 0


# Answers that are in no recording.


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (503, {"Retry-After": "30"}, Unavailable(30, "busy")),
        (429, {"retry-after": " 5 "}, Unavailable(5, "busy")),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, Unavailable(None, "busy")),
        (502, {}, Unavailable(None, "busy")),
        (408, {}, Unavailable(None, "busy")),
        (499, {}, Unavailable(None, "busy")),
        (405, {}, Denied(405, "busy")),
        (422, {}, WriteRefused(422, "busy")),
    ],
)
def test_by_status(status: int, headers: dict[str, str], expected: WriteOutcome) -> None:
    assert judge_write(status, headers, b'{"error":"busy"}') == expected


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<html>Welcome</html>"), (302, b""), (200, b"")]
)
def test_a_page_of_another_server_never_counts_as_written(status: int, body: bytes) -> None:
    outcome = judge_write(status, {}, body)

    assert isinstance(outcome, Denied)
    assert outcome.message


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[]", b'{"error":1}', b"not json", b'{"error":"a'])
def test_an_unreadable_error_body_is_shown_as_it_is(body: bytes) -> None:
    assert judge_write(500, {}, body) == Unavailable(None, body.decode(errors="replace"))


def test_quotes_and_line_feeds_inside_a_named_line_do_not_end_it() -> None:
    line = "presence,id=a reason=\"it's': late\nand\" 1x"
    text = f"partial write: unable to parse '{line}': bad timestamp dropped=0"
    body = json.dumps({"error": text}).encode()

    outcome = judge_write(400, {}, body)

    assert isinstance(outcome, Malformed)
    assert outcome.lines == (line.encode(),)


# openGemini 1.5.2 in its own words; ``tests/integration/test_write_outcomes`` asks a real one.


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (500, "duplicate tag t", Unavailable),
        (500, "parse fail, point without fields is unsupported", Unavailable),
        (500, "retention policy not found: x", Denied),
        (404, 'database not found: "x"', Denied),
        (401, "authorization failed", Denied),
        (403, '"reader" user is not authorized to write to database "x"', Denied),
        (400, 'cannot parse timestamp "1x": bad timestamp', WriteRefused),
        (400, "partial write: point time is expired, compared with rp duration dropped=1", Partial),
        (413, "Request Entity Too Large", TooLarge),
    ],
)
def test_opengemini(status: int, text: str, expected: type[WriteOutcome]) -> None:
    outcome = judge_write(status, {}, json.dumps({"error": text}).encode())

    assert isinstance(outcome, expected)
    # A 500 that repeats for one batch while others pass is the batch's.
    assert getattr(outcome, "blames_request", True)
