"""The thread that steps a core by the clock, for as long as the service runs.

The database may be away: the thread says so once, keeps trying with growing pauses, and says once
that it is back. An error that is nobody's plan is logged with its trace, counted, and tried again,
since a service that goes on serving old figures must say so rather than die.
"""

import gc
import threading
from typing import Protocol

import structlog

from gigacity_api.errors import StoreError
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings, wait_s
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.metrics import ApiMetrics
from gigacity_contract.clock import Clock

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0

CHECK_S = 1.0
"""Longest single wait: a clock that is set forward is noticed soon."""

_log = structlog.get_logger("gigacity_api.evaluator")


class Core(Protocol):
    """What the driver drives."""

    done_ms: int | None

    def step(self) -> bool:
        """Do what is due; True if more may be due at once. Raises StoreError to be called again."""
        ...


class Driver:
    """Runs a core in a thread of its own."""

    def __init__(
        self,
        *,
        core: Core,
        cache: PublicationCache,
        settings: EvaluationSettings,
        clock: Clock,
        metrics: ApiMetrics,
    ) -> None:
        self._core = core
        self._cache = cache
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._stop = threading.Event()
        self._steps = 0
        self._is_busy = False
        self._thread = threading.Thread(target=self._run, name="gigacity-api[evaluator]")
        self._pause_s = 0.0
        self._frozen_for: Inventory | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end, and wait until its current step is done."""
        self._stop.set()
        self._thread.join()

    @property
    def is_busy(self) -> bool:
        """Whether a step is under way: what may wait should."""
        return self._is_busy

    @property
    def under_way(self) -> int | None:
        """The number of the step under way; None: there is none."""
        return self._steps if self._is_busy else None

    def _run(self) -> None:
        while not self._stop.is_set():
            self._steps += 1
            self._is_busy = True
            pause_s = self.tick()
            self._is_busy = False
            self._stop.wait(pause_s)

    def tick(self) -> float:
        """One step; returns the seconds to wait before the next one."""
        try:
            more = self._core.step()
        except StoreError as error:
            return self._failed(str(error))
        except Exception as error:  # noqa: BLE001 - the outermost loop: it must outlive a bug.
            _log.exception("evaluation failed")
            return self._failed(f"internal error: {type(error).__name__}: {error}")
        if self._pause_s:
            _log.info("evaluation works again")
            self._pause_s = 0.0
        if more:
            return 0.0
        done = self._core.done_ms
        if done is None:
            return CHECK_S
        self._leave_city_alone()
        self._metrics.as_of.set(done / 1000)
        return max(0.05, min(CHECK_S, wait_s(self._settings, self._clock.now_ms(), done)))

    def _leave_city_alone(self) -> None:
        """Keep what lives as long as the city file out of every further search for garbage.

        Such a search stops every thread for 0.3 to 0.8 s in a large city, and a page of evidence
        makes enough objects to cause one.
        """
        inventory = self._cache.inventory
        if inventory is not self._frozen_for:
            self._frozen_for = inventory
            gc.collect()
            gc.freeze()

    def _failed(self, why: str) -> float:
        if not self._pause_s:
            _log.warning("evaluation waits for the database", reason=why)
        self._metrics.failures.inc()
        self._cache.set_trouble(why)
        self._pause_s = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, 2 * self._pause_s))
        return self._pause_s
