"""How long points take from the `ts` of their message to the database's confirmation. Pure."""

from bisect import bisect_left

import msgspec

BOUNDS_S = (
    0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0,
    60.0, 120.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0,
)  # fmt: skip
"""Close together where a healthy worker is, and far enough for a night without a database."""


class LatencySummary(msgspec.Struct, frozen=True, kw_only=True):
    """Where the points that the database has confirmed lie, since this process started."""

    points: int
    p50_s: float | None
    """Half of the points were stored in so long or less; None: there is none yet."""
    p99_s: float | None
    max_s: float
    sum_s: float
    counts: tuple[int, ...]
    """Points by bucket, one for each of ``BOUNDS_S`` and one beyond."""


class LatencyHistogram:
    """Adds points up by their age when they were confirmed."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_S) + 1)
        self._sum_s = 0.0
        self._max_s = 0.0

    def add(self, age_s: float, points: int) -> None:
        """Points of one age; a device whose clock is fast is as good as immediate."""
        age_s = max(0.0, age_s)
        self._counts[bisect_left(BOUNDS_S, age_s)] += points
        self._sum_s += age_s * points
        self._max_s = max(self._max_s, age_s)

    def figures(self) -> LatencySummary:
        """Everything at this moment."""
        return LatencySummary(
            points=sum(self._counts),
            p50_s=self._quantile(0.5),
            p99_s=self._quantile(0.99),
            max_s=round(self._max_s, 3),
            sum_s=self._sum_s,
            counts=tuple(self._counts),
        )

    def _quantile(self, share: float) -> float | None:
        """By the place within its bucket, as Prometheus does, but never above the maximum."""
        wanted = share * sum(self._counts)
        if not wanted:
            return None
        below, low_s = 0, 0.0
        for count, high_s in zip(self._counts, (*BOUNDS_S, self._max_s), strict=True):
            if below + count >= wanted:
                width_s = min(high_s, self._max_s) - low_s
                return round(low_s + width_s * (wanted - below) / count, 3)
            below, low_s = below + count, high_s
        raise ValueError("a share is between 0 and 1")
