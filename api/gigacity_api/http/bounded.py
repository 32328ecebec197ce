"""Streamed answers of which only so many are sent at a time."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi.responses import StreamingResponse
from starlette.responses import ContentStream

from gigacity_api.http.problem_types import ApiProblem
from gigacity_api.http.shares import CALLER

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class Slots:
    """How many answers of a kind may be sent at the same time; safe in several threads.

    One key has a share of them, so that the others find some, whatever it does with its own.
    """

    def __init__(self, size: int, problem: ApiProblem, *, per_key: int | None = None) -> None:
        """All are free.

        Args:
            size: how many there are.
            problem: raised for who finds none.
            per_key: how many of them one key may hold; None: all.
        """
        self._size = size
        self._per_key = size if per_key is None else per_key
        self._of_key: Counter[str] = Counter()
        self._problem = problem
        self._lock = threading.Lock()
        self.taken = 0

    def __enter__(self) -> None:
        """Take one; looking and taking are one step."""
        with self._lock:
            key = CALLER.get()
            if self.taken >= self._size or self._of_key[key] >= self._per_key:
                raise self._problem
            self.taken += 1
            self._of_key[key] += 1

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        with self._lock:
            self.taken -= 1
            self._of_key[CALLER.get()] -= 1


class BoundedStream(StreamingResponse):
    """A streamed answer that holds a slot while it is sent.

    The slot is taken before the first byte, so that who finds none still gets a problem, and not
    when the answer is made: one whose client is gone before it is sent would keep it for ever.
    """

    def __init__(
        self,
        content: ContentStream,
        slots: Slots,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type)
        self._slots = slots

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send it, or raise the problem that no slot is free."""
        with self._slots:
            await super().__call__(scope, receive, send)
