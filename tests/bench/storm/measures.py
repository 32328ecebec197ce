"""What a run costs and how quick it is: CPU, memory as time goes on, publishing to storing."""

from collections.abc import Mapping
from typing import Any

from tests.bench.process_watch import usage
from tests.bench.storm.latency import Histogram
from tests.bench.storm.memory import MemoryTrack
from tests.bench.storm.usage import UsageLog

WARM_UP_S = 90.0
"""In it publishers connect one after another and deliver what has waited for that, and at the load
test's pace every device is heard for the first time."""


class Measures:
    """Collects while a run goes on.

    Args:
        duration_s: of the run; the warm-up is at most a third of it.
    """

    def __init__(self, duration_s: float | None) -> None:
        self.warm_up_s = WARM_UP_S if duration_s is None else min(WARM_UP_S, duration_s / 3)
        self.points: dict[str, int] = {}
        """Distinct points at each stage, where they were counted."""
        self._usage = UsageLog()
        self._warm_usage: dict[str, dict[str, float]] = {}
        self._memory: dict[str, MemoryTrack] = {}
        self._warm: Histogram | None = None
        self._latest: Histogram | None = None

    def record_usage(self, pids: Mapping[str, int], elapsed_s: float) -> None:
        """Look at every process."""
        for name, pid in pids.items():
            used = usage(pid)
            if used is not None:
                self._usage.record(name, pid, used)
                track = self._memory.setdefault(name, MemoryTrack())
                track.record(elapsed_s, round(used.rss_mb, 1), round(used.peak_rss_mb, 1))
        if elapsed_s <= self.warm_up_s:
            self._warm_usage = self._usage.report()

    def record_latency(self, found: Histogram | None, elapsed_s: float) -> None:
        """Take the worker's histogram; None: it did not answer."""
        if found is None:
            return
        self._latest = found
        if elapsed_s <= self.warm_up_s:
            self._warm = found

    def report(self) -> dict[str, Any]:
        """Everything, for the report."""
        latest = self._latest
        return {
            "warm_up_s": round(self.warm_up_s, 1),
            "stored_after": {
                "whole_run": _quantiles(latest),
                "after_warm_up": _quantiles(latest.since(self._warm) if latest else None),
            },
            "points": self.points,
            "processes": self._usage.report(),
            "cpu_s_per_million_after_warm_up": self._per_million(),
            "memory": {name: track.report(self.warm_up_s) for name, track in self._memory.items()},
        }

    def _per_million(self) -> dict[str, float]:
        """CPU s of each process for a million points that were stored after the warm-up."""
        points = self._latest.since(self._warm).counts[-1] if self._latest else 0
        return {
            name: round((used["cpu_s"] - self._warm_usage[name]["cpu_s"]) * 1e6 / points, 2)
            for name, used in self._usage.report().items()
            if points and name in self._warm_usage
        }

    def lines(self) -> list[str]:
        """The same for people, briefly."""
        report = self.report()
        found = report["stored_after"]["after_warm_up"]
        lines = [f"after the first {self.warm_up_s:g} s:"]
        if found["points"]:
            bound = f"{found['at_most_s']:g} s" if found["at_most_s"] else "longer than a day"
            lines.append(
                f"  publishing to storing: p50 {found['p50_s']:.2f} s, p99 {found['p99_s']:.2f} s,"
                f" at most {bound} ({found['points']:,} points)"
            )
        per_million = report["cpu_s_per_million_after_warm_up"]
        for name, used in report["processes"].items():
            memory = report["memory"][name]
            slope = memory["slope_mb_per_min"]
            growth = "" if slope is None else f", {slope:+.2f} MB a minute"
            lines.append(
                f"  {name}: {per_million.get(name, 0.0):.1f} CPU s a million points,"
                f" {used['cpu_s']:.1f} CPU s in all, {memory['last_mb']:.0f} MB"
                f" (peak {memory['peak_mb']:.0f}){growth}"
            )
        if self.points:
            stages = ", ".join(f"{count:,} {stage}" for stage, count in self.points.items())
            lines.append(f"  points: {stages}")
        return lines


def _quantiles(found: Histogram | None) -> dict[str, Any]:
    if found is None:
        return {"points": 0, "p50_s": None, "p99_s": None, "at_most_s": None}
    return {
        "points": round(found.counts[-1]),
        "p50_s": found.quantile_s(0.5),
        "p99_s": found.quantile_s(0.99),
        "at_most_s": found.at_most_s,
    }
