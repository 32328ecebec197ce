"""Dead letters on disk: durable, never thrown away, each listed once."""

import fcntl
import hashlib
import os
import threading
import tracemalloc
from pathlib import Path

import msgspec
import pytest

from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_ingest.dead_letters.counts import (
    DamagedCountsError,
    DeadLetterCounts,
    read_counts,
    settle_counts,
    split_counts,
)
from gigacity_ingest.dead_letters.digest_counts import DigestCounts
from gigacity_ingest.dead_letters.segments import sync_directory
from gigacity_ingest.dead_letters.settling import give_back
from gigacity_ingest.dead_letters.store import DeadLetterStore, DeadLetterStoreError
from gigacity_ingest.decode.dead_letter import DeadLetter
from tests.unit.ingest.messages import NOW_MS

MEBIBYTE = 1 << 20


def _dead_letter(
    payload: bytes = b"\xff\x00junk", received_ms: int = NOW_MS, olt: str = "olt-1"
) -> DeadLetter:
    return DeadLetter(
        reason=RejectionReason.NOT_JSON, extent=Extent.MESSAGE, error="no",
        topic=f"gigacity/v1/371602/olt/{olt}/pon", payload=payload, received_ms=received_ms,
    )  # fmt: skip


def _store(folder: Path, *, budget: int = 1_000_000, segment: int = 1_000_000) -> DeadLetterStore:
    return DeadLetterStore(folder / "letters", budget_bytes=budget, segment_bytes=segment)


def _settlements(store: DeadLetterStore) -> list[tuple[str, int]]:
    return [(stored.dead_letter.id, stored.last_ms) for stored in store.unique()]


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


def test_moving_segments_away_makes_room(tmp_path: Path) -> None:
    store = _store(tmp_path, budget=MEBIBYTE, segment=1)
    for number in range(3):
        store.append([_dead_letter(b"%d" % number + b"x" * 9_000)])
    store.segments()[0].unlink()
    store.append([_dead_letter(b"y" * 9_000)])

    assert [x.kept.value for x in store.read()] == ["summary", "summary", "whole"]


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
    first = next(store.unique())
    store.resolve([(first.dead_letter.id, first.last_ms)])

    assert [s.is_resolved for s in _store(tmp_path).unique()] == [True, False]


def test_what_comes_again_after_it_was_settled_is_a_new_dead_letter(tmp_path: Path) -> None:
    """It is listed, and no settling gives it back; of one that came before, nothing is left."""
    store = _store(tmp_path)
    store.append([_dead_letter(received_ms=NOW_MS), _dead_letter(received_ms=NOW_MS + 5)])
    store.resolve(_settlements(store))
    store.append([_dead_letter(received_ms=NOW_MS + 6)])

    found = [(s.times, s.is_resolved, s.last_ms - NOW_MS) for s in store.unique()]
    assert found == [(2, True, 5), (1, False, 6)]
    store.close()
    assert give_back(store) > 0
    assert [(s.times, s.is_resolved, s.last_ms - NOW_MS) for s in store.unique()] == [(1, False, 6)]
    assert len(store.resolved()) == 0


