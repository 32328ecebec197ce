"""What the processes of a run have used, each over all its lives."""

from tests.bench.process_watch import Usage


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
                "rss_mb": round(usage.rss_mb, 1),
                "peak_rss_mb": round(usage.peak_rss_mb, 1),
            }
            for name, (_, usage) in self._latest.items()
        }
