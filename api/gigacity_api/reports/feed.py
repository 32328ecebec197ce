"""The thread that keeps a report log current, so that no request waits for the database."""

import threading

import structlog

from gigacity_api.errors import StoreError
from gigacity_api.reports.log import ReportLog

EVERY_S = 2.0
"""How soon an entry of another process shows here."""

_log = structlog.get_logger("gigacity_api.reports")


class ReportFeed:
    """Refreshes a log every two seconds, for as long as the service runs."""

    def __init__(self, log: ReportLog) -> None:
        self._reports = log
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gigacity-api[reports]")
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
            self._reports.refresh()
        except StoreError as error:
            if not self._failing:
                _log.warning("reports wait for the database", reason=str(error))
            self._failing = True
        else:
            self._failing = False

    def _run(self) -> None:
        while not self._stop.is_set():
            self.tick()
            self._stop.wait(EVERY_S)
