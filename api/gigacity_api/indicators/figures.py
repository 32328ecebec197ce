"""Figures: verdicts summed to every level, with bounds, target and quality.

Levels are summed from numerators and denominators, never from ratios.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.entries import Subject
from gigacity_api.indicators.freshness import Freshness
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level, codes_of
from gigacity_api.indicators.quality import Quality, grade
from gigacity_api.indicators.verdicts import (
    Integers,
    Numbers,
    VerdictColumn,
    VerdictCounts,
    ratio,
    summed,
    tally,
)
from gigacity_city.model import Target

FigureKey = tuple[str, str, str]
"""Indicator, scope and code: what a figure is of."""

TargetVerdict = Literal["met", "missed", "undetermined", "no_target"]
_VERDICTS: tuple[TargetVerdict, ...] = ("no_target", "undetermined", "met", "missed")


class Figure(NamedTuple):
    """One indicator at one scope and instant."""

    indicator: str
    scope: str
    code: str
    value: float | None
    numerator: int
    """Known in: of a count its value."""
    denominator: int
    """Everything that is registered."""
    lower: float | None
    """With the unknown counted out."""
    upper: float | None
    """With the unknown counted in."""
    known_in: int
    known_out: int
    unknown: int
    target: float | None
    verdict: TargetVerdict
    quality: Quality


def against_target(
    lower: float | None, upper: float | None, target: Target | None
) -> TargetVerdict:
    """Met or missed only where both bounds agree."""
    if target is None:
        return "no_target"
    sign = 1 if target.direction == "at_least" else -1
    found = _verdicts(
        _optional([lower]), _optional([upper]), np.array([target.value]), np.array([sign])
    )
    return found[0]


def _optional(values: list[float | None]) -> Numbers:
    return np.array([np.nan if value is None else value for value in values])


def _verdicts(
    lower: Numbers, upper: Numbers, target: Numbers, sign: Integers
) -> list[TargetVerdict]:
    """Of each row; NaN stands for no bound and for no target. A sign of -1 is for ``at_most``."""
    wanted = target * sign
    worst = np.where(sign > 0, lower, -upper)
    best = np.where(sign > 0, upper, -lower)
    found = np.where(worst >= wanted, 2, np.where(best < wanted, 3, 1))
    found = np.where(np.isnan(target), 0, found)
    return [_VERDICTS[number] for number in found.tolist()]


class LevelAggregator:
    """The figures of a definition at one level: what does not change between two instants."""

    def __init__(self, definition: Definition, inventory: Inventory, level: Level) -> None:
        population = definition.population(inventory)
        self._definition = definition
        self._level = level
        self._grouped = population.levels[level]
        weights = definition.weights(inventory)
        self._weights = None if weights is None else weights[self._grouped.index]
        self._codes = codes_of(inventory, level)
        size = self._size = len(self._codes)
        targets = self._targets(inventory)
        self._target = np.array([np.nan if t is None else t.value for t in targets])
        self._sign = np.array([-1 if t and t.direction == "at_most" else 1 for t in targets])
        self._whole = None if population.wholes is None else population.wholes[level]
        self._reporters = [(kind, by_level[level]) for kind, by_level in population.reporters]
        self._expected = sum(
            (np.bincount(r.group, minlength=size) for _, r in self._reporters),
            start=np.zeros(size, dtype=np.int64),
        )
        self._unregistered_kinds = population.unregistered_kinds
        # A place below the city has a figure where there is something to count. What ports add may
        # fall to nothing from one instant to the next (all of them are switched off): a figure that
        # then disappeared would leave its last row standing.
        self._always = np.zeros(size, dtype=np.bool_)
        if definition.subject is Subject.PORT:
            self._always[self._grouped.group] = True
        if level is Level.CITY:
            self._always[:] = True

    def _targets(self, inventory: Inventory) -> list[Target | None]:
        """Of each code. Most have none of their own, and looking for it would be slow."""
        definition, city = self._definition, inventory.city
        common = definition.target(city, self._level, "")
        own = {t.code for t in city.targets if t.indicator == definition.id}
        return [
            definition.target(city, self._level, code) if code in own else common
            for code in self._codes
        ]

    def figures(self, column: VerdictColumn, freshness: Freshness) -> Iterator[Figure]:
        """The figures of an instant, in the order of the codes."""
        counts = self._tally(column)
        shown = self._always | (counts.total > 0)
        if self._whole is not None:
            shown |= self._whole > 0
        chosen = np.flatnonzero(shown)
        if not len(chosen):
            return iter(())
        return self._rows(counts, chosen, freshness)

    def _tally(self, column: VerdictColumn) -> VerdictCounts:
        index, group, size = self._grouped.index, self._grouped.group, self._size
        if column.counts is None:
            return tally(column.verdicts[index], group, size, self._weights)
        return VerdictCounts(*(summed(part[index], group, size) for part in column.counts))

    def _rows(
        self, counts: VerdictCounts, chosen: Integers, freshness: Freshness
    ) -> Iterator[Figure]:
        known_in, known_out = counts.known_in[chosen], counts.known_out[chosen]
        unknown, total = counts.unknown[chosen], counts.total[chosen]
        if self._whole is not None:
            total = self._whole[chosen]
        value, lower, upper = self._values(known_in, known_out, unknown, total)
        target = self._target[chosen]
        codes = self._codes
        indicator, level = self._definition.id, str(self._level)
        return (
            Figure(indicator, level, codes[place], *row)
            for place, *row in zip(
                chosen.tolist(), self._shown(value), known_in.tolist(), total.tolist(),
                self._shown(lower), self._shown(upper), known_in.tolist(), known_out.tolist(),
                unknown.tolist(), _present(target),
                _verdicts(lower, upper, target, self._sign[chosen]),
                self._qualities(chosen, freshness), strict=True,
            )
        )  # fmt: skip

    def _values(
        self, known_in: Integers, known_out: Integers, unknown: Integers, total: Integers
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Value and bounds; NaN where there is nothing to divide by."""
        if not self._definition.is_ratio:
            count = known_in.astype(np.float64)
            return count, count, count + unknown
        lower, upper = ratio(known_in, total), ratio(known_in + unknown, total)
        known = known_in + known_out
        if self._whole is not None:
            return np.where(known > 0, lower, np.nan), lower, upper
        return ratio(known_in, known), lower, upper

    def _shown(self, values: Numbers) -> list[float | None]:
        return (
            _present(values)
            if self._definition.is_ratio
            else [int(value) for value in values.tolist()]
        )

    def _qualities(self, chosen: Integers, freshness: Freshness) -> list[Quality]:
        heard = np.zeros(self._size, dtype=np.int64)
        wrong = np.zeros(self._size, dtype=np.int64)
        for kind, reporters in self._reporters:
            heard = heard + freshness.heard(kind, reporters, self._size)
            wrong = wrong + freshness.implausible(kind, reporters, self._size)
        made: dict[tuple[int, int, int | None, int], Quality] = {}
        qualities = []
        for place, got, due, bad in zip(
            chosen.tolist(), heard[chosen].tolist(), self._expected[chosen].tolist(),
            wrong[chosen].tolist(), strict=True,
        ):  # fmt: skip
            key = got, due, self._unregistered(place, freshness.unregistered), bad
            if key not in made:
                made[key] = grade(*key)
            qualities.append(made[key])
        return qualities

    def _unregistered(self, place: int, unregistered: Counter[tuple[str, str]]) -> int | None:
        if self._level not in {Level.CITY, Level.AREA}:
            return None
        kinds, everywhere = self._unregistered_kinds, self._level is Level.CITY
        code = self._codes[place]
        return sum(
            count
            for (kind, area), count in unregistered.items()
            if kind in kinds and (everywhere or area == code)
        )


def _present(values: Numbers) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 - NaN
