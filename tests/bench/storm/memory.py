"""How the memory of the processes goes during a run: samples, and whether it grows. Pure."""

from dataclasses import dataclass, field
from statistics import linear_regression
from typing import Any

EVERY_S = 5.0
_MAX_SAMPLES = 720
"""An hour; beyond, every other sample is dropped and they are taken half as often."""
_FEWEST = 3
"""Samples without which there is no slope."""


@dataclass
class MemoryTrack:
    """Resident memory of one process in the course of time, in MB."""

    samples: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the start of the run, and MB then."""
    peak_mb: float = 0.0
    _every_s: float = EVERY_S

    def record(self, at_s: float, rss_mb: float, peak_mb: float) -> None:
        """Look at it; most looks are passed over."""
        self.peak_mb = max(self.peak_mb, peak_mb)
        if self.samples and at_s - self.samples[-1][0] < self._every_s:
            return
        self.samples.append((round(at_s, 1), rss_mb))
        if len(self.samples) >= _MAX_SAMPLES:
            del self.samples[1::2]
            self._every_s *= 2

    def slope_mb_per_min(self, since_s: float) -> float | None:
        """How fast it grows after the warm-up, by a straight line; None: too few samples."""
        found = [sample for sample in self.samples if sample[0] >= since_s]
        if len(found) < _FEWEST:
            return None
        line = linear_regression(*zip(*found, strict=True))
        return round(line.slope * 60, 3)

    def report(self, warm_up_s: float) -> dict[str, Any]:
        """First, last, peak, growth, and the samples behind them."""
        return {
            "first_mb": self.samples[0][1] if self.samples else None,
            "last_mb": self.samples[-1][1] if self.samples else None,
            "peak_mb": self.peak_mb,
            "slope_mb_per_min": self.slope_mb_per_min(warm_up_s),
            "samples": self.samples,
        }
