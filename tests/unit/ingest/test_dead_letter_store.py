"""Dead letters on disk: durable, never thrown away, each listed once."""

import os
import tracemalloc
from pathlib import Path

import pytest

from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_ingest.dead_letters.digest_counts import DigestCounts
from gigacity_ingest.dead_letters.store import DeadLetterStore, DeadLetterStoreError
from gigacity_ingest.decode.dead_letter import DeadLetter
from tests.unit.ingest.messages import NOW_MS


def _dead_letter(payload: bytes = b"\xff\x00junk", received_ms: int = NOW_MS) -> DeadLetter:
    return DeadLetter(
        reason=RejectionReason.NOT_JSON, extent=Extent.MESSAGE, error="no", topic="t",
        payload=payload,
        received_ms=received_ms,
    )  # fmt: skip


def _store(folder: Path, *, budget: int = 1_000_000, segment: int = 1_000_000) -> DeadLetterStore:
    return DeadLetterStore(folder / "letters", budget_bytes=budget, segment_bytes=segment)


def test_dead_letters_come_back_byte_for_byte_in_order(tmp_path: Path) -> None:
    store = _store(tmp_path)
    dead_letters = [_dead_letter(b"\xff\x00"), _dead_letter(b"{}"), _dead_letter(b"")]
    store.append(dead_letters[:2])
    store.append(dead_letters[2:])

    assert list(store.read()) == dead_letters


def test_another_process_sees_them_and_goes_on_in_a_new_segment(tmp_path: Path) -> None:
    _store(tmp_path).append([_dead_letter(b"one")])
    later = _store(tmp_path)
    later.append([_dead_letter(b"two")])

    assert [dead_letter.payload for dead_letter in _store(tmp_path).read()] == [b"one", b"two"]
    assert len(later.segments()) == 2


