"""How old the honest readings are when the database has confirmed them, phase by phase.

The clock is the account's own: ``ts`` is taken when a reading is made, and the other instant when
the write that holds it is confirmed. Each OLT or device counts once for an instant.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

QUIET = "quiet"


class Ages:
    """Notes ages until it is closed; safe in several threads.

    Args:
        prefix: how the names of the honest begin.
        now_ms: wall clock.
    """

    def __init__(self, prefix: str, now_ms: Callable[[], int]) -> None:
        self._line = re.compile(
            rb"(?:olt|device)=(%s-[^, ]+).* (\d+)$" % prefix.encode(), re.MULTILINE
        )
        self._now_ms = now_ms
        self._began_ms: list[int] = []
        self._phases: list[str] = []
        self._ages: dict[tuple[bytes, int], int] = {}
        self._is_open = False

    def begin(self, phase: str) -> None:
        """From now on readings are made in this phase."""
        self._began_ms.append(self._now_ms())
        self._phases.append(phase)
        self._is_open = True

    def close(self) -> None:
        """What is stored from now on does not count."""
        self._is_open = False

    def note(self, lines: bytes) -> None:
        """The database has confirmed these lines; a reading's first time counts."""
        if self._is_open:
            now_ms = self._now_ms()
            for name, ts in self._line.findall(lines):
                self._ages.setdefault((name, int(ts)), now_ms - int(ts))

    def as_json(self) -> dict[str, Any]:
        """Percentiles of quiet phases, of all others together, and of each."""
        by_phase: dict[str, list[int]] = {}
        for (_, ts), age in list(self._ages.items()):
            if at := bisect_right(self._began_ms, ts):
                by_phase.setdefault(self._phases[at - 1], []).append(age)
        quiet = by_phase.pop(QUIET, [])
        others = _percentiles([age for ages in by_phase.values() for age in ages])
        figures = {QUIET: _percentiles(quiet), "neighbours": others}
        ratio = {
            name: round(others[name] / figures[QUIET][name], 2)
            for name in ("p50_ms", "p99_ms")
            if figures[QUIET].get(name) and name in others
        }
        each = {name: _percentiles(ages) for name, ages in sorted(by_phase.items())}
        return {**figures, "ratio": ratio, "by_neighbour": each}


def _percentiles(ages: list[int]) -> dict[str, int]:
    if not ages:
        return {"readings": 0}
    ages.sort()
    last = len(ages) - 1
    return {
        "readings": len(ages),
        "p50_ms": ages[round(0.5 * last)],
        "p99_ms": ages[round(0.99 * last)],
        "most_ms": ages[-1],
    }
