"""How often each of millions of digests came, in eight bytes for each time."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

_BUCKET_BITS = 12
"""A bucket is sorted by itself, which takes memory for so small a part of all alone."""
_SHIFT = 64 - _BUCKET_BITS


class DigestCounts:
    """Texts of 16 hex digits with their counts; what is none is left out."""

    def __init__(self, digests: Iterable[str]) -> None:
        buckets = [array("Q") for _ in range(1 << _BUCKET_BITS)]
        for text in digests:
            number = _number(text)
            if number is not None:
                buckets[number >> _SHIFT].append(number)
        for index, bucket in enumerate(buckets):
            buckets[index] = array("Q", sorted(bucket))
        self._buckets = buckets
        self._is_taken = [bytearray(len(bucket)) for bucket in buckets]

    def __len__(self) -> int:
        return sum(map(len, self._buckets))

    def __contains__(self, text: str) -> bool:
        number = _number(text)
        if number is None:
            return False
        bucket = self._buckets[number >> _SHIFT]
        at = bisect_left(bucket, number)
        return at < len(bucket) and bucket[at] == number

    def take(self, text: str) -> int:
        """How often it came, the first time that this is asked; 0 from then on."""
        number = _number(text)
        if number is None:
            return 0
        bucket, is_taken = self._buckets[number >> _SHIFT], self._is_taken[number >> _SHIFT]
        at = bisect_left(bucket, number)
        if at == len(bucket) or bucket[at] != number or is_taken[at]:
            return 0
        is_taken[at] = 1
        return bisect_right(bucket, number) - at


def _number(text: str) -> int | None:
    try:
        number = int(text, 16)
    except ValueError:
        return None
    return number if 0 <= number < 1 << 64 else None
