"""When the points of a batch were taken: in each series one span for each run of them. Pure.

One reading of an hour ago beside readings of now is two runs, so that what is said of the one is
not said of the time between them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

RUN_GAP_MS = 60_000
"""Points that lie no further apart are of one run: shorter than any time for which a report counts,
so that no evaluation tick lies between two of them at which neither counts."""

MAX_RUNS = 32
"""Runs of a series of one batch; beyond that the nearest ones become one."""

Series = tuple[str, str]
"""Measurement and area: what a late-data marker speaks of."""


class PointSpan(NamedTuple):
    """The times of one run of points."""

    first_ms: int
    last_ms: int
    points: int


Spans = Mapping[Series, tuple[PointSpan, ...]]
"""Of each series its runs."""


def spans_of_lines(lines: Iterable[bytes]) -> Spans:
    """The runs of points that are lines already: telemetry as this worker encodes it, in ms.

    Tags need no escape (identities have no character that would), so they end at the first blank.
    """
    found: defaultdict[Series, list[tuple[int, int]]] = defaultdict(list)
    for line in lines:
        measurement, *tags = line.split(b" ", 1)[0].decode().split(",")
        for area in (tag[5:] for tag in tags if tag.startswith("area=")):
            found[measurement, area].append((int(line.rsplit(b" ", 1)[1]), 1))
    return {series: runs_of(times) for series, times in found.items()}


def runs_of(found: Iterable[tuple[int, int]]) -> tuple[PointSpan, ...]:
    """The runs of points.

    Args:
        found: times, and how many points each has; in any order, at least one.
    """
    ordered = sorted(found)
    gaps = sorted((b[0] - a[0] for a, b in pairwise(ordered)), reverse=True)
    widest = gaps[MAX_RUNS - 1] if len(gaps) >= MAX_RUNS else 0
    gap_ms = max(RUN_GAP_MS, widest)
    runs: list[PointSpan] = []
    for ts, points in ordered:
        if runs and ts - runs[-1].last_ms <= gap_ms:
            runs[-1] = PointSpan(runs[-1].first_ms, ts, runs[-1].points + points)
        else:
            runs.append(PointSpan(ts, ts, points))
    return tuple(runs)
