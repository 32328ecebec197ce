"""Planned cuts: clients that lose the network for a while, and upload afterwards what they kept."""

from collections.abc import Sequence
from typing import NamedTuple

from gigacity_contract.errors import ConfigError
from gigacity_simulators.schedule.grid import Grid


class Cut(NamedTuple):
    """Publishers that are cut off from one middle until another."""

    from_ms: int
    until_ms: int
    publishers: tuple[int, ...]
    is_dark: bool = False
    """They have no power: they sample nothing, and what they had to send is gone."""
    is_connected: bool = False
    """They stay connected, and what they say is not to be believed: their clock is wrong."""


def plan_cut(
    publishers: Sequence[int], grid: Grid, *, start_ms: int, at_s: float, for_s: float
) -> Cut:
    """A cut that begins at the first middle ``at_s`` after the start, and lasts ``for_s``.

    Raises:
        ConfigError: there is nothing to cut, or the times are not positive.
    """
    if at_s < 0 or for_s <= 0:
        raise ConfigError("a cut needs a time at or after 0 and a duration above 0")
    if not publishers:
        raise ConfigError("the city has none of what should be cut off")
    from_ms = grid.middle_from(start_ms + round(at_s * 1000))
    until_ms = grid.middle_from(from_ms + round(for_s * 1000))
    return Cut(from_ms, until_ms, tuple(publishers))


class CutPlan:
    """Asked at every middle which cuts begin and end, and at any time which hold."""

    def __init__(self, cuts: Sequence[Cut] = ()) -> None:
        self._cuts = list(cuts)
        self._broken = [cut for cut in self._cuts if not cut.is_connected]

    def begun(self, at_ms: int) -> list[int]:
        """Publishers that are cut off from this middle."""
        return [p for cut in self._broken if cut.from_ms == at_ms for p in cut.publishers]

    def ended(self, at_ms: int) -> list[int]:
        """Publishers that may connect again from this middle."""
        return [p for cut in self._broken if cut.until_ms == at_ms for p in cut.publishers]

    def holds(self, at_ms: int) -> list[int]:
        """Publishers at this instant whose words do not arrive, or are not to be believed."""
        return [
            p for cut in self._cuts if cut.from_ms <= at_ms < cut.until_ms for p in cut.publishers
        ]

    def dark(self, at_ms: int) -> frozenset[int]:
        """Publishers without power at this instant."""
        return frozenset(
            publisher
            for cut in self._cuts
            if cut.is_dark and cut.from_ms <= at_ms < cut.until_ms
            for publisher in cut.publishers
        )

    def touches(self, from_ms: int, until_ms: int) -> bool:
        """Whether any cut holds at some time in this span."""
        return any(cut.from_ms <= until_ms and cut.until_ms >= from_ms for cut in self._cuts)
