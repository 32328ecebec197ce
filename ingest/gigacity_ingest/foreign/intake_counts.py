"""What came of each source, since the process started. Written by the network thread alone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gigacity_ingest.mapping.counts import SourceCounts

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
    faults: int = 0
    """Messages with something that became a dead letter."""
    former_fields: Counter[str] = field(default_factory=Counter)
    """What became of properties under mappings that were in force before."""
    former_unused: Counter[str] = field(default_factory=Counter)
    """Readings that gave nothing, likewise."""
    mapped: SourceCounts | None = None
    """Counts of the mapping in force."""
    answers: int = 0
    answers_withheld: int = 0
    """Answers beyond the rate, or that are no answers."""
    ignored: Counter[str] = field(default_factory=Counter)
    """By what the format calls it."""

    @property
    def fields(self) -> Counter[str]:
        """What became of properties, by outcome; those that nobody maps are ``unmapped``."""
        now = Counter() if self.mapped is None else Counter(self.mapped.totals())
        return self.former_fields + now

    @property
    def unused(self) -> Counter[str]:
        """Readings that gave nothing and are no fault: ``empty``, ``unknown``, ``retained``."""
        now = Counter() if self.mapped is None else Counter(self.mapped.unused())
        return self.former_unused + now

    def follow(self, mapped: SourceCounts) -> None:
        """Another mapping of the source is in force."""
        if mapped is not self.mapped:
            self.former_fields, self.former_unused = self.fields, self.unused
            self.mapped = mapped

    def ignore(self, names: Iterable[tuple[str, int]]) -> None:
        """Count what no reading is made of."""
        for name, count in names:
            is_known = name in self.ignored or len(self.ignored) < _MAX_NAMES
            self.ignored[name if is_known else _OTHER] += count
