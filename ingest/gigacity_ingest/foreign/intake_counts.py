"""What came of each source, since the process started. Written by the network thread alone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_MAX_NAMES = 64
"""Of what a format ignores; the names are the decoders' own, and few."""
_OTHER = "other"


@dataclass(slots=True)
class IntakeCounts:
    """Of one source."""

    messages: int = 0
    readings: int = 0
    """That decoding found, stored or not."""
    points: int = 0
    sessions: int = 0
    """Births and ends that became rows of presence."""
    stamped: int = 0
    """Reports that state no time, and got that of their arrival."""
    retained: int = 0
    """Readings of retained messages that state no time, and were not stored."""
    faults: int = 0
    """Messages with something that became a dead letter."""
    fields: Counter[str] = field(default_factory=Counter)
    """What became of properties, by outcome; fields that nobody maps are ``unmapped``."""
    answers: int = 0
    answers_withheld: int = 0
    """Answers beyond the rate, or that are no answers."""
    ignored: Counter[str] = field(default_factory=Counter)
    """By what the format calls it."""

    def ignore(self, names: Iterable[tuple[str, int]]) -> None:
        """Count what no reading is made of."""
        for name, count in names:
            is_known = name in self.ignored or len(self.ignored) < _MAX_NAMES
            self.ignored[name if is_known else _OTHER] += count
