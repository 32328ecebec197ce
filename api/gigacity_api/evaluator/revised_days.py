"""Days with revised instants: their own figures are written again once nothing of them waits."""

from collections.abc import Callable, Iterable, Iterator

from gigacity_api.errors import StoreError
from gigacity_api.evaluator.daily_figures import DailyFigures


class RevisedDays:
    """Which days wait, and the one that is being written, piece by piece."""

    def __init__(self, daily: DailyFigures) -> None:
        self._daily = daily
        self._days: set[int] = set()
        self._day_ms = 0
        self._pieces: Iterator[None] | None = None
        """Of that day."""

    def __contains__(self, day_ms: int) -> bool:
        return day_ms in self._days

    def add(self, days_ms: Iterable[int]) -> None:
        """An instant of them was, or is about to be, revised."""
        self._days.update(days_ms)

    def sorted(self) -> list[int]:
        """Those that wait, the oldest first."""
        return sorted(self._days)

    def step(self, is_quiet: Callable[[int], bool]) -> bool:
        """One piece of a day of which no instant waits any more; False if there is none.

        Raises:
            StoreError: the day is begun anew.
        """
        if self._pieces is None:
            self._day_ms = next((day for day in self.sorted() if is_quiet(day)), 0)
            if not self._day_ms:
                return False
            self._pieces = self._daily.rewrite(self._day_ms)
        try:
            if next(self._pieces, self) is self:
                self._days.discard(self._day_ms)
                self._pieces = None
        except StoreError:
            self._pieces = None
            raise
        return True
