"""What battery-powered radio devices have in common: charge and signal."""

from typing import Final

from gigacity_contract.local_time import DAY_MS
from gigacity_simulators.models.noise import between, unit, wobble

_HOUR_MS: Final = 3_600_000
_BATTERY_LIFE_MS: Final = 1800 * DAY_MS


def battery_pct(key: int, at_ms: int) -> int:
    """Charge: falls from 100 to 12 % over five years, then the battery is replaced."""
    age_ms = (at_ms + int(unit(key, 101) * _BATTERY_LIFE_MS)) % _BATTERY_LIFE_MS
    return round(100 - 88 * age_ms / _BATTERY_LIFE_MS)


def rssi_dbm(key: int, at_ms: int) -> int:
    """Received signal: by the place, and fading over the hour."""
    return round(between(key, 102, -108, -62) + 4 * wobble(key, 103, at_ms, _HOUR_MS))
