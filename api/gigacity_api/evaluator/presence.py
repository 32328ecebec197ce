"""Reads sessions: cheap at every instant, and right for sessions that began long ago.

A row of ``presence`` stands at the time of its session, and its end is written into it whenever it
comes: a range of recent time does not show the end of a session that began two months ago. Two
readings complete each other:

- *recent*: sessions that began since the last instant;
- *whole*: the newest session of every publisher, at a cost that grows with publishers, not with
  sessions. It is taken at start, when late presence was announced, and otherwise as often as its
  own duration allows; of the past, wherever a session may have ended since the last one was taken.
"""

from gigacity_api.evaluator.late_ranges import TimeSpan
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.row_loader import PresenceRow, load_presence
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.telemetry import SESSION_FIELDS, newest_presence, presence_rows
from gigacity_contract.clock import Clock
from gigacity_contract.lateness import COMPLETE_AFTER_MS

MAX_WHOLE_SHARE = 0.05
"""Share of the time that whole readings may take: where they are fast, each instant has one."""


class PresenceReader:
    """Brings the sessions of a state forward."""

    def __init__(
        self,
        store: Store,
        inventory: Inventory,
        clock: Clock,
        *,
        is_live: bool = True,
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._clock = clock
        self._is_live = is_live
        self._next_whole_s = 0.0
        self._whole_at_ms = 0
        """When the last whole reading began."""

    def advance(
        self, state: CityState, as_of_ms: int, since_ms: int | None, *, any_late: bool
    ) -> int:
        """Offer the sessions up to an instant; returns how many rows were read.

        Args:
            state: takes them.
            as_of_ms: the instant.
            since_ms: since when sessions may have begun that are not known; None: all of them.
            any_late: presence that arrived late was announced; it may stand at any session.
        """
        if since_ms is None or any_late or self._is_whole_due(as_of_ms):
            return self._whole(state, as_of_ms)
        return self._recent(state, TimeSpan(since_ms, as_of_ms), as_of_ms)

    def _is_whole_due(self, as_of_ms: int) -> bool:
        if self._is_live:
            return self._clock.monotonic_s() >= self._next_whole_s
        # An end that came since, and that nobody announced, is not older than that.
        return as_of_ms > self._whole_at_ms - COMPLETE_AFTER_MS

    def _recent(self, state: CityState, span: TimeSpan, as_of_ms: int) -> int:
        count = 0
        for batch in self._store.rows(presence_rows(span.after_ms, span.until_ms), PresenceRow):
            load_presence(state, self._inventory, batch, as_of_ms)
            count += len(batch)
        return count

    def _whole(self, state: CityState, as_of_ms: int) -> int:
        started_s, self._whole_at_ms = self._clock.monotonic_s(), self._clock.now_ms()
        count = 0
        for field in SESSION_FIELDS:
            found: list[PresenceRow] = []
            for series in self._store.series(newest_presence(field, as_of_ms)):
                tags = series.tags
                for session, value in series.values:
                    row = PresenceRow(session, tags["object"], tags.get("community"), tags["id"])
                    setattr(row, field, value)
                    found.append(row)
            load_presence(state, self._inventory, found, as_of_ms)
            count += len(found)
        took_s = self._clock.monotonic_s() - started_s
        self._next_whole_s = started_s + took_s / MAX_WHOLE_SHARE
        return count
