"""One step of the evaluator: read, evaluate, publish. The clock says only when, never what."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import structlog

from gigacity_api.errors import CityVersionLostError
from gigacity_api.evaluator.change_only import StoredQuarter
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.publishing import FigurePublisher, MonotonicTimestamps
from gigacity_api.evaluator.reading import StateReader
from gigacity_api.evaluator.rewriting import changed_figures
from gigacity_api.evaluator.schedule import EvaluationSettings, newest_due_ms, next_due
from gigacity_api.evaluator.stored import quarter_around
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.metrics import ApiMetrics
from gigacity_api.storage.protocols import Cities, Store
from gigacity_api.storage.queries.figures import city_figures
from gigacity_contract.clock import Clock

_log = structlog.get_logger("gigacity_api.evaluator")


class PublishedRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``city_figures``."""

    time: int
    indicator: str
    revision: int | None


class EvaluatorCore:
    """Evaluates the instants that are due, one by one; it has no thread and never waits."""

    def __init__(
        self,
        *,
        store: Store,
        cache: PublicationCache,
        cities: Cities,
        settings: EvaluationSettings,
        clock: Clock,
        metrics: ApiMetrics,
        evaluated: Callable[[Publication], None] = lambda _: None,
    ) -> None:
        """Evaluate nothing yet.

        Args:
            store: the database.
            cache: what requests are answered from.
            cities: the city's versions.
            settings: tick and allowed lateness.
            clock: of the process.
            metrics: are counted.
            evaluated: is given each publication once it is served; must not raise.
        """
        self._evaluated = evaluated
        self._store = store
        self._cache = cache
        self._cities = cities
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._use(cache.inventory)
        self.timestamps = MonotonicTimestamps(clock)
        self.publisher = FigurePublisher(store, self.timestamps)
        self._resumed = False
        self._published: set[int] = set()
        self.done_ms: int | None = None
        """The last instant that was evaluated."""

    def step(self) -> bool:
        """Evaluate the next instant, if one is due, and write what is pending.

        Returns:
            Whether an instant was evaluated: another may be due at once.

        Raises:
            StoreError: nothing is lost by it; call again later.
        """
        self._cities.refresh()
        if not self._resumed:
            self._resume()
        due = next_due(self._settings, self._clock.now_ms(), self.done_ms)
        if due is not None:
            self._metrics.given_up.inc(due.given_up)
            self._evaluate_due(due.as_of_ms)
        # Last, so that a database that can be read but not written still gives fresh figures.
        self.publisher.flush()
        return due is not None

    def _evaluate_due(self, as_of_ms: int) -> None:
        try:
            self.evaluate(as_of_ms)
        except CityVersionLostError as error:
            # Figures over another version's objects would be wrong for ever.
            _log.error("instant not evaluated", as_of_ms=as_of_ms, reason=str(error))
            self._metrics.given_up.inc()
            self.done_ms = as_of_ms

    def evaluate(self, as_of_ms: int) -> Publication:
        """Evaluate one instant, serve it, and queue it for the database."""
        started_s = self._clock.monotonic_s()
        city = self._cities.at(as_of_ms)
        if city.version != self._evaluator.inventory.city.version:
            self._use(Inventory(city))
        is_known = as_of_ms in self._published
        stored = quarter_around(self._store, as_of_ms) if is_known else None
        reading = self._reader.advance(as_of_ms)
        read_s = self._clock.monotonic_s()
        evaluation = self._evaluator.evaluate(self._reader.state, as_of_ms)
        publication = self._publish(evaluation, stored)
        self.done_ms = as_of_ms
        self._metrics.evaluated(
            rows=reading.rows,
            late_ranges=reading.late_ranges,
            is_told=reading.is_told,
            read_s=read_s - started_s,
            compute_s=self._clock.monotonic_s() - read_s,
        )
        self._evaluated(publication)
        return publication

    def _publish(self, evaluation: Evaluation, stored: StoredQuarter | None) -> Publication:
        """Serve it and queue it; of an instant that is stored, only what came out otherwise."""
        as_of_ms = evaluation.as_of_ms
        known = None if stored is None else stored.instants.get(as_of_ms)
        if stored is None or known is None:
            publication = Publication.of(evaluation)
            self.publisher.add(publication, self._serve(publication))
            return publication
        changed = changed_figures(evaluation.figures, stored, as_of_ms)
        if known.city_version != evaluation.inventory.city.version:
            changed = list(evaluation.figures)
        revision = known.revision + bool(changed)
        publication = Publication.of(replace(evaluation, revision=revision))
        published_ns = self._serve(publication)
        if changed:
            self.publisher.add_revision(publication, changed, stored, published_ns)
        return publication

    def _serve(self, publication: Publication) -> int:
        """Serve it; returns since when, as the log will say."""
        published_ns = self.timestamps.next_ns()
        self._cache.put(publication)
        return published_ns

    def _use(self, inventory: Inventory) -> None:
        """Count over another city version; its state begins with whole windows."""
        self._evaluator = Evaluator(inventory)
        self._reader = StateReader(self._store, inventory, self._settings, self._clock)
        self._cache.use(inventory)

    def _resume(self) -> None:
        """Go on after the last instant that was published before this process started.

        If the newest due instant was, it is evaluated again: requests are answered from an
        evaluation, not from what one wrote. It is a further revision if anything comes out
        otherwise.
        """
        newest = newest_due_ms(self._settings, self._clock.now_ms())
        reach_ms = (self._settings.max_catch_up + 1) * self._settings.tick_ms
        query = city_figures(newest - reach_ms, newest)
        for rows in self._store.rows(query, PublishedRow):
            self._published.update(row.time for row in rows)
        if self._published:
            self.done_ms = min(max(self._published), newest - self._settings.tick_ms)
        self._resumed = True
