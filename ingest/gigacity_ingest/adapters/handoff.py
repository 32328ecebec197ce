"""Batches from the network thread to the sink thread, and their outcomes back."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

from gigacity_ingest.adapters.waker import Waker

T = TypeVar("T")


class Queue(Generic[T]):
    """A queue from which its producer may take back what was not begun.

    It is not bounded itself: Receive Maximum bounds what the broker sends before it is
    acknowledged, and messages of an ended connection are taken back.
    """

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._is_closed = False

    def put(self, item: T) -> None:
        """Add an item; never blocks."""
        with self._changed:
            self._items.append(item)
            self._changed.notify()

    def take(self, timeout_s: float) -> T | None:
        """The next item, or None if none came in time."""
        with self._changed:
            if not self._items and not self._is_closed:
                self._changed.wait(timeout_s)
            return self._items.popleft() if self._items else None

    def close(self) -> None:
        """Let nobody wait for items any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def take_back(self, items: Sequence[T]) -> list[T]:
        """Remove those of the items that nobody has taken yet, and name them."""
        with self._changed:
            present = [item for item in self._items if any(item is other for other in items)]
            for item in present:
                self._items.remove(item)
        return present


class Results(Generic[T]):
    """Outcomes for the network thread; each one wakes its selector."""

    def __init__(self, waker: Waker) -> None:
        self._waker = waker
        self._items: deque[T] = deque()

    def put(self, item: T) -> None:
        """Add an outcome; never blocks."""
        self._items.append(item)
        self._waker.wake()

    def drain(self) -> list[T]:
        """Every outcome that has come, in order."""
        items = []
        while self._items:
            items.append(self._items.popleft())
        return items
