"""What a process has used: CPU seconds and memory, from /proc."""

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    """Of one process."""

    cpu_s: float
    rss_mb: float
    peak_rss_mb: float


def usage_of(pid: int) -> Usage | None:
    """Usage of a running process; None if it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    sizes = {
        name: int(value.split()[0]) / 1024
        for name, _, value in (line.partition(":") for line in status)
        if name in {"VmRSS", "VmHWM"}
    }
    if "VmRSS" not in sizes:  # It has ended and waits for its parent.
        return None
    cpu_s = (int(stat[11]) + int(stat[12])) / _TICKS
    return Usage(round(cpu_s, 2), round(sizes["VmRSS"], 1), round(sizes.get("VmHWM", 0), 1))


class UsageLog:
    """The latest usage by process; what an earlier life of a restarted one used is added."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[int, Usage]] = {}
        self._ended_cpu_s: dict[str, float] = {}

    def record(self, name: str, pid: int, usage: Usage) -> None:
        """Take what a process has used by now."""
        before = self._latest.get(name)
        if before is not None and before[0] != pid:
            self._ended_cpu_s[name] = self._ended_cpu_s.get(name, 0.0) + before[1].cpu_s
        self._latest[name] = (pid, usage)

    def report(self) -> dict[str, dict[str, float]]:
        """By process: CPU seconds of all its lives, memory of the last."""
        return {
            name: {
                "cpu_s": round(usage.cpu_s + self._ended_cpu_s.get(name, 0.0), 2),
                "rss_mb": usage.rss_mb,
                "peak_rss_mb": usage.peak_rss_mb,
            }
            for name, (_, usage) in self._latest.items()
        }
