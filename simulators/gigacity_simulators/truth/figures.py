"""One row of a truth line, and sums by place."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple


class TruthFigure(NamedTuple):
    """A figure at one place: for a ratio, the parts; for a count, the value over what is there."""

    indicator: str
    scope: str
    code: str
    numerator: int
    denominator: int
    unknown: int = 0
    """Objects of the denominator that nobody can decide: an office has not reported what it takes,
    or, where the formula says that silence is unknown, no sample is inside the window."""


class SumsByCode:
    """Numerators, denominators and what stays unknown, by code."""

    def __init__(self) -> None:
        self._parts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, code: str, numerator: int, denominator: int, unknown: int = 0) -> None:
        """Add to the sums of this code."""
        parts = self._parts[code]
        parts[0] += numerator
        parts[1] += denominator
        parts[2] += unknown

    def rows(self, indicator: str, scope: str) -> Iterable[TruthFigure]:
        """A figure for every code that has a denominator at all."""
        for code, (numerator, denominator, unknown) in self._parts.items():
            if denominator:
                yield TruthFigure(indicator, scope, code, numerator, denominator, unknown)
