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
    "community.smart_accepted": "share",
    "device.online": "share",
    **{f"device.online.{kind}": "share" for kind in CATALOGUE},
}

_REPORTED: dict[str, Measure] = {
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
"""Every indicator that may have a target. The smart-community items have thresholds instead."""

PARAMETERS = frozenset({"households_per_10g_port"})
"""Named numbers that formulas use."""

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
