"""Three-valued verdicts in numpy columns, and how they combine.

An object is *in*, *out* or *unknown* for a rule. Missing is never zero: what is not known stays
unknown through every combination here, and comes out as a bound.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

IN = 1
OUT = 0
UNKNOWN = -1

Verdicts = NDArray[np.int8]
Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Weights = Integers | Numbers

VerdictName = Literal["in", "out", "unknown"]

NAMES: dict[int, VerdictName] = {IN: "in", OUT: "out", UNKNOWN: "unknown"}
BY_NAME = {name: value for value, name in NAMES.items()}


class VerdictCounts(NamedTuple):
    """Weights by verdict, of each object or of each group."""

    known_in: Integers
    known_out: Integers
    unknown: Integers

    @property
    def total(self) -> Integers:
        """The whole registered denominator."""
        return self.known_in + self.known_out + self.unknown


@dataclass(frozen=True, slots=True)
class VerdictColumn:
    """Verdicts of all objects of a subject, and what each adds."""

    verdicts: Verdicts
    counts: VerdictCounts | None = None
    """None: each adds its weight to the side of its verdict."""

    @classmethod
    def of_parts(cls, part: Integers, whole: Integers, is_known: Flags) -> "VerdictColumn":
        """Parts of wholes; one that is not known is unknown as a whole.

        An object is in when its part is the whole, out when it is not.
        """
        known_in = np.where(is_known, np.minimum(part, whole), 0)
        known_out = np.where(is_known, whole - known_in, 0)
        verdicts = known(is_known, known_out == 0)
        return cls(verdicts, VerdictCounts(known_in, known_out, np.where(is_known, 0, whole)))


def unknown(size: int) -> Verdicts:
    """A column of which nothing is known."""
    return np.full(size, UNKNOWN, dtype=np.int8)


def known(is_known: Flags, is_in: Flags) -> Verdicts:
    """In or out where it is known, else unknown."""
    return np.where(is_known, is_in, UNKNOWN).astype(np.int8)


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


def at_least(lower: Numbers, upper: Numbers, threshold: float) -> Verdicts:
    """In if the lower bound reaches the threshold, out if the upper does not; NaN is unknown."""
    result = np.where(lower >= threshold, IN, UNKNOWN)
    return np.where(upper < threshold, OUT, result).astype(np.int8)


def ratio(part: ArrayLike, whole: ArrayLike) -> Numbers:
    """Part of whole; NaN where the whole is zero.

    A ratio of a whole is always the sum of its parts' numerators over the sum of their
    denominators, never a mean of ratios.
    """
    top, bottom = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    result = np.full(np.broadcast(top, bottom).shape, np.nan)
    np.divide(top, bottom, out=result, where=bottom > 0)
    return result
