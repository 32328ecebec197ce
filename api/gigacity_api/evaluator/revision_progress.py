"""How far revisions have come, kept in the database: a restart goes on, and does nothing twice.

A mark has the late data that was worked in (``arrivals_ms``, and the markers of the last minutes,
which may still become visible), and what of it waits: ranges of instants, and days whose figures
were revised. It fits into one field of text; where there is too much, the nearest ranges become one
and some instants are evaluated once more, which changes nothing.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field

import msgspec

from gigacity_api.storage.late_data import LateDataFeed
from gigacity_api.storage.progress import ProgressMarks
from gigacity_api.storage.protocols import Store
from gigacity_contract.clock import Clock

MAX_RANGES = 1_000
MAX_TAKEN = 1_500
"""Markers. Together with the ranges some 50 kB; a field of text holds 64."""

_DIGEST_BYTES = 8


class RevisionBacklog(msgspec.Struct, frozen=True):
    """What waits to be evaluated again."""

    waiting: int = 0
    """Instants."""
    oldest_ms: int | None = None
    """The oldest of them."""
    left_s: float | None = None
    """About how long it takes; None until one has been measured."""
    set_aside: int = 0
    """Instants whose revision keeps failing: tried again later, the others go on."""


class _Durable(msgspec.Struct):
    ranges: list[tuple[int, int]] = []
    days: list[int] = []
    taken: str = ""


@dataclass
class Resumed:
    """What a process finds that goes on."""

    feed: LateDataFeed
    ranges: list[tuple[int, int]] = field(default_factory=list)
    """First and last instants that waited."""
    days: list[int] = field(default_factory=list)
    """Days whose figures were revised and not written."""


class RevisionProgress:
    """Reads and writes the marks of revisions."""

    def __init__(self, store: Store, clock: Clock, task: str) -> None:
        self._store = store
        self._clock = clock
        self._marks = ProgressMarks(store, clock, task)

    def resume(self) -> Resumed:
        """Where to go on; a database without any mark begins now. Raises StoreError."""
        since_ms = self._marks.read().arrivals_ms or self._clock.now_ms()
        text = self._marks.read_backlog()
        durable = msgspec.json.decode(text, type=_Durable) if text else _Durable()
        packed = b64decode(durable.taken)
        taken = [packed[n : n + _DIGEST_BYTES] for n in range(0, len(packed), _DIGEST_BYTES)]
        feed = LateDataFeed(self._store, self._clock, since_ms, taken)
        return Resumed(feed, durable.ranges, durable.days)

    def write(
        self,
        done_ms: int,
        feed: LateDataFeed,
        *,
        ranges: list[tuple[int, int]],
        days: list[int],
        backlog: RevisionBacklog,
    ) -> None:
        """Mark it. Raises StoreError."""
        taken = b64encode(b"".join(feed.taken(MAX_TAKEN))).decode()
        fields: dict[str, int | str] = {
            "backlog": msgspec.json.encode(_Durable(ranges, days, taken)).decode(),
            "waiting": backlog.waiting,
            "oldest_ms": backlog.oldest_ms or 0,
            "left_s": round(backlog.left_s or 0),
        }
        self._marks.write(done_ms, feed.until_ms, 0, fields)
