"""Every indicator, in the order in which it is shown.

``REGISTRY`` is what the evaluator computes, ``REPORTED`` what offices enter, ``INDICATORS`` both.
"""

from types import MappingProxyType

from gigacity_api.indicators.definitions import Definition, Indicator, Reported
from gigacity_api.indicators.families.communities import COMMUNITY_SMART_COVERAGE, ITEMS
from gigacity_api.indicators.families.devices import BY_KIND, DEVICE_ONLINE
from gigacity_api.indicators.families.homes import HOME_GIGABIT_ACCESS, HOMES
from gigacity_api.indicators.families.network import (
    NETWORK,
    OPERATING_NETWORK,
    PON_PORT_SHARE_10G,
    PON_PORTS_10G,
)
from gigacity_api.indicators.families.reported import REPORTED_INDICATORS

__all__ = [
    "COMMUNITY_SMART_COVERAGE", "DEVICE_ONLINE", "HOME_GIGABIT_ACCESS", "INDICATORS",
    "PON_PORTS_10G", "PON_PORT_SHARE_10G", "REGISTRY", "REPORTED",
]  # fmt: skip

REGISTRY: MappingProxyType[str, Definition] = MappingProxyType(
    {
        definition.id: definition
        for definition in (
            *NETWORK, *HOMES, COMMUNITY_SMART_COVERAGE, *ITEMS, *OPERATING_NETWORK,
            DEVICE_ONLINE, *BY_KIND,
        )
    }
)  # fmt: skip
"""Measured definitions by id."""

REPORTED: MappingProxyType[str, Reported] = MappingProxyType(
    {definition.id: definition for definition in REPORTED_INDICATORS}
)
"""Reported definitions by id."""

INDICATORS: MappingProxyType[str, Indicator] = MappingProxyType({**REGISTRY, **REPORTED})
"""All of them by id."""
