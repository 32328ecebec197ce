"""Registered devices, kept as ranges.

300,000 devices fit in a few MB because a community's devices of one kind are one row
(``camera-{1..24}``), and so every process can hold the whole city.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_RANGE = re.compile(
    r"(?P<prefix>[A-Za-z0-9][A-Za-z0-9._-]{0,50})"
    r"\{(?P<first>0|[1-9][0-9]{0,5})\.\.(?P<last>0|[1-9][0-9]{0,5})\}\Z"
)
_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>0|[1-9][0-9]{0,5})\Z", re.DOTALL)


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


def split_number(identifier: str) -> tuple[str, int]:
    """The prefix and number as which a range would hold this id; (id, -1) if none could."""
    match = _NUMBERED.match(identifier)
    if match is None or not match["prefix"] or match["prefix"][-1].isdigit():
        return identifier, -1
    return match["prefix"], int(match["number"])


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
        self._by_prefix: dict[tuple[str, str], list[DeviceRange]] = {}
        for row in ranges:
            self._by_prefix.setdefault((row.community, row.ids.prefix), []).append(row)

    def __len__(self) -> int:
        return self.count

    def find(self, community: str, device: str) -> tuple[DeviceRange, int] | None:
        """The device's range and its index among all devices; None if it is not registered."""
        for row in self._by_prefix.get((community, device), ()):
            if row.ids.first is None:
                return row, row.offset
        prefix, number = split_number(device)
        for row in self._by_prefix.get((community, prefix), ()):
            first = row.ids.first
            if first is not None and first <= number <= row.ids.last:
                return row, row.offset + number - first
        return None

    def gateway_of(self, community: str, device: str) -> str | None:
        """The registered gateway ("" if it connects by itself); None if it is not registered."""
        found = self.find(community, device)
        return None if found is None else found[0].gateway
