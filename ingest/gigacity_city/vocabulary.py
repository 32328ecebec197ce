"""Words that a city file may use: indicators with a target, parameters, items, urban classes.

The formulas behind the indicators are the API's; here stand only their ids, so that a target with
a misspelt one is found when the file is loaded and not missed when it is read.
"""

from types import MappingProxyType
from typing import Literal

from gigacity_contract.kinds import CATALOGUE

Measure = Literal["share", "number"]
"""A share is a fraction 0..1; a number is positive (a count, a rate, a ratio that may exceed 1)."""

_MEASURED: dict[str, Measure] = {
    "pon.ports_10g": "number",
    "pon.port_share_10g": "share",
    "pon.port_availability": "share",
    "pon.optical_health": "share",
    "onu.online": "share",
    "home.gigabit_access": "share",
    "home.gigabit_capacity": "number",
    "community.smart_coverage": "share",
    "community.gigabit_homes": "share",
    "community.mobile_5g_area": "share",
    "community.tv_households": "share",
    "community.camera_coverage": "share",
    "community.camera_online": "share",
    "community.camera_intact": "share",
    "community.camera_picture": "share",
    "device.online": "share",
    **{f"device.online.{kind}": "share" for kind in CATALOGUE},
}

_REPORTED: dict[str, Measure] = {
    "community.smart_accepted": "share",
    "brain.scenarios": "number",
    "service.end_to_end_online": "share",
    "service.document_exempt_items": "number",
    "industry.morning_star_factories": "number",
    "industry.innovation_labs": "number",
    "industry.education_platforms": "number",
    "data.department_sharing": "share",
    "city.four_star": "share",
    "broadband.users_500m": "share",
    "mobile.stations_per_10k": "number",
    "mobile.users_5g": "share",
    "mobile.key_places_5g": "share",
    "mobile.area_5g": "share",
}

TARGETABLE: MappingProxyType[str, Measure] = MappingProxyType(_MEASURED | _REPORTED)
"""Every indicator that may have a target.

In a community an item of the smart-community standard has its threshold instead.
"""

PARAMETERS: MappingProxyType[str, tuple[float, float]] = MappingProxyType(
    {
        "households_per_10g_port": (0.001, 1e6),
        "max_onus_per_pon_port": (1, 1024),
        "optics_onu_rx_min_dbm": (-60, 30),
        "optics_tx_min_dbm": (-60, 30),
        "optics_tx_max_dbm": (-60, 30),
        "optics_temp_max_c": (-60, 150),
        "alarm_critical_households": (1, 1e7),
        "alarm_major_households": (1, 1e7),
        "alarm_minor_households": (1, 1e7),
        "alarm_onu_loss_count": (1, 1024),
        "alarm_onu_loss_share": (0.01, 1),
        "alarm_flap_changes": (2, 30),
        "alarm_rx_drift_db": (0.1, 20),
        "alarm_fec_uncorrectable_per_s": (0, 1e9),
        "alarm_bias_rise_share": (0.01, 10),
        "alarm_utilisation_share": (0.01, 1),
        "alarm_silent_devices": (1, 1e6),
        "alarm_silent_share": (0, 1),
        "alarm_battery_pct": (0, 100),
        "alarm_gigabit_slo": (0.5, 0.999999),
        "alarm_evaluator_ticks": (2, 1000),
        "alarm_dead_letter_share": (0.0001, 1),
        "alarm_clock_s": (1, 86400),
        "alarm_disk_free_share": (0.001, 0.9),
        "alarm_certificate_days": (1, 365),
    }
)
"""Named numbers that formulas and alarms use, with the least and greatest value of each."""

SMART_ITEMS = frozenset(
    {
        "gigabit_homes",
        "mobile_5g_area",
        "tv_households",
        "camera_coverage",
        "camera_online",
        "camera_intact",
        "camera_picture",
    }
)
"""Items of the smart-community standard that can be assessed."""

URBAN_CLASSES = frozenset({111, 112, 121, 122, 123, 210, 220})
"""Urban-rural classes of the statistical code; a leading 1 is urban, a leading 2 rural."""
