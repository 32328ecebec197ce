"""Past instants evaluated one after another: a state of their city version that moves through them.

At each instant it says what a recomputation says that is made now: what came while it moved is read
again as well.
"""

from collections.abc import Iterable

from gigacity_api.evaluator.reading import StateReader
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.storage.late_data import LateDataMarker
from gigacity_api.storage.protocols import Cities, Store
from gigacity_contract.clock import Clock


class Backfill:
    """Cheap from one instant to a later one; an earlier one costs a whole window of rows."""

    def __init__(
        self, store: Store, cities: Cities, settings: EvaluationSettings, clock: Clock
    ) -> None:
        self._store = store
        self._cities = cities
        self._settings = settings
        self._clock = clock
        self._evaluator: Evaluator | None = None
        self._reader: StateReader | None = None

    def announce(self, markers: Iterable[LateDataMarker]) -> None:
        """Late data came."""
        if self._reader is not None:
            self._reader.announce(markers)

    def evaluate(self, instant: int) -> Evaluation:
        """An instant with everything that is stored now.

        Raises:
            StoreError: ask again.
            CityVersionLostError: nobody can tell any more.
        """
        evaluator, reader = self._at(instant)
        try:
            reader.advance(instant)
        except BaseException:
            # Whatever it was, the state may hold half of a reading.
            self._reader = None
            raise
        return evaluator.evaluate(reader.state, instant)

    def end(self) -> None:
        """Let the state go: nothing waits."""
        self._evaluator = self._reader = None

    def _at(self, instant: int) -> tuple[Evaluator, StateReader]:
        city = self._cities.at(instant)
        evaluator, reader = self._evaluator, self._reader
        if evaluator is None or evaluator.inventory.city.version != city.version:
            evaluator, reader = Evaluator(Inventory(city)), None
        if reader is None or (reader.done_ms is not None and reader.done_ms > instant):
            inventory = evaluator.inventory
            reader = StateReader(self._store, inventory, self._settings, self._clock, is_live=False)
        self._evaluator, self._reader = evaluator, reader
        return evaluator, reader
