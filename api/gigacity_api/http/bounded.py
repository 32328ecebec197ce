"""Streamed answers of which only so many are sent at a time."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi.responses import StreamingResponse
from starlette.responses import ContentStream

from gigacity_api.http.problem_types import ApiProblem

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class Slots:
    """How many answers of a kind may be sent at the same time; safe in several threads."""

    def __init__(self, size: int, problem: ApiProblem) -> None:
        """All are free.

        Args:
            size: how many there are.
            problem: raised for who finds none.
        """
        self._size = size
        self._problem = problem
        self._lock = threading.Lock()
        self.taken = 0

    def __enter__(self) -> None:
        """Take one; looking and taking are one step."""
        with self._lock:
            if self.taken >= self._size:
                raise self._problem
            self.taken += 1

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        with self._lock:
            self.taken -= 1


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
