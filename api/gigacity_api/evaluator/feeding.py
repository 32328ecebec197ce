"""Threads that keep what is read from the database current, so that no request waits for it."""

import threading
from collections.abc import Callable

import structlog

from gigacity_api.errors import StoreError

EVERY_S = 2.0
"""How soon an entry of another process shows here."""

_log = structlog.get_logger("gigacity_api.evaluator.feeding")


class Feed:
    """Refreshes something every two seconds, for as long as the service runs."""

    def __init__(self, name: str, refresh: Callable[[], object]) -> None:
        """Make the thread; it does not run yet.

        Args:
            name: of what is refreshed.
            refresh: may raise StoreError; it is called again.
        """
        self._name = name
        self._refresh = refresh
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"gigacity-api[{name}]")
        self._failing = False

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end, and wait for it."""
        self._stop.set()
        self._thread.join()

    def tick(self) -> None:
        """Refresh once; a database that is away is said once."""
        try:
            self._refresh()
        except StoreError as error:
            if not self._failing:
                _log.warning("reading waits for the database", of=self._name, reason=str(error))
            self._failing = True
        else:
            self._failing = False

    def _run(self) -> None:
        while not self._stop.is_set():
            self.tick()
            self._stop.wait(EVERY_S)
