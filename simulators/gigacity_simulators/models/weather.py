"""Outdoor weather of the whole city: every sensor of one city shares it."""

from math import cos, pi

from gigacity_contract.local_time import DAY_MS
from gigacity_simulators.models.noise import wobble
from gigacity_simulators.models.rhythm import local_day, local_hour

_CITY_KEY = 0x371600


def outdoor_c(at_ms: int) -> float:
    """Air temperature: Binzhou's seasons (about -3 in January, 27 in July), and the day's wave."""
    season = -15.0 * cos((local_day(at_ms) - 15) % 365 * 2 * pi / 365)
    day = 5.0 * cos((local_hour(at_ms) - 14.5) * pi / 12)
    return 12.5 + season + day + 4.0 * wobble(_CITY_KEY, 1, at_ms, 3 * DAY_MS)


def haze(at_ms: int) -> float:
    """How hazy the city is: 0 (clear) to 1 (smog), over days."""
    return 0.5 + 0.5 * wobble(_CITY_KEY, 2, at_ms, 2 * DAY_MS)
