"""Gaps and reordering in the publishers' own numbering."""

import pytest

from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.sequences import SequenceTracker
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
    tracker = SequenceTracker()
    for number in numbers:
        tracker.observe("publisher", number)

    assert (tracker.gaps, tracker.reordered) == (gaps, reordered)


def test_publishers_do_not_disturb_each_other() -> None:
    tracker = SequenceTracker()
    for publisher, number in (("a", 5), ("b", 900), ("a", 6), ("b", 901)):
        tracker.observe(publisher, number)

    assert (tracker.gaps, tracker.reordered) == (0, 0)


def test_the_memory_is_bounded() -> None:
    tracker = SequenceTracker(max_publishers=10)
    for publisher in range(1000):
        tracker.observe(publisher, 5)

    assert len(tracker._last) <= 10


def test_reports_and_bundles_and_their_entries_are_followed(decoder: Decoder) -> None:
    for seq in (10, 12):
        decode(decoder, PON_TOPIC, pon(port(), seq=seq))
    for seq in (20, 23):
        decode(decoder, BUNDLE_TOPIC, bundle(entry(seq=seq), seq=seq - 10))

    assert decoder.sequences.gaps == 1 + 2 + 2
