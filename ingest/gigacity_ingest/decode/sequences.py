"""Makes gaps in the publishers' ``seq`` visible. Counts only: a gap never refuses a message."""

UNKNOWN = -2
"""Before the first message of a publisher."""
_MAX_NAMED = 1000


class SequenceTracker:
    """Counts gaps and reordering; each publisher's last number is kept by the caller.

    A publisher that starts again from 0 or 1 has restarted; that is no gap.
    """

    def __init__(self, max_named: int = _MAX_NAMED) -> None:
        self.gaps = 0
        """Messages that were counted by their publisher and never seen here."""
        self.reordered = 0
        """Messages that came after a later one, redeliveries apart."""
        self.unnamed = 0
        """Irregularities of publishers beyond the bound of ``by_publisher``."""
        self._max_named = max_named
        self.by_publisher: dict[str, list[int]] = {}
        """Gaps and reordered messages of each publisher that had any, up to a bound."""

    def observe(self, publisher: str, last: int, seq: int) -> int:
        """Take note of one message's number.

        Args:
            publisher: whose message it is, for people.
            last: what this returned for the publisher's message before, at first UNKNOWN.
            seq: the number.

        Returns:
            What to give as ``last`` next time.
        """
        if last == UNKNOWN or seq == last + 1:
            return seq
        if seq > last + 1:
            self.gaps += seq - last - 1
            self._name(publisher, 0, seq - last - 1)
            return seq
        if seq <= 1:
            return seq
        if seq < last:
            self.reordered += 1
            self._name(publisher, 1, 1)
        return last

    def _name(self, publisher: str, which: int, count: int) -> None:
        counts = self.by_publisher.get(publisher)
        if counts is None:
            if len(self.by_publisher) >= self._max_named:
                self.unnamed += count
                return
            counts = self.by_publisher[publisher] = [0, 0]
        counts[which] += count

    def worst(self, count: int) -> list[tuple[str, int, int]]:
        """Publishers with the most gaps: name, gaps, reordered messages."""
        named = [(name, gaps, late) for name, (gaps, late) in list(self.by_publisher.items())]
        return sorted(named, key=lambda row: (-row[1], -row[2], row[0]))[:count]
