"""A replica: serves what the evaluating process published, read from the database.

The city's figures of an instant are written after all others: once they are there, it is whole.
"""

from collections.abc import Iterable

from gigacity_api.errors import CityVersionLostError
from gigacity_api.evaluator.core import PublishedRow
from gigacity_api.evaluator.lines import figure_of_row
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings, newest_due_ms
from gigacity_api.evaluator.stored import quarter_until
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level, codes_of
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.storage.protocols import Cities, Store
from gigacity_api.storage.queries.figures import city_figures
from gigacity_contract.clock import Clock

LOOK_BACK_MS = 3_600_000
"""How old the newest publication may be to be served at all."""


class FollowerCore:
    """Reads the newest publication whenever there is one."""

    def __init__(
        self,
        *,
        store: Store,
        cache: PublicationCache,
        cities: Cities,
        settings: EvaluationSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._cache = cache
        self._cities = cities
        self._settings = settings
        self._clock = clock
        self._served: tuple[int, int] = (0, -1)
        self.done_ms: int | None = None
        """The last instant that was read."""

    def step(self) -> bool:
        """Read the newest publication, if it is not the one that is served.

        Returns:
            False: nothing more is to be had at once.

        Raises:
            StoreError: call again later.
        """
        self._cities.refresh()
        newest = newest_due_ms(self._settings, self._clock.now_ms())
        query = city_figures(newest - LOOK_BACK_MS, newest)
        latest = max(
            (
                (row.time, row.revision or 0)
                for rows in self._store.rows(query, PublishedRow)
                for row in rows
            ),
            default=None,
        )
        if latest is None:
            if self.done_ms is None:
                self._cache.set_trouble(
                    "no published figures yet; is a `gigacity api --evaluate` running?"
                )
            return False
        if latest != self._served:
            self._serve(*latest)
        return False

    def _serve(self, as_of_ms: int, revision: int) -> None:
        quarter = quarter_until(self._store, as_of_ms)
        version = quarter.instants[as_of_ms].city_version if as_of_ms in quarter.instants else ""
        figures = [figure_of_row(row) for row in quarter.at(as_of_ms).values()]
        try:
            city = self._cities.at(as_of_ms)
        except CityVersionLostError:
            # The figures are stored; the city only gives them names and an order.
            city = self._cities.current
        if city.version != self._cache.inventory.city.version:
            self._cache.use(Inventory(city))
        inventory = self._cache.inventory
        said = tuple(_as_evaluated(figures, inventory))
        self._cache.put(
            Publication(
                as_of_ms=as_of_ms,
                city_version=version,
                revision=revision,
                figures=said,
                inventory=inventory,
                evaluation=None,
            )
        )
        self._served = (as_of_ms, revision)
        self.done_ms = as_of_ms


def _as_evaluated(figures: Iterable[Figure], inventory: Inventory) -> list[Figure]:
    """In the order of the evaluator, so that pages of a list may come from either process.

    Figures that only another release knows are left out: nothing here names them.
    """
    definitions = _numbers(REGISTRY)
    codes = {level: _numbers(codes_of(inventory, level)) for level in Level}

    def rank(figure: Figure) -> tuple[int, int, int, str]:
        level = Level(figure.scope)
        number = codes[level].get(figure.code, len(codes[level]))
        levels = REGISTRY[figure.indicator].levels
        return definitions[figure.indicator], levels.index(level), number, figure.code

    known = (f for f in figures if f.indicator in REGISTRY)
    return sorted((f for f in known if f.scope in REGISTRY[f.indicator].levels), key=rank)


def _numbers(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}
