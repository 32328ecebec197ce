"""Due instants of periodic objects, without an entry a report: a sorted list of phases a period.

An object with period P and phase f is due at every instant k * P + f. Phases are spread over the
period, and are never such that a due instant falls on an evaluation tick or halfway between two,
where figures are computed and changes happen.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from math import gcd

from gigacity_contract.errors import ConfigError


def phase_ms(key: int, period_ms: int, grid_ms: int) -> int:
    """A phase for this key whose due instants avoid every multiple of half the grid.

    Raises:
        ConfigError: period and half grid share no common step above 1 ms, so each phase would hit.
    """
    step_ms = gcd(period_ms, grid_ms // 2)
    if step_ms < 2:
        raise ConfigError(
            f"a report every {period_ms} ms does not fit an evaluation grid of {grid_ms} ms;"
            " give both in tenths of a second"
        )
    phase = key % period_ms
    if phase % step_ms == 0:
        phase += 1 + key // period_ms % (step_ms - 1)
    return phase


class PeriodicSchedule:
    """All objects that report with one period, in the order of their phases."""

    def __init__(self, period_ms: int, phases: Iterable[tuple[int, int]]) -> None:
        """``phases`` are (phase in ms, object); they need not be sorted."""
        ordered = sorted(phases)
        self.period_ms = period_ms
        self._phases = array("q", (phase for phase, _ in ordered))
        self._objects = array("q", (item for _, item in ordered))

    def __len__(self) -> int:
        return len(self._phases)

    def due(self, after_ms: int, until_ms: int) -> Iterator[tuple[int, int]]:
        """(instant, object) for every due instant with after < instant <= until, in order."""
        if not self._phases:
            return
        cycle_ms = after_ms - after_ms % self.period_ms
        index = bisect_right(self._phases, after_ms - cycle_ms)
        while True:
            if index == len(self._phases):
                index, cycle_ms = 0, cycle_ms + self.period_ms
            at_ms = cycle_ms + self._phases[index]
            if at_ms > until_ms:
                return
            yield at_ms, self._objects[index]
            index += 1