def test_a_last_line_that_was_cut_short_is_passed_over(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.append([_dead_letter(b"one"), _dead_letter(b"two")])
    path = store.segments()[0]
    os.truncate(path, path.stat().st_size - 3)
    after = _store(tmp_path)
    after.append([_dead_letter(b"three")])

    assert [dead_letter.payload for dead_letter in after.read()] == [b"one", b"three"]


def test_segments_end_at_their_size(tmp_path: Path) -> None:
    store = _store(tmp_path, segment=200)
    for number in range(5):
        store.append([_dead_letter(b"%d" % number)])

    assert len(store.segments()) >= 2
    assert len(list(store.read())) == 5


def test_at_the_budget_nothing_is_stored_and_nothing_is_thrown_away(tmp_path: Path) -> None:
    store = _store(tmp_path, budget=400)
    store.append([_dead_letter(b"kept")])
    with pytest.raises(DeadLetterStoreError, match="GIGACITY_DEADLETTER_BUDGET_MB"):
        store.append([_dead_letter(b"x" * 400)])

    assert [dead_letter.payload for dead_letter in store.read()] == [b"kept"]


def test_moving_segments_away_makes_room(tmp_path: Path) -> None:
    store = _store(tmp_path, budget=400, segment=1)
    store.append([_dead_letter(b"x" * 100)])
    with pytest.raises(DeadLetterStoreError):
        store.append([_dead_letter(b"y" * 100)])
    store.segments()[0].unlink()
    store.append([_dead_letter(b"y" * 100)])

    assert len(list(store.read())) == 1


def test_a_disk_that_refuses_is_said_and_the_next_attempt_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _store(tmp_path)

    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", refuse)
        with pytest.raises(DeadLetterStoreError, match="No space left"):
            store.append([_dead_letter(b"one")])
    store.append([_dead_letter(b"one")])

    # The first attempt may have reached the disk: the same dead letter twice is one.
    (stored,) = store.unique()
    assert stored.dead_letter.payload == b"one"


def test_each_dead_letter_is_durable_before_append_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    real = os.fdatasync

    def record(descriptor: int) -> None:
        calls.append("sync")
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", record)
    _store(tmp_path).append([_dead_letter(b"one"), _dead_letter(b"two")])

    assert calls == ["sync"]


def test_a_redelivered_dead_letter_is_listed_once_with_its_count(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.append(
        [
            _dead_letter(received_ms=NOW_MS),
            _dead_letter(received_ms=NOW_MS + 9),
            _dead_letter(b"other"),
        ]
    )

    first, second = store.unique()
    assert (first.times, first.dead_letter.received_ms) == (2, NOW_MS)
    assert second.times == 1


def test_resolved_dead_letters_stay_resolved(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.append([_dead_letter(b"one"), _dead_letter(b"two")])
    store.resolve([next(store.unique()).dead_letter.id])

    assert [s.is_resolved for s in _store(tmp_path).unique()] == [True, False]


def test_segments_of_resolved_dead_letters_are_given_back_but_not_the_newest(
    tmp_path: Path,
) -> None:
    store = _store(tmp_path, segment=1)
    for payload in (b"one", b"two", b"three"):
        store.append([_dead_letter(payload)])
    ids = [s.dead_letter.id for s in store.unique()]
    store.resolve([ids[0], ids[2]])

    assert store.remove_resolved_segments() == 1
    assert [dead_letter.payload for dead_letter in store.read()] == [b"two", b"three"]


def test_an_empty_store_lists_nothing(tmp_path: Path) -> None:
    store = _store(tmp_path)

    assert (list(store.unique()), store.size_bytes(), len(store.resolved())) == ([], 0, 0)


def test_a_segment_with_a_damaged_line_is_never_given_back(tmp_path: Path) -> None:
    """Nobody can say that a dead letter which cannot be read was settled."""
    store = _store(tmp_path, segment=1)
    store.append([_dead_letter(b"one")])
    store.append([_dead_letter(b"two")])
    first = store.segments()[0]
    first.write_bytes(b"x" * 20 + b"\n")
    store.resolve([dead_letter.id for dead_letter in store.read()])

    assert store.remove_resolved_segments() == 0
    assert first in store.segments()


def test_a_segment_that_a_replay_removes_meanwhile_takes_no_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _store(tmp_path)
    store.append([_dead_letter(b"one")])
    gone = tmp_path / "letters" / "letters-00000009.jsonl"
    listed = [*store.segments(), gone]
    monkeypatch.setattr(DeadLetterStore, "segments", lambda _self: listed)

    store.append([_dead_letter(b"two")])

    assert store.size_bytes() == listed[0].stat().st_size


def test_many_dead_letters_are_listed_in_little_memory(tmp_path: Path) -> None:
    """Every one of 2,000 came twice, and half of them are settled: 32 MB of text on disk."""
    store = _store(tmp_path, budget=100_000_000)
    ids = []
    for _ in range(2):
        for start in range(0, 2000, 100):
            dead_letters = [
                _dead_letter(b"%06d" % n + b"x" * 6000) for n in range(start, start + 100)
            ]
            store.append(dead_letters)
            ids += [dead_letter.id for dead_letter in dead_letters]
    store.resolve(ids[:1000])
    tracemalloc.start()
    found = sum(1 for s in store.unique() if (s.times, s.is_resolved) == (2, False))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert store.size_bytes() > 32_000_000
    assert found == 1000
    assert peak < 4_000_000


def test_dead_letters_that_come_while_others_are_listed_wait_for_the_next_time(
    tmp_path: Path,
) -> None:
    store = _store(tmp_path)
    store.append([_dead_letter(b"one"), _dead_letter(b"two")])
    listed: list[tuple[bytes, int]] = []
    for stored in store.unique():
        if not listed:
            _store(tmp_path).append([_dead_letter(b"three"), _dead_letter(b"one")])
        listed.append((stored.dead_letter.payload, stored.times))

    assert listed == [(b"one", 1), (b"two", 1)]
    assert [s.times for s in store.unique()] == [2, 1, 1]


def test_digests_are_counted_and_each_is_taken_once() -> None:
    counts = DigestCounts(["00" * 8, "ff" * 8, "ff" * 8, "no digest", "1" + "0" * 16, ""])

    assert len(counts) == 3
    assert [text in counts for text in ("00" * 8, "ff" * 8, "ee" * 8, "no")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [counts.take(t) for t in ("ff" * 8, "ff" * 8, "00" * 8, "01" * 8, "no")] == [
        2, 0, 1, 0, 0,
    ]  # fmt: skip
