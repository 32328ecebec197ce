"""Revisions as they are published: read from the log of publications, in every process alike.

The log has exactly the figures that came out otherwise, whichever process made them, and it
outlives a restart: a subscriber who comes back learns what it missed.
"""

import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.revisions import REVISED_COLUMNS, revised_figures
from gigacity_contract.clock import Clock

SETTLE_MS = 3_000
"""A revision's rows are written after its moment: they are read once they are all there."""

OVERLAP_MS = 60_000
"""Read again each time: the clock of the process that writes may be behind this one's."""

KEPT_MS = 3_600_000
MAX_KEPT = 2_000
"""Revisions that a subscriber can catch up with."""


class Revision(NamedTuple):
    """An instant whose figures came out otherwise after they had been published."""

    published_ms: int
    as_of_ms: int
    revision: int
    indicators: tuple[str, ...]
    """Those with a figure that changed, at whatever level."""
    figures: int


class RevisedRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``revised_figures``."""

    time: int
    indicator: str
    as_of_ms: int | None
    revision: int | None


assert RevisedRow.__struct_fields__[1:] == REVISED_COLUMNS  # noqa: S101 - two lists of one order


class RevisionLog:
    """The revisions of the last hour; one thread refreshes it, any may read."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[Revision, ...] = ()
        self._read_ms = 0
        """How far was read, whether anything was found or not."""
        self._dropped_ms = 0
        """The newest revision that found no room any more."""
        self.known_from_ms = 0
        """Every revision that was published later is known; 0: nothing was read yet."""

    def settled_ms(self) -> int:
        """Revisions up to this moment are known, but for a clock that is behind."""
        return self._clock.now_ms() - SETTLE_MS

    @property
    def complete_until_ms(self) -> int:
        """No revision comes any more that was published before this moment."""
        return self._read_ms - OVERLAP_MS

    def after(self, published_ms: int) -> Sequence[Revision]:
        """Revisions that were published later than a moment, oldest first; never blocks."""
        return [r for r in self._kept if r.published_ms > published_ms]

    def refresh(self) -> None:
        """Read what was published since the last time.

        Raises:
            StoreError: what is known stays as it was.
        """
        with self._lock:
            until_ms = self.settled_ms()
            oldest_ms = until_ms - KEPT_MS
            # A clock that was set back: what was read lies ahead of it.
            after_ms = max(oldest_ms, min(self._read_ms, until_ms) - OVERLAP_MS)
            query = revised_figures(after_ms, until_ms)
            rows = [row for batch in self._store.rows(query, RevisedRow) for row in batch]
            self._read_ms = until_ms
            known = {r[:3]: r for r in self._kept if r.published_ms > oldest_ms}
            known |= {r[:3]: r for r in _revisions(rows)}
            every = tuple(known[key] for key in sorted(known))
            self._kept = every[-MAX_KEPT:]
            if len(every) > MAX_KEPT:
                self._dropped_ms = every[-MAX_KEPT - 1].published_ms
            self.known_from_ms = max(oldest_ms, self._dropped_ms)


def _revisions(rows: Sequence[RevisedRow]) -> list[Revision]:
    found: dict[tuple[int, int, int], list[str]] = defaultdict(list)
    for row in rows:
        if row.as_of_ms is not None and row.revision:
            found[row.time, row.as_of_ms, row.revision].append(row.indicator)
    return [
        Revision(*key, tuple(sorted(set(indicators))), len(indicators))
        for key, indicators in found.items()
    ]
