"""Instants whose revision fails again and again: they wait apart, and hold no other up. Pure.

One that failed ``FAILURES`` times is set aside and tried again after ``FIRST_WAIT_S``, then
after twice as long each time, ``LONGEST_WAIT_S`` at most. Where very many fail it is not theirs but
a general fault: then no more are set aside, and everything waits as one.
"""

from typing import NamedTuple

FAILURES = 3
FIRST_WAIT_S = 600.0
LONGEST_WAIT_S = 6 * 3_600.0
MAX_SET_ASIDE = 1_000


class _Failing(NamedTuple):
    failures: int = 0
    wait_s: float = FIRST_WAIT_S
    until_s: float | None = None
    """When it is tried again; None: it waits with the others."""


class SetAside:
    """What failed, by instant; times are monotonic seconds."""

    def __init__(self) -> None:
        self._failing: dict[int, _Failing] = {}

    def __len__(self) -> int:
        return len(self.instants())

    def instants(self) -> list[int]:
        """Those that are set aside at present."""
        return [instant for instant, one in self._failing.items() if one.until_s is not None]

    def failed(self, instant: int, now_s: float) -> bool:
        """Count a failure; returns whether the instant is set aside by it."""
        known = self._failing.get(instant, _Failing())
        if known.failures + 1 < FAILURES:
            if len(self._failing) < 2 * MAX_SET_ASIDE:
                self._failing[instant] = known._replace(failures=known.failures + 1)
            return False
        if len(self) >= MAX_SET_ASIDE:
            return False
        # The next time one failure is enough.
        self._failing[instant] = _Failing(
            FAILURES - 1, min(LONGEST_WAIT_S, 2 * known.wait_s), now_s + known.wait_s
        )
        return True

    def due(self, now_s: float) -> list[int]:
        """Take back those whose wait is over; what is known of their failures stays."""
        found = [
            instant
            for instant, one in self._failing.items()
            if one.until_s is not None and one.until_s <= now_s
        ]
        for instant in found:
            self._failing[instant] = self._failing[instant]._replace(until_s=None)
        return found

    def done(self, instant: int) -> None:
        """It was evaluated, or given up."""
        self._failing.pop(instant, None)

    def drop_before(self, at_ms: int) -> int:
        """Forget instants before a moment; returns how many of them were set aside."""
        before = len(self)
        self._failing = {i: one for i, one in self._failing.items() if i >= at_ms}
        return before - len(self)
