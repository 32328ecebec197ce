"""The objects behind a figure, each with its verdict and why.

Read from one evaluation, so that what is listed adds up to the figure's numerator and denominator.
One exception, which its formula says: the denominator of ``home.gigabit_capacity`` is households.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.entries import Entry
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.levels import Level, codes_of
from gigacity_api.indicators.verdicts import Indices


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a list, made while they are read."""

    entries: Iterable[Entry]
    total: int
    """How many the whole list has."""
    next_offset: int | None


def objects_of(evaluation: Evaluation, definition: Definition, level: Level, code: str) -> Indices:
    """The objects that a figure counts, in the order of the city file.

    Raises:
        KeyError: the level has no such code, or the definition no such level.
    """
    grouped = evaluation.populations[definition.id].levels[level]
    codes = codes_of(evaluation.inventory, level)
    if code not in codes:
        raise KeyError(code)
    objects: Indices = grouped.index[grouped.group == codes.index(code)]
    return objects


def page(
    evaluation: Evaluation, definition: Definition, objects: Indices, *, offset: int, limit: int
) -> Page:
    """Some of the objects, in their order."""
    chosen = objects[offset : offset + limit]
    end = offset + len(chosen)
    return Page(
        (definition.entry(evaluation.instant, int(index)) for index in chosen),
        len(objects),
        end if end < len(objects) else None,
    )
