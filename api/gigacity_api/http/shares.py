"""Fair shares: how much of the process one key may hold at a time, and use over time.

A key is what is shared out, since it is all that tells callers apart: addresses are a proxy's.
"""

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from gigacity_api.http.problem_types import TOO_MANY_REQUESTS, WORK_USED_UP, ApiProblem
from gigacity_contract.clock import Clock

CALLER: ContextVar[str] = ContextVar("caller", default="")
"""Name of the key of the request that is being answered; empty outside of one."""


@dataclass(frozen=True, slots=True)
class ShareSettings:
    """What one key may take."""

    requests: int = 64
    """Being answered at a time, sending included; subscribers of the stream are not counted."""
    work_s: float = 60.0
    """Seconds of computing that a key has saved at most."""
    work_share: float = 0.5
    """Seconds that it saves each second."""


class KeyShares:
    """What each key holds and has used; safe in several threads."""

    def __init__(self, settings: ShareSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self._full_at_s: dict[str, float] = {}
        """When a key will have saved all that it may; absent: it has."""

    @contextmanager
    def request(self, key: str) -> Iterator[None]:
        """Hold a key's place for one request.

        Raises:
            ApiProblem: 429, too many are being answered, or it has used more than it saved.
        """
        with self._lock:
            self._check(key)
            self._running[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[key] -= 1
                if not self._running[key]:
                    del self._running[key]

    def _check(self, key: str) -> None:
        if self._running[key] >= self._settings.requests:
            raise ApiProblem(
                TOO_MANY_REQUESTS,
                f"{self._settings.requests} requests of this key are being answered; wait for one",
            )
        settings = self._settings
        missing_s = self._full_at_s.get(key, 0.0) - self._clock.monotonic_s()
        wait_s = missing_s - settings.work_s / settings.work_share
        if wait_s > 0:
            raise ApiProblem(
                WORK_USED_UP,
                f"this key has used its {settings.work_s:g} s of computing; it saves"
                f" {settings.work_share:g} s each second: try again in {math.ceil(wait_s)} s",
            ).later(math.ceil(wait_s))

    def charge(self, key: str, seconds: float) -> None:
        """Count work that has been done for a key."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            full_at_s = max(now_s, self._full_at_s.get(key, 0.0))
            self._full_at_s[key] = full_at_s + seconds / self._settings.work_share
            if len(self._full_at_s) > len(self._running) + 1000:
                self._full_at_s = {k: at for k, at in self._full_at_s.items() if at > now_s}
