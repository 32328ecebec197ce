"""Late-data markers (rows of ``arrival``), by which workers announce late data: each once.

A reader that fails after it was given some simply asks again: nothing counts as taken before
``commit``.
"""

from collections.abc import Collection
from hashlib import blake2b

import msgspec

from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.telemetry import arrivals
from gigacity_contract.clock import Clock

MARKER_LAG_MS = 600_000
"""A marker may become visible this long after the moment that it names."""

_DIGEST_BYTES = 8


class LateDataMarker(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A row of ``arrival``: late points of one series; its time is the moment of confirmation."""

    time: int
    measurement: str
    area: str | None
    worker: str
    from_ms: int | None
    to_ms: int | None
    points: int | None

    @property
    def digest(self) -> bytes:
        """A few bytes that tell it from any other."""
        return blake2b(msgspec.msgpack.encode(self), digest_size=_DIGEST_BYTES).digest()


class LateDataFeed:
    """Announcements since a moment, in batches that are committed once they are worked in.

    Rows are remembered by what they are, since one may become visible long after its moment.
    """

    def __init__(
        self, store: Store, clock: Clock, since_ms: int, taken: Collection[bytes] = ()
    ) -> None:
        """Begin where a feed before this one ended.

        Args:
            store: where markers are read.
            clock: bounds what is read.
            since_ms: that feed's ``until_ms``.
            taken: its ``taken``; without it, some are given again.
        """
        self._store = store
        self._clock = clock
        self._until_ms = since_ms
        self._seen: set[LateDataMarker] = set()
        self._given: set[LateDataMarker] = set()
        self._given_at_ms = since_ms
        self._taken_before = frozenset(taken)

    @property
    def until_ms(self) -> int:
        """Everything that was announced up to here, and was visible, has been committed."""
        return self._until_ms

    def peek(self) -> set[LateDataMarker]:
        """What was announced and is not committed; each row has both of its times."""
        self._given_at_ms = self._clock.now_ms()
        query = arrivals(self._until_ms - MARKER_LAG_MS, self._given_at_ms + MARKER_LAG_MS)
        found = {row for batch in self._store.rows(query, LateDataMarker) for row in batch}
        self._given = found - self._seen
        if self._taken_before:
            again = {row for row in self._given if row.digest in self._taken_before}
            self._given -= again
            self._seen |= again
        return {r for r in self._given if r.from_ms is not None and r.to_ms is not None}

    def commit(self) -> None:
        """What was given last has been worked in."""
        self._until_ms = self._given_at_ms
        self._seen |= self._given
        edge = self._until_ms - 2 * MARKER_LAG_MS
        self._seen = {row for row in self._seen if row.time > edge}
        self._given = set()

    def taken(self, limit: int) -> list[bytes]:
        """What a feed that goes on from here would be given again: the newest, so many at most."""
        rows = [row for row in self._seen if row.time > self._until_ms - MARKER_LAG_MS]
        rows.sort(key=lambda row: row.time, reverse=True)
        return [row.digest for row in rows[:limit]]
