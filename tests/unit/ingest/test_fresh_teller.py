"""What is confirmed is told in its order, once, or its loss is told."""

import base64
import gzip
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.fresh_points import TOLD_AGAIN_AFTER_MS, told_lines, untold_lines
from gigacity_contract.influx import Denied, Partial, Unavailable, WriteOutcome, Written
from gigacity_contract.measurements import FOREVER, RAW
from gigacity_ingest.decode.point_spans import PointSpan, Spans
from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline import fresh_teller
from gigacity_ingest.pipeline.fresh_teller import MAX_UNTOLD_MS, FreshTeller
from tests.support.line_protocol import parse_line
from tests.unit.ingest.messages import NOW_MS

FRESH: Spans = {("pon_port", "371602"): (PointSpan(NOW_MS - 1000, NOW_MS, 1),)}
LATE: Spans = {("pon_port", "371602"): (PointSpan(NOW_MS - 900_000, NOW_MS - 121_000, 1),)}


def body(text: str) -> Body:
    return Body.of_lines(RAW, [text.encode()])


def told(rows: Iterable[bytes]) -> list[str]:
    """The texts of rows, in their order."""
    texts: list[str] = []
    parts: list[str] = []
    for row in rows:
        fields = {name: value for name, (_, value) in parse_line(row).fields.items()}
        assert fields["part"] == len(parts)
        parts.append(str(fields["packed"]))
        if len(parts) == fields["parts"]:
            texts.append(untold_lines(parts))
            parts = []
    assert not parts
    return texts


def posted(teller: FreshTeller, now_ms: int, outcome: WriteOutcome) -> list[str]:
    post = teller.next_body(now_ms)
    if post is None:
        return []
    lines = post.lines()
    assert teller.judge(post, outcome, now_ms)
    return told(lines)


@pytest.fixture
def teller() -> FreshTeller:
    made = FreshTeller("w-1")
    made.look(NOW_MS)
    return made


def test_what_is_confirmed_is_told_once_and_in_order(teller: FreshTeller) -> None:
    for text in ("a", "b"):
        teller.add(body(text), Written(), FRESH, NOW_MS)
    assert posted(teller, NOW_MS, Unavailable(None, "away")) == ["a", "b"]
    teller.add(body("c"), Written(), FRESH, NOW_MS)
    assert posted(teller, NOW_MS + 1900, Written()) == []
    assert posted(teller, NOW_MS + 2000, Written()) == ["a", "b", "c"]
    assert not teller.has_work
    assert teller.since_ms == NOW_MS


def test_rows_of_one_worker_never_share_a_time(teller: FreshTeller) -> None:
    times = []
    for _ in range(3):
        teller.add(body("a"), Written(), FRESH, NOW_MS)
        teller.add(body("b"), Written(), FRESH, NOW_MS)
        post = teller.next_body(NOW_MS, at_once=True)
        assert post is not None
        times += [parse_line(line).time for line in post.lines()]
        teller.judge(post, Written(), NOW_MS)
    assert times == [NOW_MS + number for number in range(6)]


def test_late_batches_and_other_policies_are_left_to_others(teller: FreshTeller) -> None:
    teller.add(body("late"), Written(), LATE, NOW_MS)
    teller.add(Body.of_lines(FOREVER, [b"session"]), Written(), FRESH, NOW_MS)
    teller.add(body("refused"), Denied(403, "no"), FRESH, NOW_MS)
    assert not teller.has_work
    teller.add(body("mixed"), Written(), {**LATE, ("x", "y"): FRESH["pon_port", "371602"]}, NOW_MS)
    assert posted(teller, NOW_MS, Written()) == ["mixed"]


