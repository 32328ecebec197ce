"""How alarm events reach those who deliver them: a bounded queue for each of them.

A queue never blocks the engine. When its reader is too slow the oldest event that is not about life
and safety is given up, and counted: the reader then asks for the list of alarms instead.
"""

from collections import deque
from collections.abc import Callable

from gigacity_api.alarms.model import AlarmEvent

MAX_WAITING = 10_000
"""Events of one queue."""


class NotificationQueue:
    """Events for one reader, oldest first. One thread puts, another takes."""

    def __init__(
        self, wake: Callable[[], None] = lambda: None, *, capacity: int = MAX_WAITING
    ) -> None:
        """Make an empty queue.

        Args:
            wake: called after every put, from the engine's thread; must not block.
            capacity: events that may wait.
        """
        self._wake = wake
        self._capacity = capacity
        self._urgent: deque[AlarmEvent] = deque()
        self._other: deque[AlarmEvent] = deque()
        self.dropped = 0
        """Events that were given up since the start."""

    def __len__(self) -> int:
        return len(self._urgent) + len(self._other)

    def put(self, event: AlarmEvent) -> None:
        """Add an event."""
        lane = self._urgent if event.is_life_safety else self._other
        if len(self) >= self._capacity:
            self._give_up()
        lane.append(event)
        self._wake()

    def _give_up(self) -> None:
        for lane in (self._other, self._urgent):
            try:
                lane.popleft()
            except IndexError:
                continue
            self.dropped += 1
            return

    def take(self, limit: int = 100) -> list[AlarmEvent]:
        """The next events: those about life and safety first; an empty list if none waits."""
        found: list[AlarmEvent] = []
        for lane in (self._urgent, self._other):
            while lane and len(found) < limit:
                try:
                    found.append(lane.popleft())
                except IndexError:  # The other thread gave it up between the two lines.
                    break
        return found


class Notifications:
    """Gives every event to every subscriber."""

    def __init__(self) -> None:
        self._queues: tuple[NotificationQueue, ...] = ()

    def subscribe(
        self, wake: Callable[[], None] = lambda: None, *, capacity: int = MAX_WAITING
    ) -> NotificationQueue:
        """A queue that gets every event from now on. Subscribe before the engine starts."""
        queue = NotificationQueue(wake, capacity=capacity)
        self._queues = (*self._queues, queue)
        return queue

    def publish(self, event: AlarmEvent) -> None:
        """Give an event to every queue."""
        for queue in self._queues:
            queue.put(event)
