"""The catalogue of device kinds: names, expected interval, and the typed fields of ``values``.

Adding a kind is adding a struct and a row of ``CATALOGUE``: decoding, storage, JSON Schema and the
simulator's completeness test follow from it. Every field is optional in a message; one without any
valid field is refused.
"""

from types import MappingProxyType
from typing import NamedTuple

import msgspec

from gigacity_contract import units


class Values(
    msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True, omit_defaults=True
):
    """Base of the value structs."""


class Camera(Values):
    """``intact``: works as it should (完好); ``picture``: delivers a picture (出图)."""

    intact: bool | None = None
    picture: bool | None = None
    recording: bool | None = None
    bitrate_kbps: units.KilobitPerSecond | None = None
    temp_c: units.Celsius | None = None


class AccessGate(Values):
    """Door or turnstile; ``passes_total`` only grows."""

    door_open: bool | None = None
    forced: bool | None = None
    passes_total: units.Counter | None = None
    rssi_dbm: units.SignalDbm | None = None


class ParkingGate(Values):
    """Barrier of a car park."""

    barrier_open: bool | None = None
    entries_total: units.Counter | None = None
    exits_total: units.Counter | None = None
    free_spaces: units.Count | None = None


class SmokeDetector(Values):
    """Smoke detector; an alarm is a message sent at once."""

    alarm: bool | None = None
    obscuration_pct_per_m: units.ObscurationPercent | None = None
    temp_c: units.Celsius | None = None
    battery_pct: units.BatteryPercent | None = None
    rssi_dbm: units.SignalDbm | None = None


class GasDetector(Values):
    """Combustible gas detector; concentration in percent of the lower explosive limit."""

    alarm: bool | None = None
    methane_pct_lel: units.Percent | None = None
    temp_c: units.Celsius | None = None


class Elevator(Values):
    """Elevator car and door."""

    floor: units.Floor | None = None
    moving: bool | None = None
    door_open: bool | None = None
    fault: bool | None = None
    trips_total: units.Counter | None = None


class StreetLight(Values):
    """Single-lamp controller."""

    lamp_on: bool | None = None
    dimming_pct: units.Percent | None = None
    power_w: units.Watt | None = None
    voltage_v: units.MainsVolt | None = None
    energy_total_kwh: units.KilowattHour | None = None


class WaterMeter(Values):
    """Household water meter; the total only grows."""

    volume_total_m3: units.CubicMetre | None = None
    flow_m3_per_h: units.CubicMetrePerHour | None = None
    valve_open: bool | None = None
    battery_pct: units.BatteryPercent | None = None
    rssi_dbm: units.SignalDbm | None = None


class ElectricityMeter(Values):
    """Household electricity meter; the total only grows."""

    energy_total_kwh: units.KilowattHour | None = None
    power_kw: units.Kilowatt | None = None
    voltage_v: units.MainsVolt | None = None
    current_a: units.Ampere | None = None


class GasMeter(Values):
    """Household gas meter; the total only grows."""

    volume_total_m3: units.CubicMetre | None = None
    valve_open: bool | None = None
    battery_pct: units.BatteryPercent | None = None
    rssi_dbm: units.SignalDbm | None = None


class AirQuality(Values):
    """Outdoor station of a community."""

    pm25_ug_per_m3: units.MicrogramPerCubicMetre | None = None
    pm10_ug_per_m3: units.MicrogramPerCubicMetre | None = None
    co2_ppm: units.Ppm | None = None
    temp_c: units.Celsius | None = None
    humidity_pct: units.Percent | None = None
    noise_db: units.Decibel | None = None


class WasteBin(Values):
    """Fill level of a waste bin."""

    fill_pct: units.Percent | None = None
    lid_open: bool | None = None
    temp_c: units.Celsius | None = None
    battery_pct: units.BatteryPercent | None = None


class EVCharger(Values):
    """One charging point."""

    charging: bool | None = None
    fault: bool | None = None
    power_kw: units.Kilowatt | None = None
    energy_total_kwh: units.KilowattHour | None = None


class SOSButton(Values):
    """Help button; a press is a message sent at once."""

    pressed: bool | None = None
    battery_pct: units.BatteryPercent | None = None
    rssi_dbm: units.SignalDbm | None = None


class ManholeCover(Values):
    """Tilt and water level under a manhole cover."""

    displaced: bool | None = None
    tilt_deg: units.Degree | None = None
    water_level_cm: units.Centimetre | None = None
    battery_pct: units.BatteryPercent | None = None
    rssi_dbm: units.SignalDbm | None = None


class DeviceKind(NamedTuple):
    """One row of the catalogue."""

    name: str
    values: type[Values]
    expected_interval_s: int
    en: str
    zh: str


CATALOGUE: MappingProxyType[str, DeviceKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            DeviceKind("camera", Camera, 60, "camera", "视频监控"),
            DeviceKind("access_gate", AccessGate, 300, "access gate", "门禁"),
            DeviceKind("parking_gate", ParkingGate, 300, "parking gate", "停车道闸"),
            DeviceKind("smoke_detector", SmokeDetector, 900, "smoke detector", "烟感"),
            DeviceKind("gas_detector", GasDetector, 300, "gas detector", "燃气探测器"),
            DeviceKind("elevator", Elevator, 60, "elevator", "电梯"),
            DeviceKind("street_light", StreetLight, 900, "street light", "路灯"),
            DeviceKind("water_meter", WaterMeter, 86_400, "water meter", "水表"),
            DeviceKind("electricity_meter", ElectricityMeter, 900, "electricity meter", "电表"),
            DeviceKind("gas_meter", GasMeter, 86_400, "gas meter", "燃气表"),
            DeviceKind("air_quality", AirQuality, 300, "air quality station", "空气质量站"),
            DeviceKind("waste_bin", WasteBin, 3_600, "waste bin", "垃圾桶"),
            DeviceKind("ev_charger", EVCharger, 60, "EV charger", "充电桩"),
            DeviceKind("sos_button", SOSButton, 3_600, "SOS button", "一键求助"),
            DeviceKind("manhole_cover", ManholeCover, 3_600, "manhole cover", "井盖"),
        )
    }
)
"""Every kind by name."""

PON_INTERVAL_S = 60
"""Default interval between two PON messages of one OLT."""

KIND_OF_VALUES: MappingProxyType[type[Values], str] = MappingProxyType(
    {kind.values: kind.name for kind in CATALOGUE.values()}
)
"""The kind's name by its struct."""
