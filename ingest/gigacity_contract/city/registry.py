"""Registered devices, kept as ranges.

300,000 devices fit in a few MB because a community's devices of one kind are one row
(``camera-{1..24}``), and so every process can hold the whole city.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_RANGE = re.compile(
    r"(?P<prefix>[A-Za-z0-9][A-Za-z0-9._-]{0,50})\{(?P<first>\d{1,6})\.\.(?P<last>\d{1,6})\}\Z"
)
_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>0|[1-9]\d{0,5})\Z")


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
        ValueError: an empty or malformed range.
    """
    if "{" not in text and "}" not in text:
        return IdRange(text, None, 0)
    match = _RANGE.match(text)
    if match is None:
        raise ValueError(f"{text!r} is neither an id nor a range such as camera-{{1..24}}")
    first, last = int(match["first"]), int(match["last"])
    if last < first:
        raise ValueError(f"range {text!r} is empty")
    return IdRange(match["prefix"], first, last)


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
        match = _NUMBERED.match(device)
        if match is None:
            return None
        number = int(match["number"])
        for row in self._by_prefix.get((community, match["prefix"]), ()):
            first = row.ids.first
            if first is not None and first <= number <= row.ids.last:
                return row, row.offset + number - first
        return None

    def gateway_of(self, community: str, device: str) -> str | None:
        """The registered gateway ("" if it connects by itself); None if it is not registered."""
        found = self.find(community, device)
        return None if found is None else found[0].gateway
