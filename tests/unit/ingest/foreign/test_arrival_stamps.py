"""Instants of messages without a time: unique by topic, the same for copies, within bounds."""

from gigacity_ingest.foreign import arrival_stamps
from gigacity_ingest.foreign.arrival_stamps import RING_BYTES, ArrivalStamps

NOW_MS = 1_795_500_000_000
TOPIC = b"/sys/k1/d1/post"


def stamp(
    stamps: ArrivalStamps, payload: bytes, now_ms: int = NOW_MS, *, is_redelivered: bool = False
) -> int:
    return stamps.stamp(TOPIC, payload, "", is_redelivered=is_redelivered, now_ms=now_ms)


def test_what_another_process_met_is_known() -> None:
    memory = memoryview(bytearray(RING_BYTES))
    before = ArrivalStamps(memory)
    met = {n: stamp(before, b"%d" % n) for n in range(100)}

    after = ArrivalStamps(memory)
    later_ms = NOW_MS + 60_000
    assert {n: stamp(after, b"%d" % n, later_ms, is_redelivered=True) for n in met} == met


def test_the_ring_forgets_the_oldest_and_never_grows() -> None:
    memory = memoryview(bytearray(RING_BYTES))
    stamps = ArrivalStamps(memory)
    count = arrival_stamps.ENTRIES + 10
    met = [stamp(stamps, b"%d" % n, NOW_MS + n) for n in range(count)]
    assert len(stamps) == arrival_stamps.ENTRIES
    later_ms = NOW_MS + count + 1000
    again = [stamp(stamps, b"%d" % n, later_ms, is_redelivered=True) for n in (5, count - 1)]
    assert again == [later_ms, met[-1]]
    assert len(ArrivalStamps(memory)) == arrival_stamps.ENTRIES


def test_a_memory_that_is_none_begins_anew() -> None:
    memory = memoryview(bytearray(b"\xff" * RING_BYTES))
    stamps = ArrivalStamps(memory)
    assert len(stamps) == 0
    assert stamp(stamps, b"a") == NOW_MS


def test_topics_do_not_wait_for_each_other() -> None:
    stamps = ArrivalStamps()
    assert [stamp(stamps, b"1"), stamp(stamps, b"2")] == [NOW_MS, NOW_MS + 1]
    other = stamps.stamp(b"other", b"1", "", is_redelivered=False, now_ms=NOW_MS)
    assert other == NOW_MS
