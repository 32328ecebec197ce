"""Deliveries: what the writer posts next, and what becomes of every line."""

import random

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
)
from gigacity_contract.measurements import RAW
from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline.backoff import Backoff
from gigacity_ingest.pipeline.request_queue import MAX_REFUSALS, MAX_SILENCES, RequestQueue

LINES = [b"a v=1i 1", b"b v=2i 2", b"c v=3i 3", b"d v=4i 4"]


def _requests(lines: list[bytes] = LINES) -> RequestQueue:
    backoff = Backoff(random=random.Random(1))  # noqa: S311 - no secret.
    return RequestQueue(Body.of_lines(RAW, lines), backoff=backoff)


def _next(requests: RequestQueue) -> list[bytes] | None:
    body = requests.next_body()
    return None if body is None else body.lines()


def _refused(requests: RequestQueue) -> list[list[bytes]]:
    return [part.lines for part in requests.refused]


def _post(requests: RequestQueue, *outcomes: WriteOutcome) -> list[list[bytes]]:
    """Answer each post in turn; what was posted."""
    posted = []
    for outcome in outcomes:
        lines = _next(requests)
        assert lines is not None
        posted.append(lines)
        requests.judge(outcome)
    return posted


def test_written_lines_are_confirmed() -> None:
    requests = _requests()
    _post(requests, Written())

    assert (_next(requests), requests.confirmed, requests.refused) == (None, 4, [])


def test_nothing_to_post_is_done_at_once() -> None:
    assert _next(_requests([])) is None


@pytest.mark.parametrize("rest_stored", [True, False])
def test_named_lines_are_taken_out_and_the_rest_is_sent_again(rest_stored: bool) -> None:
    """Also where the answer says that the rest is stored: openGemini says so, and drops some."""
    requests = _requests()
    malformed = Malformed((LINES[1], LINES[2]), "unable to parse", rest_stored=rest_stored)
    posted = _post(requests, malformed, Written())

    assert posted[1] == [LINES[0], LINES[3]]
    assert (requests.confirmed, _refused(requests)) == (2, [[LINES[1]], [LINES[2]]])


@pytest.mark.parametrize("rest_stored", [True, False])
def test_a_named_line_that_is_not_ours_is_found_by_halving(rest_stored: bool) -> None:
    requests = _requests()
    stranger = Malformed((b"b v=2i 2\nc v",), "unable to parse", rest_stored=rest_stored)
    posted = _post(requests, stranger, stranger, Written(), stranger, Written())

    assert posted[1:] == [LINES[:2], [LINES[0]], [LINES[1]], LINES[2:]]
    assert (_next(requests), requests.confirmed) == (None, 3)
    assert _refused(requests) == [[LINES[1]]]


def test_a_partly_found_name_list_sends_the_rest_again_even_on_1x() -> None:
    requests = _requests()
    answer = Malformed((LINES[0], b"stranger"), "unable to parse", rest_stored=True)
    posted = _post(requests, answer, Written())

    assert posted[1] == LINES[1:]
    assert requests.confirmed == 3


def test_a_dropped_point_is_found_by_halving() -> None:
    requests = _requests()
    conflict = Partial(1, "field type conflict")
    _post(requests, conflict, Written(), conflict, conflict, Written())

    assert (_next(requests), requests.confirmed) == (None, 3)
    assert _refused(requests) == [[LINES[2]]]
    assert requests.refused[0].points == 1


def test_many_dropped_points_are_kept_as_they_are_with_their_count() -> None:
    lines = [b"m v=%di %d" % (i, i) for i in range(100)]
    requests = _requests(lines)
    _post(requests, Partial(60, "beyond retention"))

    (part,) = requests.refused
    assert (part.lines, part.points, requests.confirmed) == (lines, 60, 40)
    assert _next(requests) is None


def test_retry_once_sends_the_same_lines_once_more_at_once() -> None:
    requests = _requests()
    assert requests.judge(RetryOnce("field type conflict")) == 0.0
    posted = _post(requests, Written())

    assert (posted, requests.confirmed) == ([LINES], 4)


def test_retry_once_that_repeats_is_searched() -> None:
    requests = _requests()
    again = RetryOnce("field type conflict")
    posted = _post(requests, again, again, Written(), Written())

    assert posted == [LINES, LINES, LINES[:2], LINES[2:]]


