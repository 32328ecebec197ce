"""Looks after the mappings of foreign sources in a thread of its own; hands over what is whole.

Mappings that are wrong leave those in force where they are: all of them, not only the wrong one.
"""

import threading
from collections import deque

import structlog

from gigacity_contract.errors import GigacityError
from gigacity_ingest.adapters.source_folder import SourceFolder
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.mapping.sources import SourceSet

LOOK_S = 2.0
_CLOSE_S = 2.0
_MAX_PROBLEM_CHARS = 1000
log = structlog.get_logger("sources")


class SourceWatch:
    """Watches the mappings of one worker.

    Args:
        folder: of them, loaded once.
        version: in force.
        health: says whether the folder holds what is in force.
        waker: of the network thread, which takes the changes.
    """

    def __init__(
        self, folder: SourceFolder, version: str, *, health: HealthState, waker: Waker
    ) -> None:
        self._folder = folder
        self._version = version
        self._health = health
        self._waker = waker
        self._changes: deque[SourceSet] = deque(maxlen=1)
        self._is_forced = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sources", daemon=True)

    def start(self) -> None:
        """Watch in a thread."""
        self._thread.start()

    def look_now(self) -> None:
        """Load at the next look, changed or not; safe in a signal handler."""
        self._is_forced = True

    def take(self) -> SourceSet | None:
        """The newest version that was not taken yet."""
        return self._changes.popleft() if self._changes else None

    def close(self) -> None:
        """End the thread; a load under way is waited for at most so long."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_S)

    def _run(self) -> None:
        while not self._closing.wait(LOOK_S):
            self.look()

    def look(self) -> None:
        """Load a folder that changed and stood still, or that is asked for."""
        is_forced, self._is_forced = self._is_forced, False
        try:
            if not (is_forced or self._folder.is_due()):
                return
            sources = self._folder.load()
        except GigacityError as error:
            self._refuse(str(error))
        except Exception as error:
            log.exception("sources_not_loaded")
            self._refuse(f"fault of the worker: {error!r}")
        else:
            self._health.ok(version=sources.version)
            if sources.version != self._version:
                self._version = sources.version
                self._changes.append(sources)
                self._waker.wake()

    def _refuse(self, problem: str) -> None:
        if len(problem) > _MAX_PROBLEM_CHARS:
            problem = f"{problem[:_MAX_PROBLEM_CHARS]} ..."
        self._health.failed(
            f"mappings {self._version[:12]} stay in force; mend them (gigacity mapping check names"
            f" every fault): {problem}"
        )
