"""Who may take how much of the disk for dead letters. Pure.

Whoever is over its budget loses bodies, never messages: first a summary is kept of each, then a
count. So one publisher can use up its own share and nobody else's, and the end of everything is a
count, not a city that stands still.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from gigacity_ingest.decode.dead_letter import DeadLetter

_MAX_PUBLISHERS = 4096
"""Of one segment that are told apart; the others of it share so many budgets."""
_SHARED = 256
_NAMED = 16
"""Publishers over half of their budget that are remembered by name."""


@dataclass(frozen=True, slots=True)
class DeadLetterBudget:
    """Bytes on disk."""

    total_bytes: int

    @property
    def whole_bytes(self) -> int:
        """Of all together, up to which bodies are kept; the rest is for summaries."""
        return self.total_bytes - self.total_bytes // 8

    @property
    def reason_bytes(self) -> int:
        """Of one reason, up to which bodies are kept."""
        return self.total_bytes // 2

    @property
    def publisher_bytes(self) -> int:
        """Of one publisher, up to which bodies are kept."""
        return self.total_bytes // 64

    @property
    def publisher_limit_bytes(self) -> int:
        """Of one publisher with its summaries; beyond it they are counted only."""
        return self.publisher_bytes + self.publisher_bytes // 16

    @property
    def first_bytes(self) -> int:
        """Of each publisher, whatever others took of its reason."""
        return self.publisher_bytes // 256


class StoreStatus(NamedTuple):
    """What the store of a worker takes, and what it kept no body of since the process started."""

    used_bytes: int = 0
    budget_bytes: int = 0
    summarized: int = 0
    counted: int = 0
    warning: str = ""
    """Empty: no budget is used by more than half."""


@dataclass(slots=True)
class Usage:
    """What some dead letters take, by publisher and by reason."""

    total: int = 0
    summaries: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    by_publisher: Counter[str] = field(default_factory=Counter)

    def add(self, publisher: str, reason: str, size: int) -> None:
        """One more."""
        self.total += size
        self.by_reason[reason] += size
        self.by_publisher[publisher] += size

    def merge(self, other: "Usage", sign: int) -> None:
        """Add another one, or (-1) take it away again."""
        self.total += sign * other.total
        self.summaries += sign * other.summaries
        for mine, its in (
            (self.by_reason, other.by_reason),
            (self.by_publisher, other.by_publisher),
        ):
            for key, size in its.items():
                mine[key] += sign * size
                if not mine[key]:
                    del mine[key]


class StoreUsage:
    """What each segment takes, and all of them together; bounded whoever publishes."""

    def __init__(self, budget: DeadLetterBudget) -> None:
        self.budget = budget
        self._segments: dict[str, Usage] = {}
        self._all = Usage()
        self._large: dict[str, None] = {}

    @property
    def total_bytes(self) -> int:
        """Of all segments."""
        return self._all.total

    def drop(self, segment: str) -> None:
        """A segment is gone, or will be counted anew."""
        gone = self._segments.pop(segment, None)
        if gone is not None:
            self._all.merge(gone, -1)

    def add(self, segment: str, publisher: str, reason: str, size: int) -> None:
        """A line of a segment; a damaged one has neither publisher nor reason."""
        usage = self._segments.setdefault(segment, Usage())
        name = _name_within(usage.by_publisher, publisher)
        usage.add(name, reason, size)
        self._all.add(name, reason, size)
        if publisher and 2 * self._of_publisher(publisher) > self.budget.publisher_bytes:
            self._large[publisher] = None
            if len(self._large) > _NAMED:
                del self._large[next(iter(self._large))]

    def add_summary(self, segment: str, number: int) -> None:
        """So many lines of a segment are summaries of what was too large for its share."""
        if number:
            self._segments.setdefault(segment, Usage()).summaries += number
            self._all.summaries += number

    def takes_whole(self, dead_letter: DeadLetter, size: int) -> bool:
        """Whether there is room for all of it."""
        budget, own = self.budget, self._of_publisher(dead_letter.publisher) + size
        if self._all.total + size > budget.whole_bytes:
            return False
        if dead_letter.publisher and own > budget.publisher_bytes:
            return False
        of_reason = self._all.by_reason[dead_letter.reason] + size
        return of_reason <= budget.reason_bytes or own <= budget.first_bytes

    def takes_summary(self, dead_letter: DeadLetter, size: int) -> bool:
        """Whether there is room for its summary."""
        budget, own = self.budget, self._of_publisher(dead_letter.publisher) + size
        is_own = not dead_letter.publisher or own <= budget.publisher_limit_bytes
        return is_own and self._all.total + size <= budget.total_bytes

    def _of_publisher(self, publisher: str) -> int:
        known = self._all.by_publisher
        return known[publisher] + known[_shared(publisher)]

    def warning(self, counted: str = "") -> str:
        """What an operator should hear of, long before anything is reduced too; empty: nothing.

        Args:
            counted: what there is to say of those that are only counted.
        """
        budget, found = self.budget, []
        if 2 * self._all.total > budget.whole_bytes:
            found.append("more than half of the disk for dead letters is used")
        found += [
            f"the reason {reason} takes more than half of its share"
            for reason, size in sorted(self._all.by_reason.items())
            if 2 * size > budget.reason_bytes
        ]
        large = [p for p in self._large if 2 * self._of_publisher(p) > budget.publisher_bytes]
        self._large = dict.fromkeys(large)
        if large:
            others = f" and {len(large) - 1} others" if large[1:] else ""
            found.append(f"publisher {large[0]}{others} took more than half of its share")
        if self._all.summaries:
            found.append(
                f"{self._all.summaries} were larger than what was left of their share, so that only"
                " summaries are kept"
            )
        found += [counted] if counted else []
        return "; ".join(found) and (
            f"dead letters: {'; '.join(found)}; beyond a share summaries and then counts are kept;"
            " see gigacity deadletters list, and make room with gigacity deadletters export FILE"
            " --settle"
        )


def _shared(publisher: str) -> str:
    """The budget that a publisher shares when a segment knows too many others."""
    return f"#{sum(publisher.encode()) % _SHARED}"


def _name_within(known: Counter[str], publisher: str) -> str:
    if publisher in known or len(known) < _MAX_PUBLISHERS:
        return publisher
    return _shared(publisher)
