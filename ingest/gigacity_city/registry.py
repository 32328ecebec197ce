"""Registered devices, kept as ranges.

300,000 devices fit in a few MB because a community's devices of one kind are one row
(``camera-{1..24}``), and so every process can hold the whole city.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_RANGE = re.compile(
    r"(?P<prefix>[A-Za-z0-9][A-Za-z0-9._-]{0,50})"
    r"\{(?P<first>0|[1-9][0-9]{0,5})\.\.(?P<last>0|[1-9][0-9]{0,5})\}\Z"
)
_DIGITS = "0123456789"
_MOST_DIGITS = 6


class IdRange(NamedTuple):
    """Ids ``prefix + n`` for n in first..last, or (first None) the prefix alone."""

    prefix: str
    first: int | None
    last: int

    def __len__(self) -> int:
        return 1 if self.first is None else self.last - self.first + 1

    def ids(self) -> Iterator[str]:
        """Every id, in order."""
        if self.first is None:
            yield self.prefix
        else:
            for number in range(self.first, self.last + 1):
                yield f"{self.prefix}{number}"


def parse_id_range(text: str) -> IdRange:
    """``camera-{1..24}`` or one plain id.

    Raises:
        ValueError: an empty or malformed range, or one whose prefix ends in a digit, since
            ``cam1{1..5}`` and ``cam{11..15}`` would be the same devices under two prefixes.
    """
    if "{" not in text and "}" not in text:
        return IdRange(text, None, 0)
    match = _RANGE.match(text)
    if match is None:
        raise ValueError(
            f"{text!r} is neither an id nor a range such as camera-{{1..24}}, without leading zeros"
        )
    first, last = int(match["first"]), int(match["last"])
    if last < first:
        raise ValueError(f"range {text!r} is empty")
    if match["prefix"][-1].isdigit():
        raise ValueError(f"the prefix of {text!r} ends in a digit; put '-' between the numbers")
    return IdRange(match["prefix"], first, last)


@lru_cache(maxsize=8192)
def split_number(identifier: str) -> tuple[str, int]:
    """The prefix and number as which a range would hold this id; (id, -1) if none could.

    Asked for every device that a worker meets for the first time, and ids are alike in all
    communities: what was found is remembered.
    """
    prefix = identifier.rstrip(_DIGITS)
    digits = identifier[len(prefix) :]
    if prefix and (digits[:1] > "0" or digits == "0") and len(digits) <= _MOST_DIGITS:
        return prefix, int(digits)
    return identifier, -1


class DeviceRange(NamedTuple):
    """Devices of one kind in one community that share a carrier."""

    community: str
    kind: str
    ids: IdRange
    gateway: str
    """The gateway that bundles their reports; empty: each connects by itself."""
    offset: int
    """Index of the first of them among all registered devices."""


class DeviceRegistry:
    """Finds a device by (community, id) without holding an entry for each."""

    def __init__(self, ranges: list[DeviceRange]) -> None:
        self.ranges = ranges
        self.count = sum(len(r.ids) for r in ranges)
        self._by_prefix: dict[tuple[str, str], list[tuple[int, int, DeviceRange]]] = {}
        """First and last number of each range, by community and prefix."""
        for row in ranges:
            prefix, first, last = row.ids
            if first is None:
                prefix, first = split_number(prefix)
                last = first
            self._by_prefix.setdefault((row.community, prefix), []).append((first, last, row))

    def __len__(self) -> int:
        return self.count

    def find(self, community: str, device: str) -> tuple[DeviceRange, int] | None:
        """The device's range and its index among all devices; None if it is not registered."""
        row = self.range_of(community, device)
        if row is None:
            return None
        first = row.ids.first
        return row, row.offset + (0 if first is None else split_number(device)[1] - first)

    def range_of(self, community: str, device: str) -> DeviceRange | None:
        """The range that holds a device; None if it is not registered.

        A worker asks it for every device that it meets for the first time.
        """
        prefix, number = split_number(device)
        for first, last, row in self._by_prefix.get((community, prefix), ()):
            if first <= number <= last:
                return row
        return None

    def gateway_of(self, community: str, device: str) -> str | None:
        """The registered gateway ("" if it connects by itself); None if it is not registered."""
        found = self.range_of(community, device)
        return None if found is None else found.gateway
