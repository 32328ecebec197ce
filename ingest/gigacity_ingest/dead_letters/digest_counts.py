"""How often each of millions of digests came, and when last, in 21 bytes for each of them."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from itertools import groupby

_BUCKET_BITS = 8
"""A bucket is sorted by itself, which takes memory for so small a part of all alone."""
_SHIFT = 64 - _BUCKET_BITS


class DigestCounts:
    """Texts of 16 hex digits, each with a moment; what is none is left out."""

    def __init__(self, digests: Iterable[tuple[str, int]] = ()) -> None:
        self._new = [(array("Q"), array("Q")) for _ in range(1 << _BUCKET_BITS)]
        self._buckets: list[_Bucket] | None = None
        for text, moment in digests:
            self.add(text, moment)

    def add(self, text: str, moment: int) -> None:
        """One more; only before the first question."""
        number = _number(text)
        if number is not None:
            numbers, moments = self._new[number >> _SHIFT]
            numbers.append(number)
            moments.append(moment)

    def __len__(self) -> int:
        """How many different ones there are."""
        return sum(len(bucket.numbers) for bucket in self._sorted())

    def newest(self, text: str) -> int:
        """The latest moment at which it came; -1: it never did."""
        bucket, at = self._find(text)
        return -1 if bucket is None else bucket.newest[at]

    def take(self, text: str) -> int:
        """How often it came, the first time that this is asked; 0 from then on."""
        bucket, at = self._find(text)
        if bucket is None or bucket.is_taken[at]:
            return 0
        bucket.is_taken[at] = 1
        return bucket.counts[at]

    def _find(self, text: str) -> "tuple[_Bucket, int] | tuple[None, int]":
        number = _number(text)
        if number is None:
            return None, 0
        bucket = self._sorted()[number >> _SHIFT]
        at = bisect_left(bucket.numbers, number)
        if at == len(bucket.numbers) or bucket.numbers[at] != number:
            return None, 0
        return bucket, at

    def _sorted(self) -> "list[_Bucket]":
        if self._buckets is None:
            self._buckets = []
            self._new.reverse()
            while self._new:
                self._buckets.append(_Bucket(*self._new.pop()))
        return self._buckets


class _Bucket:
    """A part of all digests, in order."""

    __slots__ = ("counts", "is_taken", "newest", "numbers")

    def __init__(self, numbers: "array[int]", moments: "array[int]") -> None:
        self.numbers, self.counts, self.newest = array("Q"), array("I"), array("Q")
        pairs = sorted(zip(numbers, moments, strict=True))
        for number, group in groupby(pairs, key=lambda pair: pair[0]):
            found = [moment for _, moment in group]
            self.numbers.append(number)
            self.counts.append(len(found))
            self.newest.append(found[-1])
        self.is_taken = bytearray(len(self.numbers))


def _number(text: str) -> int | None:
    try:
        number = int(text, 16)
    except ValueError:
        return None
    return number if 0 <= number < 1 << 64 else None
