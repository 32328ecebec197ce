"""Any instant within raw retention, made again from raw rows with the city version of its time.

The state is built as at a cold start, from a window of rows, sessions included. That reads as much
as a whole start does, so one is made at a time, within a limit of time, and it can be called off.
The last few are kept: pages of one list speak of one recomputation.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from gigacity_api.errors import (
    InstantOutOfRangeError,
    RecomputationBusyError,
    RecomputationCalledOffError,
)
from gigacity_api.evaluator.guarded import GuardedStore
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.reach import whole_since_ms
from gigacity_api.evaluator.reading import StateReader
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.storage.protocols import Cities, Store
from gigacity_city.model import City
from gigacity_contract.clock import Clock
from gigacity_contract.measurements import RAW

KEPT = 3
FRESH_S = 60.0
"""A recomputation answers further questions for so long; then late data may have changed it."""

LIMIT_S = 120.0
"""Longest time that one may take."""


class _Remade:
    def __init__(self, publication: Publication, made_s: float) -> None:
        self.publication = publication
        self.made_s = made_s


class Recomputer:
    """Makes past instants again; safe to use from several threads."""

    def __init__(
        self, store: Store, cities: Cities, settings: EvaluationSettings, clock: Clock
    ) -> None:
        self._store = store
        self._cities = cities
        self._settings = settings
        self._clock = clock
        self._busy = threading.Lock()
        self._guard = threading.Lock()
        self._kept: OrderedDict[int, _Remade] = OrderedDict()
        self._evaluator: Evaluator | None = None

    def check(self, as_of_ms: int) -> None:
        """Whether an instant can be made again.

        Raises:
            InstantOutOfRangeError: reports that decide it may have expired (they would read as
                silence), it has not settled yet, or its city version is not kept whole.
        """
        now_ms = self._clock.now_ms()
        if as_of_ms > now_ms - self._settings.allowed_lateness_ms:
            raise InstantOutOfRangeError(
                f"reports are given {self._settings.allowed_lateness_s:g} s to arrive:"
                " take an earlier moment"
            )
        since_ms = whole_since_ms(self._cities.at(as_of_ms), now_ms)
        if as_of_ms < since_ms:
            days, hours = divmod((now_ms - since_ms) // 3_600_000, 24)
            raise InstantOutOfRangeError(
                f"instants of the last {days} days {hours} hours can be made again: raw reports are"
                f" kept {RAW.duration_s // 86_400} days, and the longest window lies before an"
                " instant; older figures are in history and in published"
            )

    def kept(self, as_of_ms: int) -> Publication | None:
        """The recomputation that a list began with; None: it is no longer kept."""
        with self._guard:
            found = self._kept.get(as_of_ms)
        return None if found is None else found.publication

    def at(self, as_of_ms: int, is_wanted: Callable[[], bool]) -> Publication:
        """The figures of an instant with the evaluation behind them.

        Args:
            as_of_ms: the instant, an evaluation tick or not.
            is_wanted: asked again and again; once it says no, the work is called off.

        Raises:
            InstantOutOfRangeError: it cannot be made again.
            RecomputationBusyError: another is being made.
            RecomputationCalledOffError: it took too long, or nobody waits for it.
            StoreError: the database cannot answer.
        """
        fresh = self._fresh(as_of_ms)
        if fresh is not None:
            self.check(as_of_ms)
            return fresh
        if not self._busy.acquire(blocking=False):
            raise RecomputationBusyError("one is recomputed at a time; try again in a few seconds")
        try:
            self.check(as_of_ms)
            return self._make(as_of_ms, is_wanted)
        except MemoryError as error:
            raise RecomputationCalledOffError("it needs more memory than it may take") from error
        finally:
            self._busy.release()

    def _fresh(self, as_of_ms: int) -> Publication | None:
        with self._guard:
            found = self._kept.get(as_of_ms)
        if found is None or self._clock.monotonic_s() - found.made_s > FRESH_S:
            return None
        return found.publication

    def _make(self, as_of_ms: int, is_wanted: Callable[[], bool]) -> Publication:
        started_s = self._clock.monotonic_s()

        def check() -> None:
            if not is_wanted():
                raise RecomputationCalledOffError("the caller is gone")
            if self._clock.monotonic_s() - started_s > LIMIT_S:
                raise RecomputationCalledOffError(
                    f"it took more than {LIMIT_S:g} s; the database is busy"
                )

        evaluator = self._evaluator_of(self._cities.at(as_of_ms))
        store = GuardedStore(self._store, check)
        reader = StateReader(store, evaluator.inventory, self._settings, self._clock, is_live=False)
        reader.advance(as_of_ms)
        check()
        publication = Publication.of(evaluator.evaluate(reader.state, as_of_ms))
        with self._guard:
            self._kept[as_of_ms] = _Remade(publication, self._clock.monotonic_s())
            self._kept.move_to_end(as_of_ms)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return publication

    def _evaluator_of(self, city: City) -> Evaluator:
        """What is the same at every instant of a city version; of the last one it is kept."""
        if self._evaluator is None or self._evaluator.inventory.city is not city:
            self._evaluator = Evaluator(Inventory(city))
        return self._evaluator
