"""Household meters: totals are integrals of a rate that is never negative, so they only grow."""

from gigacity_contract.kinds import ElectricityMeter, GasMeter, WaterMeter
from gigacity_simulators.models.noise import between, wobble
from gigacity_simulators.models.power import battery_pct, rssi_dbm
from gigacity_simulators.models.rhythm import DAY_S, HOME_USE

_EPOCH_MS = 1_735_660_800_000
"""2025-01-01 local time: the meters' installation."""


def _days_of_use(at_ms: int) -> float:
    return HOME_USE.since(_EPOCH_MS, at_ms) / DAY_S


def water_meter(key: int, at_ms: int, condition: int) -> WaterMeter:
    """A household draws 0.2 to 0.6 m³ a day."""
    del condition  # A meter raises no event of its own.
    m3_per_day = between(key, 1, 0.2, 0.6)
    return WaterMeter(
        volume_total_m3=round(m3_per_day * _days_of_use(at_ms), 3),
        flow_m3_per_h=round(m3_per_day / 24 * HOME_USE.rate(at_ms), 4),
        valve_open=True,
        battery_pct=battery_pct(key, at_ms),
        rssi_dbm=rssi_dbm(key, at_ms),
    )


def electricity_meter(key: int, at_ms: int, condition: int) -> ElectricityMeter:
    """A household draws 4 to 14 kWh a day; the voltage sags a little at the evening peak."""
    del condition
    kwh_per_day = between(key, 1, 4, 14)
    rate = HOME_USE.rate(at_ms)
    power_kw = kwh_per_day / 24 * rate
    voltage_v = 231 - 3 * rate + 1.5 * wobble(key, 2, at_ms, 600_000)
    return ElectricityMeter(
        energy_total_kwh=round(kwh_per_day * _days_of_use(at_ms), 2),
        power_kw=round(power_kw, 3),
        voltage_v=round(voltage_v, 1),
        current_a=round(power_kw * 1000 / voltage_v / 0.95, 2),
    )


def gas_meter(key: int, at_ms: int, condition: int) -> GasMeter:
    """A household burns 0.3 to 1.2 m³ a day."""
    del condition
    return GasMeter(
        volume_total_m3=round(between(key, 1, 0.3, 1.2) * _days_of_use(at_ms), 3),
        valve_open=True,
        battery_pct=battery_pct(key, at_ms),
        rssi_dbm=rssi_dbm(key, at_ms),
    )
