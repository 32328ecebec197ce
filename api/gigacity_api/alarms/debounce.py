"""On and off delays: from what holds at an instant to what is in force.

A condition holds, is known to be gone, or neither (nobody reports): what is neither changes
nothing, so that silence neither raises nor clears.
"""

import numpy as np

from gigacity_api.indicators.verdicts import Flags, Integers


class Debouncer:
    """One condition of many objects. Times are instants, epoch milliseconds."""

    __slots__ = ("_good_ms", "_off_ms", "_on_ms", "active", "holds", "since_ms")

    def __init__(self, size: int, *, on_s: float, off_s: float) -> None:
        """Nothing holds.

        Args:
            size: how many objects there are.
            on_s: for which it must hold before it is in force.
            off_s: for which it must be known to be gone before it is not.
        """
        self._on_ms, self._off_ms = round(on_s * 1000), round(off_s * 1000)
        self._good_ms: Integers = np.zeros(size, dtype=np.int64)
        self.since_ms: Integers = np.zeros(size, dtype=np.int64)
        """When it began to hold; 0: it does not."""
        self.active: Flags = np.zeros(size, dtype=np.bool_)
        """In force."""
        self.holds: Flags = np.zeros(size, dtype=np.bool_)
        """At the last instant."""

    @property
    def present(self) -> Flags:
        """In force, or about to be: what belongs together is found over these."""
        found: Flags = self.active | self.holds
        return found

    def step(self, at_ms: int, holds: Flags, good: Flags) -> None:
        """Take what an instant says.

        Args:
            at_ms: the instant; later than the last one.
            holds: objects of which the condition is known to hold.
            good: of which it is known to be gone.
        """
        self.holds = holds
        if not (holds.any() or self.since_ms.any()):
            return
        self.since_ms = np.where(
            holds & (self.since_ms == 0), at_ms, np.where(good & ~self.active, 0, self.since_ms)
        )
        self._good_ms = np.where(
            holds, 0, np.where(good & self.active & (self._good_ms == 0), at_ms, self._good_ms)
        )
        gone = self.active & good & (at_ms - self._good_ms >= self._off_ms)
        due = holds & (at_ms - self.since_ms >= self._on_ms)
        self.active = (self.active | due) & ~gone
        self.since_ms[gone] = 0
        self._good_ms[gone] = 0

    def restore(self, index: int, since_ms: int) -> None:
        """It was in force before this process started."""
        self.active[index] = True
        self.since_ms[index] = since_ms

    def carry(self, other: "Debouncer", here: Integers, there: Integers) -> None:
        """Take over what another one knows: of objects ``there`` as those ``here``."""
        for name in ("_good_ms", "since_ms", "active", "holds"):
            getattr(self, name)[here] = getattr(other, name)[there]
