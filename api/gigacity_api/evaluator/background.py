"""The thread of everything that may wait: revisions, roll-ups, daily figures.

It works in small pieces, never begins one while an evaluation is under way, and rests after each
in proportion to the time it took, so that live figures keep most of the database. Tasks take turns.
One that fails pauses, longer each time, and says so once; the others go on.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from gigacity_api.errors import StoreError
from gigacity_api.metrics import ApiMetrics
from gigacity_contract.clock import Clock

MAX_SHARE = 0.5
"""Share of the time that the background may keep the database busy."""

LONGEST_REST_S = 5.0
IDLE_S = 1.0
BUSY_S = 0.05
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0

_log = structlog.get_logger("gigacity_api.background")


class Task(Protocol):
    """Something that is done piece by piece."""

    name: str

    def step(self) -> bool:
        """One bounded piece; False if there was none. Raises StoreError to be tried again."""
        ...


class _Turn:
    """A task, and how long it pauses after a failure."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.pause_s = 0.0
        self.until_s = 0.0


class Background:
    """Runs tasks in a thread of its own."""

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        is_busy: Callable[[], bool],
        clock: Clock,
        metrics: ApiMetrics,
    ) -> None:
        self._turns = deque(_Turn(task) for task in tasks)
        self._is_busy = is_busy
        self._clock = clock
        self._metrics = metrics
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gigacity-api[background]")

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end, and wait until its current piece is done."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(self.tick())

    def tick(self) -> float:
        """One piece of one task; returns the seconds to rest."""
        for _ in range(len(self._turns)):
            if self._is_busy():
                return BUSY_S
            turn = self._turns[0]
            self._turns.rotate(-1)
            started_s = self._clock.monotonic_s()
            if started_s >= turn.until_s and self._step(turn):
                took_s = self._clock.monotonic_s() - started_s
                return min(LONGEST_REST_S, took_s * (1 / MAX_SHARE - 1))
        return IDLE_S

    def _step(self, turn: _Turn) -> bool:
        try:
            worked = turn.task.step()
        except StoreError as error:
            self._failed(turn, str(error))
            return False
        except Exception as error:  # noqa: BLE001 - the outermost loop: it must outlive a bug.
            _log.exception("background work failed", task=turn.task.name)
            self._failed(turn, f"internal error: {type(error).__name__}: {error}")
            return False
        if turn.pause_s:
            _log.info("background work goes on", task=turn.task.name)
            turn.pause_s = 0.0
        return worked

    def _failed(self, turn: _Turn, why: str) -> None:
        if not turn.pause_s:
            _log.warning("background work waits", task=turn.task.name, reason=why)
        self._metrics.background_failures.labels(turn.task.name).inc()
        turn.pause_s = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, 2 * turn.pause_s))
        turn.until_s = self._clock.monotonic_s() + turn.pause_s
