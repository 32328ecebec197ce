"""Cameras, doors, detectors and help buttons: what watches over a community."""

from gigacity_contract.kinds import AccessGate, Camera, GasDetector, SmokeDetector, SOSButton
from gigacity_simulators.models.condition import ALARM, DAMAGED, NO_PICTURE
from gigacity_simulators.models.noise import between, unit, wobble
from gigacity_simulators.models.power import battery_pct, rssi_dbm
from gigacity_simulators.models.rhythm import COMINGS_AND_GOINGS, local_hour
from gigacity_simulators.models.weather import outdoor_c

_EPOCH_MS = 1_735_660_800_000
"""2025-01-01 local time: when the city's totals began to count."""

_HOUR_MS = 3_600_000


def camera(key: int, at_ms: int, condition: int) -> Camera:
    """A camera; at night the picture compresses better, and the housing runs warm."""
    has_picture = not condition & NO_PICTURE
    daylight = 1.0 if 7 <= local_hour(at_ms) < 18 else 0.6
    kbps = between(key, 1, 2500, 6000) * daylight * (1 + 0.2 * wobble(key, 2, at_ms, 600_000))
    return Camera(
        intact=not condition & DAMAGED,
        picture=has_picture,
        recording=has_picture and not condition & DAMAGED,
        bitrate_kbps=int(kbps) if has_picture else 0,
        temp_c=round(outdoor_c(at_ms) + 12 + between(key, 3, -2, 4), 1),
    )


def access_gate(key: int, at_ms: int, condition: int) -> AccessGate:
    """A door: it stands open for moments, more often when people come and go."""
    rate = COMINGS_AND_GOINGS.rate(at_ms)
    is_forced = bool(condition & ALARM)
    return AccessGate(
        door_open=is_forced or unit(key, 1 + (at_ms << 8)) < 0.06 * rate,
        forced=is_forced,
        passes_total=int(between(key, 2, 0.002, 0.02) * COMINGS_AND_GOINGS.since(_EPOCH_MS, at_ms)),
        rssi_dbm=rssi_dbm(key, at_ms),
    )


def smoke_detector(key: int, at_ms: int, condition: int) -> SmokeDetector:
    """A smoke detector: dust makes a little obscuration, smoke much more."""
    is_alarm = bool(condition & ALARM)
    dust = 0.3 + 0.25 * wobble(key, 1, at_ms, _HOUR_MS)
    return SmokeDetector(
        alarm=is_alarm,
        obscuration_pct_per_m=round(between(key, 2, 8, 22) if is_alarm else dust, 2),
        temp_c=round(between(key, 3, 17, 24) + (18 if is_alarm else 0) + dust, 1),
        battery_pct=battery_pct(key, at_ms),
        rssi_dbm=rssi_dbm(key, at_ms),
    )


def gas_detector(key: int, at_ms: int, condition: int) -> GasDetector:
    """A gas detector: cooking shows as a trace, a leak above its threshold of 10 % LEL."""
    is_alarm = bool(condition & ALARM)
    trace = 0.6 + 0.5 * wobble(key, 1, at_ms, _HOUR_MS)
    return GasDetector(
        alarm=is_alarm,
        methane_pct_lel=round(between(key, 2, 12, 30) if is_alarm else trace, 1),
        temp_c=round(between(key, 3, 18, 27), 1),
    )


def sos_button(key: int, at_ms: int, condition: int) -> SOSButton:
    """A help button: pressed, or waiting."""
    return SOSButton(
        pressed=bool(condition & ALARM),
        battery_pct=battery_pct(key, at_ms),
        rssi_dbm=rssi_dbm(key, at_ms),
    )
