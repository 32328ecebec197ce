"""Requests are begun one at a time, so that many at once hold up nobody else.

From its head to its answer's first byte a request costs the event loop a millisecond or two. Two
hundred that come together would be begun in one turn of the loop, and whatever came after them,
such as the question whether the process lives, would wait for all of them. So a turn of the loop
begins one, and the questions of an orchestrator never wait.
"""

import asyncio
from collections import deque
from collections.abc import Callable

FIRST = (b"GET /healthz ", b"HEAD /healthz ", b"GET /readyz ", b"HEAD /readyz ")
"""Heads that never wait. They cost next to nothing."""


class Turns:
    """The order in which clients are heard; used from one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[bytes], None], bytes]] = deque()
        self._is_taken = False
        """One was begun in this turn of the loop."""

    def hear(self, data: bytes, take: Callable[[bytes], None]) -> bool:
        """Take what begins a request; False: it waits, and is taken in a later turn.

        A client that waits must not be read from meanwhile: there is room for one piece of each.
        """
        if data.startswith(FIRST):
            take(data)
            return True
        if self._is_taken:
            self._waiting.append((take, data))
            return False
        self._is_taken = True
        asyncio.get_running_loop().call_soon(self._next)
        take(data)
        return True

    def _next(self) -> None:
        self._is_taken = bool(self._waiting)
        if self._waiting:
            take, data = self._waiting.popleft()
            asyncio.get_running_loop().call_soon(self._next)
            take(data)
