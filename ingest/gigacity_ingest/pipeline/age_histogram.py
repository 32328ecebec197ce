"""When the readings of a batch were taken, in a few steps: enough to say how old they are. Pure."""

from bisect import bisect_left

_FIRST_STEP_MS = 50

AgeHistogram = tuple[tuple[int, int], ...]
"""Oldest ``ts`` of a step, and how many points lie in it; newest step first."""


def summarize(times: list[int], *, since_ms: int) -> AgeHistogram:
    """Steps back from the newest point, each twice as long as the one before; sorts ``times``.

    A step speaks of its points as of its oldest, so that no point is said to be younger than it is,
    and one device whose clock is slow does not make the others of its batch old.

    Args:
        times: ``ts`` of each point.
        since_ms: older points are left out.
    """
    times.sort()
    begin, end = bisect_left(times, since_ms), len(times)
    steps: list[tuple[int, int]] = []
    reach_ms = _FIRST_STEP_MS
    while end > begin:
        start = bisect_left(times, times[-1] - reach_ms, begin, end)
        if start < end:
            steps.append((times[start], end - start))
            end = start
        reach_ms *= 2
    return tuple(steps)


def part_of(histogram: AgeHistogram, points: int, whole: int) -> AgeHistogram:
    """The moments of so many points of the whole; which ones they are is not known."""
    if points >= whole:
        return histogram
    steps: list[tuple[int, int]] = []
    passed = 0
    for ts, count in histogram:
        share = (passed + count) * points // whole - passed * points // whole
        passed += count
        if share:
            steps.append((ts, share))
    return tuple(steps)
