"""Time as an argument: whoever needs it takes a Clock, so that tests drive it."""

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Wall time for timestamps, monotonic time for durations."""

    def now_ms(self) -> int:
        """Wall time in epoch milliseconds, UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Wall time in epoch milliseconds, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        return time.monotonic()


@dataclass
class ManualClock:
    """A clock that stands still until it is told to move; for tests and simulations."""

    wall_ms: int = 1_767_225_600_000
    elapsed_s: float = 0.0

    def now_ms(self) -> int:
        """Wall time in epoch milliseconds, UTC."""
        return self.wall_ms

    def monotonic_s(self) -> float:
        """Seconds since the clock was made."""
        return self.elapsed_s

    def advance_s(self, seconds: float) -> None:
        """Move both times forward."""
        self.wall_ms += round(seconds * 1000)
        self.elapsed_s += seconds
