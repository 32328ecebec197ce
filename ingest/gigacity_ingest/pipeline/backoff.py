"""How long to wait before trying again."""

from dataclasses import dataclass, field
from random import Random


@dataclass
class Backoff:
    """Doubling delays up to a cap, each shortened by up to half at random.

    The jitter keeps many workers from meeting a restarted server at the same instant.
    """

    first_s: float = 0.2
    cap_s: float = 5.0
    random: Random = field(default_factory=Random)
    failures: int = 0

    def next_s(self) -> float:
        """The delay after one more failure."""
        delay_s = min(self.cap_s, self.first_s * 2.0 ** min(self.failures, 30))
        self.failures += 1
        return delay_s * self.random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It worked."""
        self.failures = 0
