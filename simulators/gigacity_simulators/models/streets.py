"""Street lights, bins, manholes and the air: what stands outside."""

from gigacity_contract.kinds import AirQuality, ManholeCover, StreetLight, WasteBin
from gigacity_contract.local_time import DAY_MS
from gigacity_simulators.models.condition import ALARM
from gigacity_simulators.models.noise import between, unit, wobble
from gigacity_simulators.models.power import battery_pct, rssi_dbm
from gigacity_simulators.models.rhythm import COMINGS_AND_GOINGS, local_day, local_hour
from gigacity_simulators.models.weather import haze, outdoor_c

_EPOCH_MS = 1_735_660_800_000
"""2025-01-01 local time: when the totals began to count."""

_HOUR_MS = 3_600_000

# Full from 18:00 to 23:00, dimmed to 60 % until 05:30.
_LIT_FULL_H = (18.0, 23.0)
_LIT_UNTIL_H = 5.5
_DIMMED = 0.6
_FULL_HOURS_A_DAY = 5.0 + _DIMMED * 6.5


def _dimming(hour: float) -> float:
    if _LIT_FULL_H[0] <= hour < _LIT_FULL_H[1]:
        return 1.0
    return _DIMMED if hour >= _LIT_FULL_H[1] or hour < _LIT_UNTIL_H else 0.0


def _burnt_hours(hour: float) -> float:
    """Hours at full power that a lamp has burnt since midnight."""
    night = _DIMMED * min(hour, _LIT_UNTIL_H)
    evening = min(max(hour - _LIT_FULL_H[0], 0.0), _LIT_FULL_H[1] - _LIT_FULL_H[0])
    return night + evening + _DIMMED * max(hour - _LIT_FULL_H[1], 0.0)


def street_light(key: int, at_ms: int, condition: int) -> StreetLight:
    """A lamp of 60 to 180 W on a timer; its energy total is what the timer has burnt."""
    del condition
    rated_w = between(key, 1, 60, 180)
    hour = local_hour(at_ms)
    dimming = _dimming(hour)
    days = local_day(at_ms) - local_day(_EPOCH_MS)
    hours = days * _FULL_HOURS_A_DAY + _burnt_hours(hour)
    return StreetLight(
        lamp_on=dimming > 0,
        dimming_pct=100 * dimming,
        power_w=round(rated_w * dimming, 1),
        voltage_v=round(228 + 3 * wobble(key, 2, at_ms, 600_000), 1),
        energy_total_kwh=round(rated_w * hours / 1000, 3),
    )


def air_quality(key: int, at_ms: int, condition: int) -> AirQuality:
    """A station: the city's haze, its own street's traffic, and the weather."""
    del condition
    traffic = COMINGS_AND_GOINGS.rate(at_ms)
    pm25 = 12 + 110 * haze(at_ms) ** 2 + 8 * traffic * unit(key, 1)
    temp_c = outdoor_c(at_ms) + between(key, 2, -0.8, 0.8)
    humidity = 62 - 1.1 * (temp_c - 12) + 12 * wobble(key, 3, at_ms, 6 * _HOUR_MS)
    return AirQuality(
        pm25_ug_per_m3=round(pm25, 1),
        pm10_ug_per_m3=round(pm25 * between(key, 4, 1.4, 1.9), 1),
        co2_ppm=round(425 + 30 * traffic + 10 * wobble(key, 5, at_ms, _HOUR_MS)),
        temp_c=round(temp_c, 1),
        humidity_pct=round(min(98.0, max(15.0, humidity)), 1),
        noise_db=round(42 + 9 * traffic + 4 * wobble(key, 6, at_ms, 300_000), 1),
    )


def waste_bin(key: int, at_ms: int, condition: int) -> WasteBin:
    """A bin: it fills over a day and a half or so, and is emptied."""
    del condition
    cycle_ms = int(between(key, 1, 0.8, 2.2) * DAY_MS)
    fill = (at_ms + int(unit(key, 2) * cycle_ms)) % cycle_ms / cycle_ms
    return WasteBin(
        fill_pct=round(95 * fill, 1),
        lid_open=unit(key, 3 + (at_ms << 8)) < 0.03,
        temp_c=round(outdoor_c(at_ms) + 3 * fill, 1),
        battery_pct=battery_pct(key, at_ms),
    )


def manhole_cover(key: int, at_ms: int, condition: int) -> ManholeCover:
    """A cover: level and dry, unless somebody moves it."""
    is_displaced = bool(condition & ALARM)
    water = 12 + 10 * wobble(key, 1, at_ms, 6 * _HOUR_MS)
    return ManholeCover(
        displaced=is_displaced,
        tilt_deg=round(between(key, 2, 20, 70) if is_displaced else between(key, 3, 0, 2.5), 1),
        water_level_cm=round(water, 1),
        battery_pct=battery_pct(key, at_ms),
        rssi_dbm=rssi_dbm(key, at_ms),
    )
