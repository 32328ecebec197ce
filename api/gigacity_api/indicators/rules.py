"""The city at one instant, what is asked of each of its objects, and why the answer is what it is.

A rule has no names, levels or targets: several indicators may ask the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.verdicts import Flags, VerdictColumn

T = TypeVar("T")


class CityInstant:
    """State and registered objects, seen at ``as_of_ms``.

    Attributes:
        inventory: the registered objects.
        state: what was known; never offered a row later than ``as_of_ms``.
        as_of_ms: the instant.
        made: filled by what is ``derived`` as it is asked: most instants are never asked why.
    """

    __slots__ = ("as_of_ms", "inventory", "made", "state")

    def __init__(self, inventory: Inventory, state: CityState, as_of_ms: int) -> None:
        self.inventory = inventory
        self.state = state
        self.as_of_ms = as_of_ms
        self.made: dict[Callable[[CityInstant], Any], Any] = {}


def derived(make: Callable[[CityInstant], T]) -> Callable[[CityInstant], T]:
    """A function of the instant whose result is made once, whoever asks, and never changes."""

    @wraps(make)
    def once(instant: CityInstant) -> T:
        if make not in instant.made:
            instant.made[make] = make(instant)
        found: T = instant.made[make]
        return found

    return once


class VerdictReason(NamedTuple):
    """Why an object has its verdict: a slug for machines, a sentence for people."""

    slug: str
    """It never changes its meaning."""
    zh: str
    en: str


class ReasonColumn(NamedTuple):
    """The reason of every object."""

    codes: NDArray[np.int8]
    """Places in ``table``."""
    table: tuple[VerdictReason, ...]

    def at(self, index: int) -> VerdictReason:
        """The reason of one object."""
        return self.table[int(self.codes[index])]


def choose(
    *cases: tuple[Flags, VerdictReason], otherwise: VerdictReason | ReasonColumn
) -> ReasonColumn:
    """For each object the reason of the first case that holds for it; at least one case."""
    flags, reasons = zip(*cases, strict=True)
    if isinstance(otherwise, VerdictReason):
        otherwise = ReasonColumn(np.zeros(len(flags[0]), dtype=np.int8), (otherwise,))
    codes = [np.int8(code) for code in range(len(cases))]
    found = np.select(flags, codes, otherwise.codes + np.int8(len(cases)))
    return ReasonColumn(found.astype(np.int8), (*reasons, *otherwise.table))


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A question that every object of a subject answers with in, out or unknown."""

    judge: Callable[[CityInstant], VerdictColumn]
    explain: Callable[[CityInstant], ReasonColumn]
    reasons: tuple[VerdictReason, ...]
    """Every reason that ``explain`` may give."""
