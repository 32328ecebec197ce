"""Writes a revision: what came out otherwise than it stands, and what rests on it.

A figure that comes out as it was is left alone; one that changed is rewritten in ``indicator`` and
appended to ``indicator_log`` with the next revision; where the next instant stood on the rewritten
row, what stood there gets a row of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from gigacity_api.evaluator.change_only import StoredQuarter
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.lines import FigureLines, key_of
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.publishing import FigurePublisher, MonotonicTimestamps
from gigacity_api.evaluator.rewriting import changed_figures, log_lines, revised_lines
from gigacity_api.evaluator.stored import quarter_around
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.figures import Figure
from gigacity_api.metrics import ApiMetrics
from gigacity_api.storage.protocols import Store
from gigacity_contract.local_time import day_start_ms
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG

_log = structlog.get_logger("gigacity_api.revisions")


@dataclass(frozen=True)
class LiveEvaluation:
    """What a reviser shares with the evaluator of new instants."""

    cache: PublicationCache
    publisher: FigurePublisher
    timestamps: MonotonicTimestamps
    done_ms: Callable[[], int | None]
    """The newest instant that was evaluated: later ones will be read with what came late."""

    @classmethod
    def of(cls, core: EvaluatorCore, cache: PublicationCache) -> "LiveEvaluation":
        """What an evaluator shares."""
        return cls(cache, core.publisher, core.timestamps, lambda: core.done_ms)


class RevisionWriter:
    """Beside the publisher of new instants, and never in its way."""

    def __init__(self, store: Store, live: LiveEvaluation, metrics: ApiMetrics) -> None:
        self._store = store
        self._live = live
        self._metrics = metrics
        self._lines = FigureLines()

    def publish(self, evaluation: Evaluation, before: Callable[[int], None]) -> bool:
        """Write what changed at an instant.

        Args:
            evaluation: of the instant, with everything that is stored now.
            before: told of the instant's day before anything of it is written.

        Returns:
            False: a live publication came in between; what it rests on must be known first.

        Raises:
            StoreError: do it again.
        """
        publisher, instant = self._live.publisher, evaluation.as_of_ms
        generation = publisher.generation()
        if generation is None:
            return False
        quarter = quarter_around(self._store, instant)
        changed = changed_figures(evaluation.figures, quarter, instant)
        if not changed:
            return True
        before(day_start_ms(instant))
        # First: a write that fails may still have changed what the next publication rests on.
        if not publisher.claim(generation, map(key_of, changed)):
            return False
        known = quarter.instants.get(instant)
        revision = 0 if known is None else known.revision + 1
        self._write(Publication.of(replace(evaluation, revision=revision)), changed, quarter)
        return True

    def _write(
        self, publication: Publication, changed: list[Figure], quarter: StoredQuarter
    ) -> None:
        logged = log_lines(publication, changed, self._live.timestamps.next_ns(), self._lines)
        # At the moment that the log names, as a live publication is.
        self._live.cache.replace(publication)
        writes = revised_lines(publication, changed, quarter, self._lines)
        # The log first: should the second write fail, the instant is revised once more, and the
        # log shows both; the other way round the log would miss one.
        self._store.write(INDICATOR_LOG, logged)
        for lines in writes:
            self._store.write(INDICATOR, lines)
        self._metrics.revisions.inc()
        _log.info(
            "figures revised", as_of_ms=publication.as_of_ms, revision=publication.revision,
            figures=len(changed),
        )  # fmt: skip
