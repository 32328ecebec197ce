"""Batches from the network thread to the sink thread, and their outcomes back."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.pipeline.batch import Batch

T = TypeVar("T")


class Queue:
    """Batches that nobody has begun; their producer may take them back.

    It is not bounded itself: the ingestor says when nothing more should be read, and messages of an
    ended connection are taken back.

    Args:
        waker: of the consumer.
    """

    def __init__(self, waker: Waker) -> None:
        self._waker = waker
        self._batches: deque[Batch] = deque()
        self._lock = threading.Lock()

    def put(self, batch: Batch) -> None:
        """Add a batch; never blocks."""
        with self._lock:
            self._batches.append(batch)
        self._waker.wake()

    def take_batch(self) -> Batch | None:
        """The oldest batch, or None."""
        with self._lock:
            return self._batches.popleft() if self._batches else None

    def oldest_s(self) -> float | None:
        """When the oldest batch was opened, on the monotonic clock."""
        with self._lock:
            return self._batches[0].opened_s if self._batches else None

    def take_back(self, batches: Sequence[Batch]) -> list[Batch]:
        """Remove those of the batches that nobody has taken yet, and name them."""
        numbers = {batch.number for batch in batches}
        with self._lock:
            present = [batch for batch in self._batches if batch.number in numbers]
            self._batches = deque(b for b in self._batches if b.number not in numbers)
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
