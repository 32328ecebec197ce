"""Deliveries: what the writer posts next, and what becomes of every line."""

import random

import pytest

from gigacity_contract.influx import (
    Denied,
    Malformed,
    Partial,
    Refused,
    RetryOnce,
    TooLarge,
    Unavailable,
    WriteOutcome,
    Written,
)
from gigacity_contract.measurements import RAW
from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline.backoff import Backoff
from gigacity_ingest.pipeline.delivery import MAX_REFUSALS, MAX_SILENCES, Delivery

LINES = [b"a v=1i 1", b"b v=2i 2", b"c v=3i 3", b"d v=4i 4"]


def _delivery(lines: list[bytes] = LINES) -> Delivery:
    backoff = Backoff(random=random.Random(1))  # noqa: S311 - no secret.
    return Delivery(Body.of_lines(RAW, lines), backoff=backoff)


def _next(delivery: Delivery) -> list[bytes] | None:
    body = delivery.next_body()
    return None if body is None else body.lines()


def _refused(delivery: Delivery) -> list[list[bytes]]:
    return [part.lines for part in delivery.refused]


def _post(delivery: Delivery, *outcomes: WriteOutcome) -> list[list[bytes]]:
    """Answer each post in turn; what was posted."""
    posted = []
    for outcome in outcomes:
        lines = _next(delivery)
        assert lines is not None
        posted.append(lines)
        delivery.judge(outcome)
    return posted


def test_written_lines_are_confirmed() -> None:
    delivery = _delivery()
    _post(delivery, Written())

    assert (_next(delivery), delivery.confirmed, delivery.refused) == (None, 4, [])


def test_nothing_to_post_is_done_at_once() -> None:
    assert _next(_delivery([])) is None


@pytest.mark.parametrize("rest_stored", [True, False])
def test_named_lines_are_taken_out_and_the_rest_is_sent_again(rest_stored: bool) -> None:
    """Also where the answer says that the rest is stored: openGemini says so, and drops some."""
    delivery = _delivery()
    malformed = Malformed((LINES[1], LINES[2]), "unable to parse", rest_stored=rest_stored)
    posted = _post(delivery, malformed, Written())

    assert posted[1] == [LINES[0], LINES[3]]
    assert (delivery.confirmed, _refused(delivery)) == (2, [[LINES[1]], [LINES[2]]])


@pytest.mark.parametrize("rest_stored", [True, False])
def test_a_named_line_that_is_not_ours_is_found_by_halving(rest_stored: bool) -> None:
    delivery = _delivery()
    stranger = Malformed((b"b v=2i 2\nc v",), "unable to parse", rest_stored=rest_stored)
    posted = _post(delivery, stranger, stranger, Written(), stranger, Written())

    assert posted[1:] == [LINES[:2], [LINES[0]], [LINES[1]], LINES[2:]]
    assert (_next(delivery), delivery.confirmed) == (None, 3)
    assert _refused(delivery) == [[LINES[1]]]


def test_a_partly_found_name_list_sends_the_rest_again_even_on_1x() -> None:
    delivery = _delivery()
    answer = Malformed((LINES[0], b"stranger"), "unable to parse", rest_stored=True)
    posted = _post(delivery, answer, Written())

    assert posted[1] == LINES[1:]
    assert delivery.confirmed == 3


def test_a_dropped_point_is_found_by_halving() -> None:
    delivery = _delivery()
    conflict = Partial(1, "field type conflict")
    _post(delivery, conflict, Written(), conflict, conflict, Written())

    assert (_next(delivery), delivery.confirmed) == (None, 3)
    assert _refused(delivery) == [[LINES[2]]]
    assert delivery.refused[0].points == 1


def test_many_dropped_points_are_kept_as_they_are_with_their_count() -> None:
    lines = [b"m v=%di %d" % (i, i) for i in range(100)]
    delivery = _delivery(lines)
    _post(delivery, Partial(60, "beyond retention"))

    (part,) = delivery.refused
    assert (part.lines, part.points, delivery.confirmed) == (lines, 60, 40)
    assert _next(delivery) is None


def test_retry_once_sends_the_same_lines_once_more_at_once() -> None:
    delivery = _delivery()
    assert delivery.judge(RetryOnce("field type conflict")) == 0.0
    posted = _post(delivery, Written())

    assert (posted, delivery.confirmed) == ([LINES], 4)


def test_retry_once_that_repeats_is_searched() -> None:
    delivery = _delivery()
    again = RetryOnce("field type conflict")
    posted = _post(delivery, again, again, Written(), Written())

    assert posted == [LINES, LINES, LINES[:2], LINES[2:]]


