"""From publishing to storing, as the worker's histogram tells it to anybody who asks. Pure.

A run begins with thousands of devices that connect one after another and deliver what has waited
for it; what comes after that is the difference between the histogram then and at the end.
"""

import math
import re
from itertools import pairwise
from typing import NamedTuple

_BUCKET = re.compile(
    r"gigacity_worker_end_to_end_latency_seconds_bucket"
    r'\{[^}]*le="(?P<bound>[^"]+)"[^}]*\} (?P<count>\S+)'
)


class Histogram(NamedTuple):
    """Points at or below each bound, in seconds; the last bound is infinite."""

    bounds_s: tuple[float, ...]
    counts: tuple[float, ...]

    def since(self, earlier: "Histogram | None") -> "Histogram":
        """What has come after an earlier look; a worker that was started anew begins at 0."""
        if earlier is None or earlier.counts[-1] > self.counts[-1]:
            return self
        counts = zip(self.counts, earlier.counts, strict=True)
        return Histogram(self.bounds_s, tuple(now - then for now, then in counts))

    def quantile_s(self, share: float) -> float | None:
        """Seconds within which so many of the points were stored, by the place in their bucket.

        None if there is no point; of those beyond the last bound no more is known than that.
        """
        wanted = share * self.counts[-1]
        if not wanted:
            return None
        places = zip((0.0, *self.bounds_s), (0.0, *self.counts), strict=True)
        for (low_s, below), (high_s, count) in pairwise(places):
            if count >= wanted and count > below:
                if math.isinf(high_s):
                    return low_s
                return round(low_s + (high_s - low_s) * (wanted - below) / (count - below), 3)
        return None

    @property
    def at_most_s(self) -> float | None:
        """The bound of the last bucket that holds a point; None if none does or it has no bound."""
        total = self.counts[-1]
        found = next(b for b, n in zip(self.bounds_s, self.counts, strict=True) if n >= total)
        return found if total and not math.isinf(found) else None


def parse_histogram(metrics: str) -> Histogram | None:
    """The worker's histogram out of its page of metrics; None if it is not there."""
    found = [(float(m["bound"]), float(m["count"])) for m in _BUCKET.finditer(metrics)]
    if not found:
        return None
    found.sort()
    return Histogram(tuple(bound for bound, _ in found), tuple(count for _, count in found))
