"""Figures: verdicts summed to every level, with bounds, target and quality.

Levels are summed from numerators and denominators, never from ratios.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from gigacity_api.indicators.definitions import Definition, Level
from gigacity_api.indicators.populations import Grouped, Population, codes_of
from gigacity_api.indicators.quality import Quality, grade
from gigacity_api.indicators.universe import Universe
from gigacity_api.indicators.verdicts import Flags, Integers, Verdicts, tally
from gigacity_contract.city.model import Target

TargetVerdict = Literal["met", "missed", "undetermined", "no_target"]


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
    if lower is None or upper is None:
        return "undetermined"
    if target.direction == "at_least":
        worst, best = lower >= target.value, upper >= target.value
    else:
        worst, best = upper <= target.value, lower <= target.value
    if worst:
        return "met"
    return "undetermined" if best else "missed"


def _figure(
    definition: Definition,
    place: tuple[str, str],
    counts: tuple[int, int, int],
    target: Target | None,
    quality: Quality,
) -> Figure:
    known_in, known_out, unknown = counts
    total, known = sum(counts), known_in + known_out
    value: float | None = known_in
    lower: float | None = known_in
    upper: float | None = known_in + unknown
    if definition.is_ratio:
        value = known_in / known if known else None
        lower = known_in / total if total else None
        upper = (known_in + unknown) / total if total else None
    return Figure(
        indicator=definition.id, scope=place[0], code=place[1], value=value, numerator=known_in,
        denominator=total, lower=lower, upper=upper, known_in=known_in, known_out=known_out,
        unknown=unknown, target=None if target is None else target.value,
        verdict=against_target(lower, upper, target), quality=quality,
    )  # fmt: skip


class Freshness(NamedTuple):
    """Which reporters are fresh, and who reports without being registered."""

    ports: Flags
    devices: Flags
    strangers: Counter[tuple[str, str]]
    """Unregistered reporters by kind and area."""


def _fresh(reporters: Grouped, fresh: Flags, size: int) -> tuple[Integers, Integers]:
    expected = np.bincount(reporters.group, minlength=size)
    heard = np.bincount(reporters.group[fresh[reporters.index]], minlength=size)
    return heard, expected


def _strangers(
    population: Population, level: Level, code: str, strangers: Counter[tuple[str, str]]
) -> int | None:
    if level not in {Level.CITY, Level.AREA}:
        return None
    return sum(
        count
        for (kind, area), count in strangers.items()
        if kind in population.stranger_kinds and (level is Level.CITY or area == code)
    )


def _qualities(
    population: Population, level: Level, codes: list[str], freshness: Freshness
) -> Iterator[Quality]:
    heard = np.zeros(len(codes), dtype=np.int64)
    expected = np.zeros(len(codes), dtype=np.int64)
    for reporters, fresh in (
        (population.port_reporters, freshness.ports),
        (population.device_reporters, freshness.devices),
    ):
        if reporters is not None:
            more_heard, more_expected = _fresh(reporters[level], fresh, len(codes))
            heard += more_heard
            expected += more_expected
    for code, got, due in zip(codes, heard.tolist(), expected.tolist(), strict=True):
        yield grade(got, due, _strangers(population, level, code, freshness.strangers))


def figures_of(
    universe: Universe, population: Population, verdicts: Verdicts, freshness: Freshness
) -> Iterator[Figure]:
    """A definition's figures at each of its levels.

    The city always has one; a place below it only where it has something to count.

    Args:
        universe: the registered objects.
        population: those that the definition counts.
        verdicts: one for each object of the population.
        freshness: of the reporters behind them.
    """
    definition = population.definition
    for level, grouped in population.levels.items():
        codes = codes_of(universe, level)
        counts = tally(verdicts, grouped.group, len(codes), population.weights)
        rows = zip(
            codes, counts.known_in.tolist(), counts.known_out.tolist(), counts.unknown.tolist(),
            _qualities(population, level, codes, freshness), strict=True,
        )  # fmt: skip
        city_target = definition.target(universe.city, level, "")
        own = {t.code for t in universe.city.targets if t.indicator == definition.id}
        for code, known_in, known_out, unknown, quality in rows:
            if level is not Level.CITY and known_in + known_out + unknown == 0:
                continue
            # Most places have no target of their own; looking for it 7,000 times would cost more
            # than everything else here.
            target = definition.target(universe.city, level, code) if code in own else city_target
            place = (str(level), code)
            yield _figure(definition, place, (known_in, known_out, unknown), target, quality)
