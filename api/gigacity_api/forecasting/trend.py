"""A robust linear trend with a prediction interval. Pure.

Slope: the median of the slopes of all pairs of points (Theil 1950, Sen 1968,
doi:10.1080/01621459.1968.10480934); level: the median of ``y - slope * x``. Up to 29 % of the
values may be arbitrarily wrong without the line following them.

Interval: the classical prediction interval of a line (Draper and Smith, Applied Regression
Analysis, 3.1), ``y0 +- t * s * sqrt(1 + (n / m) * (1 / n + (x0 - mean)^2 / Sxx))``, with two
changes to it. The residual scale ``s`` is 1.4826 times the median absolute residual (Rousseeuw and
Croux 1993), so that one bad day does not widen it; where more than half of the residuals are zero,
the mean absolute residual times 1.2533 stands in. Days are not independent: the number of values is
reduced to ``m = n (1 - r) / (1 + r)`` by the residuals' lag-1 autocorrelation ``r`` (Bayley and
Hammersley 1946), which counts in the line's own uncertainty and in the degrees of freedom.

What it does not promise: a plan that changes, a season, or a saturating curve. It is a straight
line and says so.
"""

import math
from collections.abc import Sequence
from itertools import combinations, pairwise
from statistics import NormalDist, fmean, median
from typing import NamedTuple

CONFIDENCE = 0.9
"""Of the interval: one true value in ten lies outside."""

MAD_TO_SIGMA = 1.4826
MEAN_TO_SIGMA = math.sqrt(math.pi / 2)
ROUNDING = 1e-9
"""Residuals below this part of the largest are zeros that arithmetic has blurred."""

LEAST_DEGREES = 3
MAX_POINTS = 400
"""Pairs grow with the square: a longer series is thinned evenly."""


class Trend(NamedTuple):
    """A line through points, and how far to trust it."""

    slope: float
    level: float
    """Value at x = 0."""
    scale: float
    """Robust standard deviation of a residual."""
    effective: float
    """How many independent values the series is worth."""
    mean_x: float
    spread_x: float
    """Sum of squared distances from the mean."""
    size: int
    """Number of points."""

    def at(self, x: float) -> float:
        """The line's value."""
        return self.level + self.slope * x

    def half_width(self, x: float) -> float:
        """Half of the prediction interval's width."""
        if not self.scale:
            return 0.0
        quantile = t_quantile(0.5 + CONFIDENCE / 2, max(LEAST_DEGREES, self.effective - 2))
        line = (self.size / self.effective) * (
            1 / self.size + (x - self.mean_x) ** 2 / self.spread_x
        )
        return quantile * self.scale * math.sqrt(1 + line)


def thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """At most ``MAX_POINTS`` of the points, evenly chosen, the last one among them."""
    if len(points) <= MAX_POINTS:
        return points
    step = (len(points) - 1) / (MAX_POINTS - 1)
    return [points[round(i * step)] for i in range(MAX_POINTS)]


def fit(points: Sequence[tuple[float, float]]) -> Trend:
    """The trend of a series, by x.

    Raises:
        ValueError: fewer than three different x.
    """
    points = thinned(sorted(points))
    xs = [x for x, _ in points]
    if len(set(xs)) < 3:
        raise ValueError("a trend needs values at three different times")
    slope = median((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if b[0] > a[0])
    level = median(y - slope * x for x, y in points)
    residuals = [y - level - slope * x for x, y in points]
    mean_x = fmean(xs)
    return Trend(
        slope=slope, level=level, scale=_scale(residuals),
        effective=_effective(residuals), mean_x=mean_x,
        spread_x=sum((x - mean_x) ** 2 for x in xs), size=len(points),
    )  # fmt: skip


def _scale(residuals: Sequence[float]) -> float:
    sizes = [abs(r) for r in residuals]
    middle = median(sizes)
    if middle <= ROUNDING * max(sizes):
        return MEAN_TO_SIGMA * fmean(sizes)
    return MAD_TO_SIGMA * middle


def _effective(residuals: Sequence[float]) -> float:
    count = len(residuals)
    total = sum(r * r for r in residuals)
    if not total:
        return float(count)
    lag = sum(a * b for a, b in pairwise(residuals)) / total
    lag = min(max(lag, 0.0), 0.99)
    return max(float(LEAST_DEGREES), count * (1 - lag) / (1 + lag))


def t_quantile(probability: float, degrees: float) -> float:
    """Student's t by the expansion of Abramowitz and Stegun 26.7.5; exact to 0.002 from 3 degrees.

    Args:
        probability: between 0.5 and 0.99.
        degrees: 3 or more; need not be whole.
    """
    z = NormalDist().inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, start=1))
