"""An asyncio loop in a thread, for publishers and proxies, driven from code that blocks."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs from construction to ``close``."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = Thread(target=self.loop.run_forever, name="fault-loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], *, timeout_s: float = 60.0) -> T:
        """Run a coroutine there and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def call_each(self, calls: Iterable[Callable[[], None]]) -> None:
        """Make these calls there, one after the other, in one turn of the loop."""

        def call_all() -> None:
            for call in calls:
                call()

        self.loop.call_soon_threadsafe(call_all)

    def close(self) -> None:
        """Cancel whatever still runs, and end."""
        self.run(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _cancel_all(self) -> None:
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
