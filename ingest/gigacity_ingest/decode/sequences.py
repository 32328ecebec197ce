"""Makes gaps in the publishers' ``seq`` visible. Counts only: a gap never refuses a message."""

from collections.abc import Hashable


class SequenceTracker:
    """Remembers the last ``seq`` of each publisher, up to a bound.

    A publisher that starts again from 0 or 1 has restarted; that is no gap.
    """

    def __init__(self, max_publishers: int = 500_000) -> None:
        self.gaps = 0
        """Messages that were counted by their publisher and never seen here."""
        self.reordered = 0
        """Messages that came after a later one, redeliveries included."""
        self._max_publishers = max_publishers
        self._last: dict[Hashable, int] = {}

    def observe(self, publisher: Hashable, seq: int) -> None:
        """Take note of one message's number."""
        last = self._last.get(publisher)
        if last is None:
            if len(self._last) >= self._max_publishers:
                self._last.clear()
        elif seq > last + 1:
            self.gaps += seq - last - 1
        elif seq <= last and seq > 1:
            if seq < last:
                self.reordered += 1
            return
        self._last[publisher] = seq