def test_a_note_of_an_earlier_release_settles_all_copies(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.append([_dead_letter(received_ms=NOW_MS)])
    ((id_, _),) = _settlements(store)
    (tmp_path / "letters" / "resolved.txt").write_text(f"{id_}\n")

    assert [s.is_resolved for s in store.unique()] == [True]


def test_segments_of_resolved_dead_letters_are_given_back(tmp_path: Path) -> None:
    store = _store(tmp_path, segment=1)
    for payload in (b"one", b"two", b"three"):
        store.append([_dead_letter(payload)])
    settled = _settlements(store)
    store.resolve([settled[0], settled[2]])

    assert give_back(store) > 0
    assert [dead_letter.payload for dead_letter in store.read()] == [b"two"]


def test_an_empty_store_lists_nothing(tmp_path: Path) -> None:
    store = _store(tmp_path)

    assert (list(store.unique()), store.status().used_bytes, len(store.resolved())) == ([], 0, 0)


def test_a_segment_with_a_damaged_line_is_never_given_back(tmp_path: Path) -> None:
    """Nobody can say that a dead letter which cannot be read was settled."""
    store = _store(tmp_path, segment=1)
    store.append([_dead_letter(b"one")])
    store.append([_dead_letter(b"two")])
    first = store.segments()[0]
    first.write_bytes(b"x" * 20 + b"\n")
    store.resolve(_settlements(store))

    give_back(store)

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

    assert store.status().used_bytes == sum(p.stat().st_size for p in listed[:1])


def test_many_dead_letters_are_listed_in_little_memory(tmp_path: Path) -> None:
    """Every one of 2,000 came twice, and half of them are settled: 32 MB of text on disk."""
    store = _store(tmp_path, budget=10_000_000_000)
    ids = []
    for _ in range(2):
        for start in range(0, 2000, 100):
            dead_letters = [
                _dead_letter(b"%06d" % n + b"x" * 6000) for n in range(start, start + 100)
            ]
            store.append(dead_letters)
            ids += [(dead_letter.id, NOW_MS) for dead_letter in dead_letters]
    store.resolve(ids[:1000])
    tracemalloc.start()
    found = sum(1 for s in store.unique() if (s.times, s.is_resolved) == (2, False))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sum(p.stat().st_size for p in store.segments()) > 32_000_000
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
    texts = ["00" * 8, "ff" * 8, "ff" * 8, "no digest", "1" + "0" * 16, ""]
    counts = DigestCounts((text, 7 - at) for at, text in enumerate(texts))

    assert len(counts) == 2
    assert [counts.newest(t) for t in ("00" * 8, "ff" * 8, "ee" * 8, "no")] == [7, 6, -1, -1]
    assert [counts.take(t) for t in ("ff" * 8, "ff" * 8, "00" * 8, "01" * 8, "no")] == [
        2, 0, 1, 0, 0,
    ]  # fmt: skip


def test_one_publisher_uses_up_its_own_share_and_nobody_elses(tmp_path: Path) -> None:
    store = _store(tmp_path, budget=64 * MEBIBYTE, segment=8 * MEBIBYTE)
    for number in range(60):
        store.append([_dead_letter(b"%04d" % number + b"x" * MEBIBYTE, olt="loud")])
    store.append([_dead_letter(b"y" * 500_000, olt="quiet")])

    kept = [(x.publisher.rpartition("/")[2], x.kept.value) for x in store.read()]
    assert kept == [("loud", "summary")] * 60 + [("quiet", "whole")]
    assert store.status().used_bytes < 2 * MEBIBYTE


def test_a_summary_says_topic_reason_size_and_digest(tmp_path: Path) -> None:
    store, refused = _store(tmp_path, budget=MEBIBYTE), _dead_letter(b"x" * 100_000)
    store.append([refused])
    (kept,) = store.read()

    assert (kept.kept.value, kept.payload, kept.size) == ("summary", b"", 100_000)
    assert (kept.topic, kept.reason, kept.received_ms) == (
        refused.topic, refused.reason, refused.received_ms,
    )  # fmt: skip
    assert kept.digest == hashlib.blake2b(refused.payload, digest_size=16).hexdigest()


def test_one_reason_takes_at_most_half_and_everybody_keeps_the_first(tmp_path: Path) -> None:
    store = _store(tmp_path, budget=4 * MEBIBYTE)
    for number in range(60):
        dead_letters = [_dead_letter(b"%04d%04d" % (number, n) * 500, olt=f"o-{number}")
                        for n in range(10)]  # fmt: skip
        store.append(dead_letters)
    other = msgspec.structs.replace(_dead_letter(b"z" * 5000), reason=RejectionReason.BAD_FIELD)
    store.append([other, _dead_letter(b"f" * 20, olt="newcomer")])

    whole = [x for x in store.read() if x.kept.value == "whole"]
    assert sum(len(x.payload) * 4 // 3 for x in whole) < 2.2 * MEBIBYTE
    assert [x.payload[:1] for x in whole[-2:]] == [b"z", b"f"]


def test_beyond_every_summary_a_count_is_kept_which_survives_a_restart(tmp_path: Path) -> None:
    store = _store(tmp_path, budget=MEBIBYTE)
    for number in range(300):
        store.append([_dead_letter(b"%04d" % number + b"x" * 1000)])
    status = store.status()
    again = _store(tmp_path, budget=MEBIBYTE)
    again.append([_dead_letter(b"more" + b"x" * 1000)])
    (entry,) = read_counts(tmp_path / "letters")

    assert status.used_bytes <= 18_000
    assert status.counted > 200
    assert (entry.publisher, entry.reason) == ("371602/olt/olt-1", "not_json")
    assert (entry.count, entry.size) == (status.counted + 1, 1004 * (status.counted + 1))
    kept = sum(1 for _ in store.read())
    assert kept + entry.count == 301


def _beyond_every_summary(store: DeadLetterStore, olt: str = "olt-1") -> None:
    store.append([_dead_letter(b"%06d" % n + b"x" * 1000, olt=olt) for n in range(300)])


def _counted(folder: Path) -> list[int]:
    splits = split_counts(folder / "letters")
    return [split.unsettled.count for split in splits if split.unsettled is not None]


def test_counted_dead_letters_stay_in_health_until_they_are_settled(tmp_path: Path) -> None:
    """Neither room nor a restart makes them go; a worker that goes on counting is told apart."""
    store = _store(tmp_path)
    _beyond_every_summary(store)
    (before,) = _counted(tmp_path)
    store.close()
    for path in store.segments():
        path.unlink()
    again = _store(tmp_path)

    text = f"{before} dead letters of 1 publishers are only counted"
    assert text in again.status().warning
    seen = [split.whole for split in split_counts(tmp_path / "letters")]
    _beyond_every_summary(again)
    (both,) = _counted(tmp_path)
    settle_counts(tmp_path / "letters", seen)
    assert _counted(tmp_path) == [both - before]
    settle_counts(tmp_path / "letters", seen)
    assert _counted(tmp_path) == [both - before]
    settle_counts(tmp_path / "letters", [s.whole for s in split_counts(tmp_path / "letters")])
    assert _counted(tmp_path) == []
    assert "only counted" not in again.status().warning


def test_settled_counts_make_room_and_are_not_settled_when_they_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_ingest.dead_letters.counts._MAX_ENTRIES", 2)
    counts = DeadLetterCounts(tmp_path)
    for n in range(3):
        counts.add([_dead_letter(olt=f"olt-{n}", received_ms=NOW_MS + n)])
    assert [e.publisher for e in read_counts(tmp_path)][-1] == "*"
    settle_counts(tmp_path, [split.whole for split in split_counts(tmp_path)])

    counts.add([_dead_letter(olt="olt-9"), _dead_letter(olt="olt-0", received_ms=NOW_MS + 50)])

    left = {s.whole.publisher: s.unsettled.count for s in split_counts(tmp_path) if s.unsettled}
    assert left == {"371602/olt/olt-9": 1, "371602/olt/olt-0": 1}


def test_settled_counts_make_room_after_a_disk_that_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_ingest.dead_letters.counts._MAX_ENTRIES", 2)
    counts = DeadLetterCounts(tmp_path)
    counts.add([_dead_letter(olt="olt-0"), _dead_letter(olt="olt-1")])
    settle_counts(tmp_path, read_counts(tmp_path))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("gigacity_ingest.dead_letters.counts.replace_file", full)
        with pytest.raises(OSError, match="No space"):
            counts.add([_dead_letter(olt="olt-9")])
    counts.add([_dead_letter(olt="olt-9")])

    assert [e.publisher for e in read_counts(tmp_path)] == ["371602/olt/olt-9"]


def test_a_body_that_is_larger_than_its_share_is_a_warning(tmp_path: Path) -> None:
    """Of a budget of 1 MB, a publisher's share is 16 kB: one body of 20 kB is reduced at once."""
    store = _store(tmp_path)
    store.append([_dead_letter(b"x" * 20_000)])

    assert "1 were larger than what was left of their share" in store.status().warning
    again = _store(tmp_path)
    assert "1 were larger" in again.status().warning
    store.close()
    store.resolve(_settlements(store))
    give_back(store)
    assert not again.status().warning


def test_a_damaged_count_is_kept_and_never_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    DeadLetterCounts(folder).add([_dead_letter(b"x") for _ in range(500)])
    torn = (folder / "counts.json").read_bytes()[:-3]
    (folder / "counts.json").write_bytes(torn)
    with pytest.raises(DamagedCountsError, match="is damaged"):
        read_counts(folder)
    DeadLetterCounts(folder).add([_dead_letter(b"y")])

    assert (folder / "counts.json.damaged-0").read_bytes() == torn
    assert [e.count for e in read_counts(folder)] == [1]


def test_a_count_that_the_disk_refuses_leaves_no_line_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller comes again: what was written then would be there twice."""
    store = _store(tmp_path, budget=MEBIBYTE)
    for number in range(300):
        store.append([_dead_letter(b"%04d" % number + b"x" * 1000)])
    before = sum(1 for _ in store.read())

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gigacity_ingest.dead_letters.counts.replace_file", refuse)
    for _ in range(3):
        with pytest.raises(DeadLetterStoreError):
            store.append([_dead_letter(b"more" + b"x" * 1000), _dead_letter(b"kept", olt="other")])

    assert sum(1 for _ in store.read()) == before


def test_counts_are_bounded_whoever_publishes(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    counts = DeadLetterCounts(tmp_path / "letters")
    counts.add([_dead_letter(b"x", olt=f"olt-{n}") for n in range(6000)])
    entries = read_counts(tmp_path / "letters")

    assert len(entries) == 4097
    assert sum(e.count for e in entries) == 6000


def test_budgets_survive_a_restart(tmp_path: Path) -> None:
    _store(tmp_path, budget=MEBIBYTE).append([_dead_letter(b"x" * 9_000)])
    again = _store(tmp_path, budget=MEBIBYTE)
    again.append([_dead_letter(b"y" * 9_000), _dead_letter(b"z" * 9_000, olt="other")])

    assert [x.kept.value for x in again.read()] == ["whole", "summary", "whole"]


def test_there_is_a_warning_long_before_the_end(tmp_path: Path) -> None:
    store = _store(tmp_path, budget=MEBIBYTE)
    store.append([_dead_letter(b"x" * 3000)])
    assert not store.status().warning
    store.append([_dead_letter(b"y" * 4500)])
    assert "371602/olt/olt-1" in store.status().warning
    assert store.status().summarized == 0

    store.resolve(_settlements(store))
    give_back(store)
    assert not store.status().warning
    assert store.status().used_bytes == 0


def test_the_newest_segment_gives_its_space_back_beside_the_worker(tmp_path: Path) -> None:
    store, other = _store(tmp_path), _store(tmp_path)
    store.append([_dead_letter(b"one" * 500), _dead_letter(b"two")])
    other.resolve(_settlements(other)[:1])

    assert give_back(other) > 2000
    store.append([_dead_letter(b"three")])
    assert [x.payload for x in other.read()] == [b"two", b"three"]
    assert store.status().used_bytes == sum(p.stat().st_size for p in store.segments())


def test_a_segment_that_is_being_settled_keeps_nobody_waiting(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.append([_dead_letter(b"one")])
    with store.segments()[0].open("rb") as settling:
        fcntl.flock(settling, fcntl.LOCK_EX)
        store.append([_dead_letter(b"two")])

    assert [x.payload for x in store.read()] == [b"one", b"two"]
    assert len(store.segments()) == 2


def test_a_full_disk_leaves_no_empty_segments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    store = _store(tmp_path)
    monkeypatch.setattr(os, "write", refuse)
    for _ in range(3):
        with pytest.raises(DeadLetterStoreError, match="No space left"):
            store.append([_dead_letter(b"one")])

    assert store.segments() == []


def test_nothing_is_lost_while_another_process_settles(tmp_path: Path) -> None:
    """One thread appends as the worker does; this one settles every other dead letter meanwhile."""
    store, other = _store(tmp_path, budget=10**9, segment=5000), _store(tmp_path)
    settled = set[str]()
    dead_letters = [_dead_letter(b"%06d" % n * 20) for n in range(1500)]

    def append() -> None:
        for dead_letter in dead_letters:
            store.append([dead_letter])

    appending = threading.Thread(target=append)
    appending.start()
    while appending.is_alive():
        ids = [x.id for x in other.read()][::2]
        other.resolve((id_, NOW_MS) for id_ in ids)
        settled.update(ids)
        give_back(other)
    appending.join()
    left = {x.id for x in other.read()}

    assert left | settled == {x.id for x in dead_letters}
    assert settled - left, "some room came back"


def test_a_segment_that_has_just_begun_is_not_taken_for_a_settled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = _store(tmp_path), _store(tmp_path)
    store.append([_dead_letter(b"one")])
    store.close()
    begun: list[int] = []

    def settle_meanwhile(folder: Path) -> None:
        begun.append(len(store.segments()))
        give_back(other)
        sync_directory(folder)

    monkeypatch.setattr("gigacity_ingest.dead_letters.store.sync_directory", settle_meanwhile)
    store.append([_dead_letter(b"two")])

    assert begun == [2]
    assert [x.payload for x in other.read()] == [b"one", b"two"]


def test_what_a_killed_worker_left_of_a_beginning_segment_is_no_hindrance(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.folder.mkdir()
    (store.folder / "segment.new").touch()
    store.append([_dead_letter(b"one")])

    assert [x.payload for x in store.read()] == [b"one"]
    assert [x.name for x in store.folder.iterdir()] == ["letters-00000001.jsonl"]
