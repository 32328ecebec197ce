"""Power cut or fibre cut, told by the other network: what stands in the same communities.

Mains devices (cameras, gates, lights) fall silent with the power and not with the fibre; battery
devices (smoke detectors, meters, help buttons) report on. A PON management system has no devices,
a device platform has no ports: only both together can tell.
"""

from enum import Enum

from gigacity_api.alarms.layout import NetworkLayout
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.verdicts import Integers

LEAST_WITNESSES = 2
"""Devices that must agree before a cause is more than suspected."""

DEAD_SHARE, ALIVE_SHARE = 0.8, 0.95
FAST_INTERVAL_MS = 300_000
"""Slower devices say nothing in time."""


class Mains(Enum):
    """What the mains devices of some communities say since a moment."""

    DEAD = "dead"
    ALIVE = "alive"
    MIXED = "mixed"
    UNTOLD = "untold"


class Witnesses:
    """Asks devices of one instant."""

    def __init__(self, instant: CityInstant, layout: NetworkLayout) -> None:
        self._instant, self._layout = instant, layout
        interval = instant.inventory.device_interval_ms
        self._is_fast_mains = layout.is_mains & (interval <= FAST_INTERVAL_MS)

    def mains(self, communities: Integers, since_ms: int) -> Mains:
        """Whether mains devices reported since a loss began, or are overdue since before it."""
        devices = self._layout.devices_of_community.of_groups(communities)
        devices = devices[self._is_fast_mains[devices]]
        heard = self._instant.state.devices.ts[devices]
        interval = self._instant.inventory.device_interval_ms[devices]
        alive = int((heard > since_ms).sum())
        overdue = (heard > NEVER) & (heard <= since_ms)
        overdue &= self._instant.as_of_ms - heard >= 2 * interval
        dead = int(overdue.sum())
        told = alive + dead
        if told < LEAST_WITNESSES:
            return Mains.UNTOLD
        if dead >= DEAD_SHARE * told:
            return Mains.DEAD
        return Mains.ALIVE if alive >= ALIVE_SHARE * told else Mains.MIXED

    def batteries_report(self, communities: Integers, since_ms: int) -> bool:
        """Whether a battery device there was heard since."""
        devices = self._layout.devices_of_community.of_groups(communities)
        devices = devices[self._layout.is_battery[devices]]
        return bool((self._instant.state.devices.ts[devices] > since_ms).any())
