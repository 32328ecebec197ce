"""The arithmetic of figures, on plain numbers and on columns alike.

A ratio of a whole is always the sum of its parts' numerators over the sum of their denominators; a
mean of ratios is another number, and here only so that the difference can be shown.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def ratio(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    """Part of whole; NaN where the whole is zero."""
    top, bottom = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    result = np.full(np.broadcast(top, bottom).shape, np.nan)
    np.divide(top, bottom, out=result, where=bottom > 0)
    return result


def capacity_ratio(ports_10g: float, households_per_port: float, households: float) -> float:
    """The ministry's ratio: homes that the ports could serve / homes; may exceed 1."""
    return float(ratio(ports_10g * households_per_port, households))


def per(count: float, people: float, each: float = 10_000) -> float:
    """So many for each ten thousand people."""
    return float(ratio(count * each, people))


def pooled(parts: Iterable[tuple[float, float]]) -> float:
    """The ratio of a whole from the (numerator, denominator) of its parts."""
    numerators, denominators = zip(*parts, strict=True)
    return float(ratio(sum(numerators), sum(denominators)))


def weighted_mean(values: Iterable[tuple[float, float]]) -> float:
    """The mean of (ratio, weight); not the ratio of the whole unless weights are denominators."""
    return pooled((value * weight, weight) for value, weight in values)
