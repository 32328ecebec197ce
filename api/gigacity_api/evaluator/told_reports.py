"""Brings a state forward by what workers told since the last instant: each point once.

Reports that are newer than the instant wait for the next one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import structlog

from gigacity_api.errors import StoreRefusedError
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.row_loader import load_devices, load_ports
from gigacity_api.indicators.told_rows import told_rows
from gigacity_api.storage.fresh_feed import FreshFeed, NotWholeError
from gigacity_api.storage.protocols import Store
from gigacity_contract.clock import Clock
from gigacity_contract.fresh_points import TOLD_AGAIN_AFTER_MS
from gigacity_contract.lateness import LATE_AFTER_MS
from gigacity_contract.measurements import PON_PORT

FOLLOWED_MS = LATE_AFTER_MS - 30_000
"""Older instants are read as they are stored: what is late as a whole is not told, and may lie
after them; and what is stored of the time since then may be more than memory takes."""
_LONGEST_AWAY_TICKS = 5
"""After them whole windows are cheaper to read than what was told meanwhile."""

_log = structlog.get_logger("gigacity_api.evaluator")


_TEXT_CHARS = 1_000_000
"""Of some thousands of reports, which are taken together."""


def _joined(texts: Iterable[str]) -> Iterator[str]:
    parts: list[str] = []
    size = 0
    for text in texts:
        parts.append(text)
        size += len(text)
        if size >= _TEXT_CHARS:
            yield "\n".join(parts)
            parts, size = [], 0
    if parts:
        yield "\n".join(parts)


class ToldReports:
    """What is told, and how far it was taken."""

    def __init__(
        self, store: Store, inventory: Inventory, clock: Clock, settings: EvaluationSettings
    ) -> None:
        self._inventory = inventory
        self._clock = clock
        self._feed = FreshFeed(store, clock, longest_away_ms=_LONGEST_AWAY_TICKS * settings.tick_ms)
        self._is_followed = False
        self._again_ms = 0
        """Until then nothing is followed: what was told could not be read."""
        self._waiting: dict[str, list[Any]] = {}
        """Reports after the last instant, by measurement."""
        self._next_waiting: dict[str, list[Any]] = {}
        self.was_lost = False
        """What was told was followed and is not whole: whole windows are to be read."""

    def advance(self, state: CityState, as_of_ms: int) -> int | None:
        """Offer the state what was told; returns how many reports.

        None: what is told is not all. Then the state has to be given what is stored, and from the
        next instant on it is followed perhaps.

        Raises:
            StoreError: a query failed; ask again for this instant or a later one.
        """
        try:
            is_young = self._clock.now_ms() - as_of_ms <= FOLLOWED_MS
            if self._is_followed and is_young and self._feed.is_whole():
                return self._take(state, as_of_ms)
            self._begin_anew(as_of_ms)
        except NotWholeError as error:
            _log.info("what workers tell is not whole", reason=str(error))
            self._begin_anew(as_of_ms)
        except (ValueError, OverflowError, StoreRefusedError) as error:
            _log.warning("what workers tell cannot be read", reason=str(error))
            self._again_ms = self._clock.now_ms() + TOLD_AGAIN_AFTER_MS
            self._begin_anew(as_of_ms)
        return None

    def _begin_anew(self, as_of_ms: int) -> None:
        self.was_lost |= self._is_followed
        self._is_followed, self._next_waiting = False, {}
        self._feed.stop()
        now_ms = self._clock.now_ms()
        if now_ms >= self._again_ms and now_ms - as_of_ms <= FOLLOWED_MS:
            self._feed.begin()

    def _take(self, state: CityState, as_of_ms: int) -> int:
        waiting: defaultdict[str, list[Any]] = defaultdict(list)
        count = self._offer(state, self._waiting, as_of_ms, waiting)
        for text in _joined(self._feed.texts()):
            count += self._offer(state, told_rows(text), as_of_ms, waiting)
        self._next_waiting = waiting
        return count

    def _offer(
        self,
        state: CityState,
        found: dict[str, list[Any]],
        as_of_ms: int,
        waiting: defaultdict[str, list[Any]],
    ) -> int:
        count = 0
        for name, rows in found.items():
            later = [row for row in rows if row.time > as_of_ms]
            if later:
                waiting[name] += later
            count += len(rows) - len(later)
            # Those that are later are skipped by both.
            if name == PON_PORT.name:
                load_ports(state, self._inventory, rows, as_of_ms, are_parts=True)
            else:
                kind = name.removeprefix("device_")
                load_devices(state, self._inventory, kind, rows, as_of_ms, are_parts=True)
        return count

    @property
    def begins(self) -> bool:
        """Whether what is stored now is the beginning of what is followed from the next instant on.

        Then ``wait_for`` has to be given what is stored of the time after the instant.
        """
        return not self._is_followed and self._feed.is_followed

    def wait_for(self, measurement: str, rows: Sequence[Any]) -> None:
        """Reports of the time after the instant, as they are stored."""
        self._next_waiting.setdefault(measurement, []).extend(rows)

    def commit(self) -> None:
        """The instant succeeded."""
        self._waiting = self._next_waiting
        self._is_followed, self.was_lost = self._feed.is_followed, False
        self._feed.commit()