@pytest.mark.parametrize("case", ["too much", "refused", "stored in part"])
def test_what_cannot_be_told_ends_the_telling(
    teller: FreshTeller, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller.add(body("a"), Written(), FRESH, NOW_MS)
    if case == "too much":
        monkeypatch.setattr(fresh_teller, "MAX_WAITING_BYTES", 10)
        teller.add(body("b"), Written(), FRESH, NOW_MS)
    elif case == "refused":
        posted(teller, NOW_MS, Denied(404, "retention policy not found"))
    else:
        teller.add(body("b"), Partial(1, "dropped"), FRESH, NOW_MS)
    assert teller.since_ms is None
    monkeypatch.undo()
    pause_ms = 3_600_000 if case == "refused" else TOLD_AGAIN_AFTER_MS
    teller.add(body("c"), Written(), FRESH, NOW_MS + pause_ms - 1)
    assert teller.since_ms is None
    now_ms = NOW_MS + pause_ms
    span = PointSpan(now_ms, now_ms, 1)
    teller.add(body("d"), Written(), {("pon_port", "371602"): (span,)}, now_ms)
    assert posted(teller, now_ms, Written()) == ["d"]
    assert teller.since_ms == now_ms


def test_what_waits_for_too_long_ends_the_telling_whatever_keeps_it(teller: FreshTeller) -> None:
    """The telemetry's own posts go on: who follows would take silence for the truth."""
    teller.add(body("a"), Written(), FRESH, NOW_MS)
    found = []
    for age_ms in (MAX_UNTOLD_MS, MAX_UNTOLD_MS + 1):
        teller.look(NOW_MS + age_ms)
        found.append((teller.since_ms, teller.has_work))
    assert found == [(NOW_MS, True), (None, False)]


@pytest.mark.parametrize("back_ms", [1500, 300_000, 86_400_000])
def test_a_clock_that_is_set_back_ends_the_telling_and_it_begins_anew(
    teller: FreshTeller, back_ms: int
) -> None:
    teller.add(body("a"), Written(), FRESH, NOW_MS)
    assert posted(teller, NOW_MS, Written()) == ["a"]
    now_ms = NOW_MS - back_ms
    teller.look(now_ms)
    assert teller.since_ms is None
    now_ms += TOLD_AGAIN_AFTER_MS
    teller.look(now_ms)
    teller.add(body("b"), Written(), {("x", "y"): (PointSpan(now_ms, now_ms, 1),)}, now_ms)
    assert posted(teller, now_ms, Written()) == ["b"]
    assert teller.since_ms == now_ms


def test_a_worker_that_has_nothing_to_tell_says_that_it_would(teller: FreshTeller) -> None:
    assert teller.since_ms == NOW_MS
    assert teller.next_body(NOW_MS + 60_000) is None
    assert teller.since_ms == NOW_MS


def test_a_bomb_is_not_unpacked() -> None:
    parts = [base64.b64encode(gzip.compress(bytes(65_000_000), 9)).decode()]
    with pytest.raises(ValueError, match="more than"):
        untold_lines(parts)


def test_an_answer_that_comes_after_the_telling_ended_is_no_ones(teller: FreshTeller) -> None:
    teller.add(body("a"), Written(), FRESH, NOW_MS)
    post = teller.next_body(NOW_MS)
    assert post is not None
    teller.add(body("b"), Partial(1, "dropped"), FRESH, NOW_MS)
    assert teller.judge(post, Written(), NOW_MS)
    assert not teller.has_work


@given(st.binary(max_size=300_000))
def test_what_is_told_is_what_was_packed(noise: bytes) -> None:
    text = noise.hex()
    rows = told_lines(gzip.compress(text.encode(), 1), worker="w", since_ms=1, at_ms=5)
    assert told(rows) == [text]
    assert [parse_line(row).time for row in rows] == list(range(5, 5 + len(rows)))


@pytest.mark.parametrize("parts", [["?"], ["AAAA"], ["H4sI"], [""]])
def test_what_nobody_told_cannot_be_read(parts: list[str]) -> None:
    with pytest.raises(ValueError, match=r"cannot be unpacked|cut off"):
        untold_lines(parts)
