"""Daily rhythms whose totals are exact: a rate over the day and its integral in closed form.

Since the rate is never negative, a counter made from the integral only ever grows, whenever and in
whatever order it is asked.
"""

from math import cos, pi, sin
from typing import Final, NamedTuple

from gigacity_contract.local_time import DAY_MS, UTC_OFFSET_MS

DAY_S: Final = 86_400.0


def local_hour(at_ms: int) -> float:
    """Hour of the day in local time, 0 <= hour < 24."""
    return (at_ms + UTC_OFFSET_MS) % DAY_MS / 3_600_000


def local_day(at_ms: int) -> int:
    """Days since 1970-01-01 in local time."""
    return (at_ms + UTC_OFFSET_MS) // DAY_MS


class Rhythm(NamedTuple):
    """A rate with mean 1: a daily wave that peaks at one hour and a half-daily one at another."""

    daily: float
    daily_peak_h: float
    half_daily: float
    half_daily_peak_h: float

    def rate(self, at_ms: int) -> float:
        """How busy this instant is; 1 is the mean of a day. Not negative for daily + half <= 1."""
        hour = local_hour(at_ms)
        first = self.daily * cos((hour - self.daily_peak_h) * pi / 12)
        second = self.half_daily * cos((hour - self.half_daily_peak_h) * pi / 6)
        return 1.0 + first + second

    def total(self, at_ms: int) -> float:
        """Integral of ``rate`` in seconds since 1970-01-01 local time, up to a constant."""
        hour = local_hour(at_ms)
        first = self.daily * sin((hour - self.daily_peak_h) * pi / 12) * DAY_S / (2 * pi)
        second = self.half_daily * sin((hour - self.half_daily_peak_h) * pi / 6) * DAY_S / (4 * pi)
        return at_ms / 1000 + first + second

    def since(self, start_ms: int, at_ms: int) -> float:
        """Integral of ``rate`` from start to at, in seconds; at the mean rate, the time between."""
        return self.total(at_ms) - self.total(start_ms)


HOME_TRAFFIC: Final = Rhythm(0.50, 20.0, 0.25, 21.0)
"""Household broadband: low before dawn, a bump at noon, the peak after dinner."""

HOME_USE: Final = Rhythm(0.45, 18.5, 0.35, 19.5)
"""Water, gas and electricity of homes: a morning and an evening peak."""

COMINGS_AND_GOINGS: Final = Rhythm(0.60, 13.5, 0.35, 18.5)
"""Doors, elevators and car parks: rush hours, quiet nights."""
