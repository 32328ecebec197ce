"""What pages of visitors listen to: that there is a new evaluation, and nothing of it.

A page then asks for itself again, so that one rendering serves readers with and without a script.
"""

import asyncio
from collections.abc import AsyncGenerator

from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.http.bounded import Slots

RETRY_MS = 5_000
LOOK_S = 0.5
HEARTBEAT_S = 15.0


class PageEvents:
    """Tells visitors of new evaluations."""

    def __init__(self, cache: PublicationCache, slots: Slots) -> None:
        """Nobody listens.

        Args:
            cache: looked at twice a second by each who listens.
            slots: held by each while it is connected.
        """
        self._cache = cache
        self.slots = slots

    async def events(self) -> AsyncGenerator[bytes, None]:
        """The newest evaluation at once, then every new one, for ever."""
        yield f"retry: {RETRY_MS}\n\n".encode()
        last, silent_s = "", 0.0
        while True:
            newest = self._cache.newest()
            at = "" if newest is None else f"{newest.as_of_ms}-{newest.revision}"
            if at != last:
                last, silent_s = at, 0.0
                yield f"event: evaluation\ndata: {at}\n\n".encode()
            elif silent_s >= HEARTBEAT_S:
                silent_s = 0.0
                yield b": nothing new\n\n"
            await asyncio.sleep(LOOK_S)
            silent_s += LOOK_S
