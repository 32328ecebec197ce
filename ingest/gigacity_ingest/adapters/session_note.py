"""Whether the broker still has the session that this worker left there. Network thread only.

A persistent session that comes back empty has lost what waited in it, and nothing else tells of it:
the broker had acknowledged those messages. So the folder notes that a session was held.
"""

from datetime import UTC, datetime

import msgspec
import structlog

from gigacity_contract.clock import Clock
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.dead_letters.segments import replace_file

_NAME = "session.json"
log = structlog.get_logger("worker")


class SessionNote:
    """The note of one worker.

    Args:
        state: the worker's folder.
        endpoint: the broker and the client id; another broker or id is another session.
        health: is told of each session that came back without its queue.
        clock: of this process.
    """

    def __init__(
        self, state: StateFolder, endpoint: MQTTEndpoint, *, health: HealthState, clock: Clock
    ) -> None:
        self._path = state.path / _NAME
        self._body = msgspec.json.encode(
            {"broker": str(endpoint.address), "client_id": endpoint.client_id}
        )
        self._client_id = endpoint.client_id
        self._health = health
        self._clock = clock
        self._is_told = False

    def begun(self, *, is_resumed: bool) -> None:
        """A connection was accepted."""
        if is_resumed or not self._is_noted():
            return
        at = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).isoformat(timespec="seconds")
        self._health.failed(
            f"at {at} the broker no longer had the session of {self._client_id}: what it had"
            " acknowledged for it and not delivered is lost; see docs/runbook.md"
        )

    def held(self) -> bool:
        """The session has its subscriptions: from now on the broker keeps messages for it.

        Returns:
            Whether that is noted, durably; if not, call again.
        """
        if self._is_noted():
            return True
        try:
            replace_file(self._path, self._body)
        except OSError as error:
            if not self._is_told:
                log.warning("session_not_noted", problem=str(error))
            self._is_told = True
            return False
        return True

    def ended(self) -> None:
        """The session was ended on purpose."""
        self._path.unlink(missing_ok=True)

    def _is_noted(self) -> bool:
        try:
            return self._path.read_bytes() == self._body
        except OSError:
            return False
