"""Fresh points: what workers have stored since the last look, in the order of storing.

It is whole only while every worker that has lately written of itself tells everything. Whoever
reads through it asks ``is_whole`` first; if it is not, the telemetry itself has to be read again.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.fresh import fresh_index, fresh_rows, telling_workers
from gigacity_contract.clock import Clock
from gigacity_contract.fresh_points import untold_lines
from gigacity_contract.measurements import FRESH

WORKERS_MS = 300_000
"""A worker that wrote nothing of itself for so long stores nothing either."""
SILENT_MS = 45_000
"""A worker that wrote nothing of itself for so long may have ended before it told everything, or
cannot write of itself: it writes every ten seconds."""
_CLOCK_SLACK_MS = 5000
"""A worker whose clock is further ahead of ours is not followed: were it set right, what it tells
then would lie before what it told."""
_SHOWN_MS = 30_000
"""What a worker told so long before it wrote of itself is shown by then, or given up."""
_BEFORE_MS = 5000
"""openGemini shows a series up to 2.1 s after it has confirmed it: what was told so shortly before
is taken again."""

_AHEAD_MS = 600_000
"""So far may clocks of workers be ahead of ours."""


class TellingWorkerRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``telling_workers``."""

    time: int
    worker: str
    started_ms: int | None
    fresh_since_ms: int | None


class FreshIndexRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``fresh_index``."""

    time: int
    worker: str
    since_ms: int | None
    part: int
    parts: int


class FreshRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``fresh_rows``."""

    time: int
    worker: str
    since_ms: int
    part: int
    parts: int
    packed: str


class NotWholeError(Exception):
    """Something that was stored is not among what is told."""


@dataclass(slots=True)
class _Told:
    """What was taken of one worker."""

    since_ms: int
    until_ms: int


class FreshFeed:
    """Follows what all workers tell."""

    def __init__(self, store: Store, clock: Clock, *, longest_away_ms: int) -> None:
        """Follow nothing yet.

        Args:
            store: the database.
            clock: of the process.
            longest_away_ms: what was told is whole if it was last taken so long ago at most;
                what is kept too short for it is never followed.
        """
        self._store = store
        self._clock = clock
        self._longest_away_ms = longest_away_ms
        self._told: dict[str, _Told] = {}
        self._next: dict[str, int] = {}
        self._said_ms: dict[str, int] = {}
        """When each worker last wrote of itself, by its own clock."""
        self._looked_ms: int | None = None
        """When it was last whole; None: it is not followed."""

    @property
    def is_followed(self) -> bool:
        """Whether ``begin`` found that all workers tell everything."""
        return self._looked_ms is not None

    def stop(self) -> None:
        """Follow nothing."""
        self._looked_ms, self._told, self._next = None, {}, {}

    def begin(self) -> None:
        """Follow from now on; who begins reads the telemetry itself afterwards.

        Raises:
            StoreError: the database cannot answer.
        """
        self.stop()
        now_ms = self._clock.now_ms()
        if self._longest_away_ms > FRESH.duration_s * 1000 - WORKERS_MS:
            return
        workers = self._workers(now_ms)
        if not workers or None in workers.values():
            return
        self._told = {name: _Told(since or 0, 0) for name, since in workers.items()}
        query = fresh_index(now_ms - WORKERS_MS, now_ms + _AHEAD_MS)
        for batch in self._store.rows(query, FreshIndexRow):
            for row in batch:
                told = self._told.get(row.worker)
                if told is None or (row.since_ms or 0) > told.since_ms:
                    return
                is_old = row.time <= now_ms - _BEFORE_MS and row.part == row.parts - 1
                if is_old and row.since_ms == told.since_ms:
                    told.until_ms = max(told.until_ms, row.time)
        for told in self._told.values():
            told.until_ms = told.until_ms or now_ms - WORKERS_MS
        self._looked_ms = now_ms

    def is_whole(self) -> bool:
        """Whether what is told since ``begin`` is all that was stored since.

        Raises:
            StoreError: the database cannot answer.
        """
        now_ms = self._clock.now_ms()
        if self._looked_ms is None or now_ms - self._looked_ms > self._longest_away_ms:
            return False
        workers = self._workers(now_ms)
        return workers.keys() == self._told.keys() and all(
            self._told[name].since_ms == since for name, since in workers.items()
        )

    def _workers(self, now_ms: int) -> dict[str, int | None]:
        """Since when each worker tells everything, as its newest row says; None: it does not."""
        newest: dict[str, TellingWorkerRow] = {}
        query = telling_workers(now_ms - WORKERS_MS, now_ms + _AHEAD_MS)
        for batch in self._store.rows(query, TellingWorkerRow):
            for row in batch:
                known = newest.get(row.worker)
                if known is None or row.time >= known.time:
                    newest[row.worker] = row
        self._said_ms = {name: row.time for name, row in newest.items()}
        return {
            name: row.fresh_since_ms if -SILENT_MS <= row.time - now_ms <= _CLOCK_SLACK_MS else None
            for name, row in newest.items()
        }

    def texts(self) -> Iterator[str]:
        """The lines that were told and are not committed, in the order of each worker.

        Raises:
            NotWholeError: something is missing; ``begin`` again.
            StoreError: the database cannot answer.
        """
        # One that has nothing to tell keeps no others' rows in the question.
        self._next = {
            name: max(told.until_ms, self._said_ms.get(name, 0) - _SHOWN_MS)
            for name, told in self._told.items()
        }
        now_ms = self._clock.now_ms()
        after_ms = min((told.until_ms for told in self._told.values()), default=now_ms)
        parts: defaultdict[str, list[str]] = defaultdict(list)
        query = fresh_rows(after_ms, now_ms + _AHEAD_MS)
        for batch in self._store.rows(query, FreshRow):
            for row in batch:
                told = self._told.get(row.worker)
                if told is None or row.since_ms != told.since_ms:
                    raise NotWholeError(f"{row.worker} tells anew")
                if row.time <= told.until_ms:
                    continue
                mine = parts[row.worker]
                if row.part != len(mine):
                    raise NotWholeError(f"a part of what {row.worker} told is missing")
                mine.append(row.packed)
                if len(mine) == row.parts:
                    yield untold_lines(mine)
                    mine.clear()
                    self._next[row.worker] = max(row.time, self._next[row.worker])

    def commit(self) -> None:
        """What was given last has been worked in."""
        for name, until_ms in self._next.items():
            self._told[name].until_ms = until_ms
        self._next = {}
        if self._looked_ms is not None:
            self._looked_ms = self._clock.now_ms()
