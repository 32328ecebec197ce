"""Three-valued verdicts in numpy columns, and how they combine.

An object is *in*, *out* or *unknown* for a predicate. Missing is never zero: what is not known
stays unknown through every combination here, and comes out as a bound.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

IN = 1
OUT = 0
UNKNOWN = -1

Verdicts = NDArray[np.int8]
Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
Flags = NDArray[np.bool_]
Weights = NDArray[np.int64] | NDArray[np.float64]

VerdictName = Literal["in", "out", "unknown"]

NAMES: dict[int, VerdictName] = {IN: "in", OUT: "out", UNKNOWN: "unknown"}
BY_NAME = {name: value for value, name in NAMES.items()}


def unknown(size: int) -> Verdicts:
    """A column of which nothing is known."""
    return np.full(size, UNKNOWN, dtype=np.int8)


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """Weights by group: known in, known out, unknown."""

    known_in: Integers
    known_out: Integers
    unknown: Integers

    @property
    def total(self) -> Integers:
        """The whole registered denominator."""
        return self.known_in + self.known_out + self.unknown


def tally(
    verdicts: Verdicts, groups: Indices, size: int, weights: Weights | None = None
) -> VerdictCounts:
    """Sum the weights of each verdict by group.

    Args:
        verdicts: one for each object.
        groups: the group of each object, 0 to size - 1.
        size: how many groups there are.
        weights: of each object; each counts one if absent. Sums are exact up to 2**53, and
            rounded if weights are not whole.
    """
    keys = groups.astype(np.int64) * 3 + verdicts + 1
    sums = np.bincount(keys, weights=weights, minlength=3 * size).reshape(size, 3)
    if weights is not None:
        sums = np.rint(sums).astype(np.int64)
    return VerdictCounts(sums[:, IN + 1], sums[:, OUT + 1], sums[:, UNKNOWN + 1])


def summed(values: Integers, groups: Indices, size: int) -> Integers:
    """The sum of the values by group, exact up to 2**53."""
    sums: Integers = np.bincount(groups, weights=values, minlength=size).astype(np.int64)
    return sums


def any_of(members: Verdicts, groups: Indices, size: int) -> Verdicts:
    """In if any member is in; out if all are known to be out (or there is none); else unknown."""
    counts = tally(members, groups, size)
    result = np.where(counts.unknown > 0, UNKNOWN, OUT)
    return np.where(counts.known_in > 0, IN, result).astype(np.int8)


def all_of(columns: list[Verdicts], size: int) -> Verdicts:
    """Out if any column is out; in if every one is in; else unknown, also if there is no column."""
    if not columns:
        return unknown(size)
    stacked = np.stack(columns)
    result = np.where((stacked == IN).all(axis=0), IN, UNKNOWN)
    return np.where((stacked == OUT).any(axis=0), OUT, result).astype(np.int8)


def at_least(lower: NDArray[np.float64], upper: NDArray[np.float64], threshold: float) -> Verdicts:
    """In if the lower bound reaches the threshold, out if the upper does not; NaN is unknown."""
    result = np.where(lower >= threshold, IN, UNKNOWN)
    return np.where(upper < threshold, OUT, result).astype(np.int8)


def share(part: Integers, whole: Integers) -> NDArray[np.float64]:
    """Part of whole; NaN where the whole is zero."""
    result = np.full(len(part), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
