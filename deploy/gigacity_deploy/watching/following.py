"""Asks the API again and again, in a thread of its own, so that keys never wait for it."""

import threading
from dataclasses import replace

from gigacity_contract.clock import Clock
from gigacity_deploy.api_client import ApiAnswerError, ApiClient
from gigacity_deploy.watching.board import SystemReading

MOST_ALARMS = 1_000


class ReadingFollower:
    """Keeps the newest reading; what did not change costs a 304."""

    def __init__(self, client: ApiClient, clock: Clock, *, every_s: float = 2.0) -> None:
        self._client, self._clock, self._every_s = client, clock, every_s
        self.reading = SystemReading()
        """The newest one; assigned by one thread."""
        self._again = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._follow, name="readings", daemon=True)

    def look(self) -> SystemReading:
        """Ask once."""
        found = self.reading
        try:
            card = self._client.news("/api/v1/scorecard")
            if card is not None:
                found = replace(found, scorecard=card, known_at_s=self._clock.monotonic_s())
            page = self._client.news(f"/api/v1/alarms?state=open&limit={MOST_ALARMS}")
            if page is not None:
                found = replace(found, alarms=tuple(page["items"]), total=page["total"])
            found = replace(found, trouble="")
        except ApiAnswerError as error:
            found = replace(found, trouble=str(error))
        self.reading = found
        return found

    def start(self) -> None:
        """Go on asking until the process ends."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._is_stopping = True
        self._again.set()

    def soon(self) -> None:
        """Ask at once: something was done."""
        self._again.set()

    def _follow(self) -> None:
        while not self._is_stopping:
            self.look()
            self._again.wait(self._every_s)
            self._again.clear()
