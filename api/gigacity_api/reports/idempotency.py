"""Requests that carry an Idempotency-Key are done once (draft-ietf-httpapi-idempotency-key-header).

A client that got no answer sends the same again with the same key, and gets the first answer. Keys
are remembered for a day, in this process; after a restart an identical report is still recognised
as such (``log``), key or not. A request that failed is forgotten: it may be tried again.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from gigacity_api.errors import IdempotencyKeyReusedError, RequestInProgressError
from gigacity_contract.clock import Clock

A = TypeVar("A")

KEEP_S = 86_400
MAX_KEPT = 10_000
"""Beyond it the oldest key is forgotten."""

MAX_SIZE = 50_000
"""Of all answers together; beyond it the oldest are forgotten. A table has up to 2,000 entries."""


class _RememberedRequest(Generic[A]):
    """What a key was first sent with, and the answer once there is one."""

    def __init__(self, fingerprint: str, begun_s: float) -> None:
        self.fingerprint = fingerprint
        self.begun_s = begun_s
        self.answer: A | None = None


class Once(Generic[A]):
    """Remembers answers by who asked and with which key; safe to use from several threads."""

    def __init__(self, clock: Clock, size_of: Callable[[A], int] = lambda _: 1) -> None:
        """Remember nothing yet.

        Args:
            clock: tells when a key is too old.
            size_of: how much an answer holds, of what ``MAX_SIZE`` counts.
        """
        self._clock = clock
        self._size_of = size_of
        self._size = 0
        self._lock = threading.Lock()
        self._requests: OrderedDict[tuple[str, str], _RememberedRequest[A]] = OrderedDict()

    def do(self, who: str, key: str | None, fingerprint: str, work: Callable[[], A]) -> A:
        """The answer of the work, or the one that the key got before.

        Args:
            who: keys of different callers have nothing to do with each other.
            key: None: nothing is remembered.
            fingerprint: of the request; one key belongs to one request.
            work: is done at most once for a key, unless it raises.

        Raises:
            RequestInProgressError: the first request is still being worked on.
            IdempotencyKeyReusedError: the key was sent with another request.
        """
        if key is None:
            return work()
        known = self._known((who, key), fingerprint)
        if known is not None:
            return known
        try:
            answer = work()
        except BaseException:
            with self._lock:
                del self._requests[who, key]
            raise
        with self._lock:
            self._requests[who, key].answer = answer
            self._size += self._size_of(answer)
            self._forget(self._clock.monotonic_s())
        return answer

    def _known(self, name: tuple[str, str], fingerprint: str) -> A | None:
        """The answer that was given; None: the request is noted as begun, and is the caller's."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            self._forget(now_s, coming=1)
            request = self._requests.get(name)
            if request is None:
                self._requests[name] = _RememberedRequest(fingerprint, now_s)
                return None
        if request.fingerprint != fingerprint:
            raise IdempotencyKeyReusedError(
                "a key goes with one body; take a new one for a new request"
            )
        if request.answer is None:
            raise RequestInProgressError(
                "the first request with this Idempotency-Key has no answer yet; try again"
            )
        return request.answer

    def _forget(self, now_s: float, *, coming: int = 0) -> None:
        """Forget the oldest, until the rest and what is coming are within every bound."""
        for _ in range(len(self._requests)):
            name, request = next(iter(self._requests.items()))
            is_over = len(self._requests) + coming > MAX_KEPT or self._size > MAX_SIZE
            if not is_over and now_s - request.begun_s <= KEEP_S:
                return
            if request.answer is None:
                # Being worked on, it needs its place until it ends; the next one's turn is later.
                self._requests.move_to_end(name)
                continue
            del self._requests[name]
            self._size -= self._size_of(request.answer)
