"""Lanes: few threads for what would hold up the event loop, and a fair order among keys.

Python computes in one thread at a time: more threads that compute would only slow the event loop
and the evaluator. So what computes has one thread, in which each key has its turn, and what waits
for the database has a few of its own. Long answers are made piece by piece, and give way to an
evaluation, which would take its turns with them: for so long that it is done, and no longer.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TypeVar

from anyio import to_thread

from gigacity_api.http.problem_types import ApiProblem
from gigacity_api.http.shares import CALLER, KeyShares

T = TypeVar("T")

GIVES_WAY_S = 2.0
"""Long answers wait so long for one evaluation: one that takes longer waits for the database."""

_LOOK_S = 0.005
_NOT_YET_S = 0.01
_END = object()


class Lane:
    """Runs what blocks in a few threads; waiting keys take turns. Used from one event loop."""

    def __init__(
        self,
        threads: int,
        shares: KeyShares,
        *,
        waiting: int | None = None,
        problem: ApiProblem | None = None,
        under_way: Callable[[], int | None] = lambda: None,
    ) -> None:
        """All threads are free.

        Args:
            threads: that run at a time.
            shares: where a key is charged with what it computes.
            waiting: how many requests of one key may wait; None: as many as are answered.
            problem: raised for a further one.
            under_way: the number of the evaluation that runs, if one does.
        """
        self._free = threads
        self._shares = shares
        self._waiting = waiting
        self._problem = problem
        self._under_way = under_way
        self._gave_way_to = -1
        self._since_s = 0.0
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    async def run(self, work: Callable[[], T]) -> T:
        """The result of what blocks, once the key's turn has come.

        Raises:
            ApiProblem: too many requests of the key wait already.
        """
        await self._turn()
        try:
            # As-is work cannot be broken off: its thread is free only once it has ended.
            return await to_thread.run_sync(self._charged, work, CALLER.get())
        finally:
            self._next()

    async def each(self, parts: Iterable[bytes | None]) -> AsyncIterator[bytes]:
        """Parts that are made one by one, each in a turn of its own.

        Empty ones are no parts. None says that the next one is not there yet: it is asked for again
        a little later, and the thread is free until then.
        """
        iterator = iter(parts)
        while (part := await self.run(lambda: next(iterator, _END))) is not _END:
            if part is None:
                await asyncio.sleep(_NOT_YET_S)
            elif isinstance(part, bytes) and part:
                yield part
            await self._give_way()

    async def _give_way(self) -> None:
        while (step := self._under_way()) is not None:
            now_s = time.monotonic()
            if step != self._gave_way_to:
                self._gave_way_to, self._since_s = step, now_s
            if now_s - self._since_s >= GIVES_WAY_S:
                return
            await asyncio.sleep(_LOOK_S)

    def _charged(self, work: Callable[[], T], key: str) -> T:
        started_s = time.thread_time()
        try:
            return work()
        finally:
            self._shares.charge(key, time.thread_time() - started_s)

    async def _turn(self) -> None:
        if self._free:
            self._free -= 1
            return
        queue = self._queues.setdefault(CALLER.get(), deque())
        if (
            self._problem is not None
            and self._waiting is not None
            and (sum(not turn.done() for turn in queue) >= self._waiting)
        ):
            raise self._problem
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._next()
            raise

    def _next(self) -> None:
        """Give the thread to the key that has waited longest for a turn."""
        for key in tuple(self._queues):
            queue = self._queues.pop(key)
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    if queue:
                        self._queues[key] = queue
                    turn.set_result(None)
                    return
        self._free += 1
