"""Which events of life and safety are passed on: each call once a while, nobody's flood. Pure.

A device repeats its call with every report, and a broken one for ever; a gateway can claim that all
of its devices burn. So a device is passed on once a minute, and each community has a budget: one
that is used up holds up nobody else's. What is left out here is found by the alarm engine.
"""

from collections.abc import Iterable

import msgspec

from gigacity_ingest.decode.safety import SafetyCall, safety_event
from gigacity_ingest.formats.readings import Answer

REPEAT_MS = 60_000
BURST = 50
"""Devices of one community at once."""
REFILL_MS = 1_000
"""One more each second."""
TOO_OLD_MS = 300_000
"""A late report tells of the past: it is nobody's emergency."""
MAX_REMEMBERED = 50_000


class SafetyRelay:
    """Picks what is passed on."""

    def __init__(self) -> None:
        self._last_ms: dict[str, int] = {}
        """When a device was passed on."""
        self._budgets: dict[str, tuple[float, int]] = {}
        """By community: how many are left, and since when."""
        self.passed_on = 0
        self.left_out = 0
        """By the budget of their community."""

    def messages(self, calls: Iterable[SafetyCall], now_ms: int) -> list[Answer]:
        """What is to be published now.

        Args:
            calls: as they were decoded.
            now_ms: the worker's wall clock.
        """
        found = []
        for device, ts in calls:
            last_ms = self._last_ms.get(device)
            if ts < now_ms - TOO_OLD_MS:
                continue
            if last_ms is not None and _is_repeated(last_ms, now_ms):
                continue
            event = safety_event(device, ts)
            if not self._takes(event.community, now_ms):
                self.left_out += 1
                continue
            self._remember(device, now_ms)
            self.passed_on += 1
            found.append(Answer(event.topic, msgspec.json.encode(event)))
        return found

    def _takes(self, community: str, now_ms: int) -> bool:
        left, since_ms = self._budgets.get(community, (BURST, now_ms))
        left = min(BURST, left + max(0, now_ms - since_ms) / REFILL_MS)
        is_taken = left >= 1
        if len(self._budgets) >= MAX_REMEMBERED:
            self._budgets.clear()
        self._budgets[community] = (left - is_taken, now_ms)
        return is_taken

    def _remember(self, device: str, now_ms: int) -> None:
        if len(self._last_ms) >= MAX_REMEMBERED:
            recent = {d: at for d, at in self._last_ms.items() if _is_repeated(at, now_ms)}
            self._last_ms = recent if len(recent) < MAX_REMEMBERED else {}
        self._last_ms[device] = now_ms


def _is_repeated(last_ms: int, now_ms: int) -> bool:
    # A clock that was set back must silence nobody until it has caught up.
    return 0 <= now_ms - last_ms < REPEAT_MS