def test_too_large_is_split_and_a_single_line_needs_evidence_to_be_refused() -> None:
    delivery = _delivery(LINES[:2])
    posted = _post(delivery, TooLarge("413"), TooLarge("413"), Written())
    assert posted == [LINES[:2], [LINES[0]], [LINES[1]]]
    _fail(delivery, TooLarge("413"), 0, 0, 0, 0)
    assert (_next(delivery), delivery.confirmed) == ([LINES[0]], 1)
    _fail(delivery, TooLarge("413"), 1)

    assert (_refused(delivery), delivery.confirmed) == ([[LINES[0]]], 1)


FAILURES = [Refused(400, "bad gzip"), Unavailable(None, "engine: cannot", 500)]


def _fail(delivery: Delivery, outcome: WriteOutcome, *evidence: int) -> None:
    for count in evidence:
        delivery.judge(outcome, count)


@pytest.mark.parametrize("failure", FAILURES, ids=["400", "500"])
def test_a_batch_that_fails_while_others_pass_is_searched_and_costs_no_neighbour(
    failure: WriteOutcome,
) -> None:
    delivery = _delivery()
    _fail(delivery, failure, *range(MAX_REFUSALS))
    assert _next(delivery) == LINES[:2]

    evidence = 10
    while (lines := _next(delivery)) is not None:
        good = LINES[2] not in lines
        evidence += good
        delivery.judge(Written() if good else failure, evidence)

    assert (_refused(delivery), delivery.confirmed) == ([[LINES[2]]], 3)


@pytest.mark.parametrize("failure", FAILURES, ids=["400", "500"])
def test_without_evidence_that_others_pass_nothing_is_given_up(failure: WriteOutcome) -> None:
    delivery = _delivery()
    _fail(delivery, failure, *[5] * 50)

    assert (_next(delivery), delivery.refused) == (LINES, [])
    assert delivery.problem


def test_an_outage_that_begins_in_the_middle_of_a_search_refuses_nothing() -> None:
    delivery = _delivery()
    failure = Unavailable(None, "engine: cannot", 500)
    _fail(delivery, failure, 0, 1, 2)
    _fail(delivery, failure, *[2] * 100)

    assert delivery.refused == []
    rest = delivery.rest()
    assert rest is not None
    assert sorted(rest.lines()) == LINES


def test_silence_makes_a_batch_suspect_only_after_many_times() -> None:
    delivery = _delivery()
    _fail(delivery, Unavailable(None, "no answer"), *range(MAX_SILENCES - 1))
    assert _next(delivery) == LINES
    _fail(delivery, Unavailable(None, "no answer"), 100)

    assert _next(delivery) == LINES[:2]


def test_a_full_disk_blames_no_batch() -> None:
    delivery = _delivery()
    _fail(delivery, Unavailable(None, "write: no space left on device", 500), *range(5))

    assert _next(delivery) == LINES


def test_lines_at_fault_are_found_however_many_they_are() -> None:
    lines = [b"m v=%di %d" % (i, i) for i in range(600)]
    bad = set(lines[::2])
    delivery = _delivery(lines)
    evidence = 0
    while (piece := _next(delivery)) is not None:
        good = not bad & set(piece)
        evidence += 1
        outcome = Written() if good else Unavailable(None, "engine: cannot", 500)
        delivery.judge(outcome, evidence)

    assert delivery.confirmed == 300
    assert {line for part in delivery.refused for line in part.lines} == bad


@pytest.mark.parametrize("outcome", [Unavailable(None, "500"), Denied(401, "who are you")])
def test_an_outage_keeps_every_line_however_long_it_lasts(outcome: WriteOutcome) -> None:
    delivery = _delivery()
    delays = [delivery.judge(outcome) for _ in range(50)]

    assert _next(delivery) == LINES
    assert delivery.problem
    assert delivery.is_denied is isinstance(outcome, Denied)
    assert all(0 < delay <= 5.0 for delay in delays)
    delivery.judge(Written())
    assert (delivery.confirmed, delivery.problem) == (4, "")


def test_retry_after_is_kept_to() -> None:
    assert _delivery().judge(Unavailable(17, "429")) == 17
    assert _delivery().judge(Unavailable(86_400, "429")) == 60


def test_an_outage_in_the_middle_of_a_search_loses_nothing() -> None:
    delivery = _delivery()
    conflict = Partial(1, "conflict")
    _post(delivery, conflict, Unavailable(None, "500"), Written(), Written())

    assert (delivery.confirmed, delivery.refused) == (4, [])
