"""Elevators, car parks and chargers: what moves and what is plugged in."""

from gigacity_contract.kinds import Elevator, EVCharger, ParkingGate
from gigacity_contract.local_time import DAY_MS, UTC_OFFSET_MS
from gigacity_simulators.models.condition import ALARM
from gigacity_simulators.models.noise import between, unit, wobble
from gigacity_simulators.models.rhythm import COMINGS_AND_GOINGS, local_day

_EPOCH_MS = 1_735_660_800_000
"""2025-01-01 local time: when the totals began to count."""


def elevator(key: int, at_ms: int, condition: int) -> Elevator:
    """An elevator of 6 to 33 floors; with a fault it stands still."""
    has_fault = bool(condition & ALARM)
    rate = COMINGS_AND_GOINGS.rate(at_ms)
    is_moving = not has_fault and unit(key, 1 + (at_ms << 8)) < 0.3 * rate
    top = int(between(key, 2, 6, 34))
    return Elevator(
        floor=1 + int(top * unit(key, 3 + (at_ms // 60_000 << 8))),
        moving=is_moving,
        door_open=not is_moving and unit(key, 4 + (at_ms << 8)) < 0.15,
        fault=has_fault,
        trips_total=int(between(key, 5, 0.002, 0.008) * COMINGS_AND_GOINGS.since(_EPOCH_MS, at_ms)),
    )


def parking_gate(key: int, at_ms: int, condition: int) -> ParkingGate:
    """A car park: who came in leaves some hours later, so exits never pass entries."""
    del condition
    per_s = between(key, 1, 0.002, 0.01)
    stay_ms = int(between(key, 2, 2, 9) * 3_600_000)
    entries = int(per_s * COMINGS_AND_GOINGS.since(_EPOCH_MS, at_ms))
    exits = int(per_s * COMINGS_AND_GOINGS.since(_EPOCH_MS, at_ms - stay_ms))
    spaces = int(per_s * 2.2 * stay_ms / 1000) + 20
    return ParkingGate(
        barrier_open=unit(key, 3 + (at_ms << 8)) < 0.08 * COMINGS_AND_GOINGS.rate(at_ms),
        entries_total=entries,
        exits_total=exits,
        free_spaces=max(0, spaces - (entries - exits)),
    )


def ev_charger(key: int, at_ms: int, condition: int) -> EVCharger:
    """A charger: one session a local day, so that the total is known for any instant."""
    has_fault = bool(condition & ALARM)
    day = local_day(at_ms)
    kwh_per_day = between(key, 1, 8, 30)
    hours = between(key, 2, 2, 5)
    start_h = between(key, 3, 0, 18) + unit(key, 4 + (day << 8))
    within_h = (at_ms + UTC_OFFSET_MS) % DAY_MS / 3_600_000 - start_h
    is_charging = 0 <= within_h < hours and not has_fault
    share = min(1.0, max(0.0, within_h / hours))
    power_kw = kwh_per_day / hours * (1 + 0.02 * wobble(key, 5, at_ms, 60_000))
    days = day - local_day(_EPOCH_MS)
    return EVCharger(
        charging=is_charging,
        fault=has_fault,
        power_kw=round(power_kw, 2) if is_charging else 0.0,
        energy_total_kwh=round(kwh_per_day * (days + share), 2),
    )
