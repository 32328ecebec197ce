"""Gaps and reordering in the publishers' own numbering."""

import pytest

from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.sequences import UNKNOWN, SequenceTracker
from tests.support.city import COMMUNITY_A
from tests.unit.ingest.messages import BUNDLE_TOPIC, PON_TOPIC, bundle, decode, entry, pon, port


@pytest.mark.parametrize(
    ("numbers", "gaps", "reordered"),
    [
        ([5, 6, 7], 0, 0),
        ([5, 9], 3, 0),
        ([5, 5, 6], 0, 0),
        ([5, 8, 6], 2, 1),
        ([5, 8, 6, 9], 2, 1),
        ([900, 0, 1], 0, 0),
        ([900, 1, 2], 0, 0),
        ([0, 2], 1, 0),
    ],
    ids=[
        "in order", "gap", "redelivered", "late", "late then on", "restart", "restart from 1",
        "first is missing",
    ],
)  # fmt: skip
def test_what_is_counted(numbers: list[int], gaps: int, reordered: int) -> None:
    tracker, last = SequenceTracker(), UNKNOWN
    for number in numbers:
        last = tracker.observe("publisher", last, number)

    assert (tracker.gaps, tracker.reordered) == (gaps, reordered)


def test_publishers_with_irregularities_are_named_the_worst_first() -> None:
    tracker = SequenceTracker()
    tracker.observe("a", 5, 7)
    tracker.observe("b", 5, 10)
    tracker.observe("c", 5, 4)
    tracker.observe("d", 5, 6)

    assert tracker.worst(2) == [("b", 4, 0), ("a", 1, 0)]
    assert tracker.worst(9)[2:] == [("c", 0, 1)]


def test_the_memory_is_bounded_and_what_is_not_named_is_counted() -> None:
    tracker = SequenceTracker(max_named=10)
    for publisher in range(1000):
        tracker.observe(str(publisher), 5, 8)

    assert (len(tracker.by_publisher), tracker.unnamed, tracker.gaps) == (10, 990 * 2, 2000)


def test_reports_and_bundles_and_their_entries_are_followed(decoder: Decoder) -> None:
    for seq in (10, 12):
        decode(decoder, PON_TOPIC, pon(port(), seq=seq))
    for seq in (20, 23):
        decode(decoder, BUNDLE_TOPIC, bundle(entry(seq=seq), seq=seq - 10))

    assert decoder.sequences.gaps == 1 + 2 + 2
    assert {name for name, *_ in decoder.sequences.worst(9)} == {
        PON_TOPIC, BUNDLE_TOPIC, f"{COMMUNITY_A}/camera-1",
    }  # fmt: skip
