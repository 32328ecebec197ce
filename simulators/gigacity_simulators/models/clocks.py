"""Clocks that go wrong: what a publisher takes for the present."""

from collections.abc import Iterable
from typing import NamedTuple

MAX_AHEAD_MS = 300_000
"""What is dated further ahead is refused, as docs/integrators.md has it."""


class ClockSkew(NamedTuple):
    """Of one publisher, for a while."""

    from_ms: int
    until_ms: int
    by_ms: int
    """Ahead; negative: behind."""


def clock_error_ms(skews: Iterable[ClockSkew], at_ms: int) -> int:
    """How far a publisher's clock is ahead at this instant."""
    return sum(skew.by_ms for skew in skews if skew.from_ms <= at_ms < skew.until_ms)