def test_too_large_is_split_and_a_single_line_needs_evidence_to_be_refused() -> None:
    requests = _requests(LINES[:2])
    posted = _post(requests, TooLarge("413"), TooLarge("413"), Written())
    assert posted == [LINES[:2], [LINES[0]], [LINES[1]]]
    _fail(requests, TooLarge("413"), 0, 0, 0, 0)
    assert (_next(requests), requests.confirmed) == ([LINES[0]], 1)
    _fail(requests, TooLarge("413"), 1)

    assert (_refused(requests), requests.confirmed) == ([[LINES[0]]], 1)


FAILURES = [WriteRefused(400, "bad gzip"), Unavailable(None, "engine: cannot", 500)]


def _fail(requests: RequestQueue, outcome: WriteOutcome, *evidence: int) -> None:
    for count in evidence:
        requests.judge(outcome, count)


@pytest.mark.parametrize("failure", FAILURES, ids=["400", "500"])
def test_a_batch_that_fails_while_others_pass_is_searched_and_costs_no_neighbour(
    failure: WriteOutcome,
) -> None:
    requests = _requests()
    _fail(requests, failure, *range(MAX_REFUSALS))
    assert _next(requests) == LINES[:2]

    evidence = 10
    while (lines := _next(requests)) is not None:
        good = LINES[2] not in lines
        evidence += good
        requests.judge(Written() if good else failure, evidence)

    assert (_refused(requests), requests.confirmed) == ([[LINES[2]]], 3)


@pytest.mark.parametrize("failure", FAILURES, ids=["400", "500"])
def test_without_evidence_that_others_pass_nothing_is_given_up(failure: WriteOutcome) -> None:
    requests = _requests()
    _fail(requests, failure, *[5] * 50)

    assert (_next(requests), requests.refused) == (LINES, [])
    assert requests.problem


def test_an_outage_that_begins_in_the_middle_of_a_search_refuses_nothing() -> None:
    requests = _requests()
    failure = Unavailable(None, "engine: cannot", 500)
    _fail(requests, failure, 0, 1, 2)
    _fail(requests, failure, *[2] * 100)

    assert requests.refused == []
    rest = requests.rest()
    assert rest is not None
    assert sorted(rest.lines()) == LINES


def test_silence_makes_a_batch_suspect_only_after_many_times() -> None:
    requests = _requests()
    _fail(requests, Unavailable(None, "no answer"), *range(MAX_SILENCES - 1))
    assert _next(requests) == LINES
    _fail(requests, Unavailable(None, "no answer"), 100)

    assert _next(requests) == LINES[:2]


def test_a_full_disk_blames_no_batch() -> None:
    requests = _requests()
    _fail(requests, Unavailable(None, "write: no space left on device", 500), *range(5))

    assert _next(requests) == LINES


def test_lines_at_fault_are_found_however_many_they_are() -> None:
    lines = [b"m v=%di %d" % (i, i) for i in range(600)]
    bad = set(lines[::2])
    requests = _requests(lines)
    evidence = 0
    while (request := _next(requests)) is not None:
        good = not bad & set(request)
        evidence += 1
        outcome = Written() if good else Unavailable(None, "engine: cannot", 500)
        requests.judge(outcome, evidence)

    assert requests.confirmed == 300
    assert {line for part in requests.refused for line in part.lines} == bad


@pytest.mark.parametrize("outcome", [Unavailable(None, "500"), Denied(401, "who are you")])
def test_an_outage_keeps_every_line_however_long_it_lasts(outcome: WriteOutcome) -> None:
    requests = _requests()
    delays = [requests.judge(outcome) for _ in range(50)]

    assert _next(requests) == LINES
    assert requests.problem
    assert requests.is_denied is isinstance(outcome, Denied)
    assert all(0 < delay <= 5.0 for delay in delays)
    requests.judge(Written())
    assert (requests.confirmed, requests.problem) == (4, "")


def test_retry_after_is_kept_to() -> None:
    assert _requests().judge(Unavailable(17, "429")) == 17
    assert _requests().judge(Unavailable(86_400, "429")) == 60


def test_an_outage_in_the_middle_of_a_search_loses_nothing() -> None:
    requests = _requests()
    conflict = Partial(1, "conflict")
    _post(requests, conflict, Unavailable(None, "500"), Written(), Written())

    assert (requests.confirmed, requests.refused) == (4, [])
