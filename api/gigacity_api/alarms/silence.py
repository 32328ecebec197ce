"""Who says nothing: OLTs, gateways, communities, areas.

Silence counts only of what was heard before, or whose session is known to have ended, and only
while others of its area are heard: what silences a whole area is the area's.
"""

import numpy as np

from gigacity_api.alarms.catalogue import ALARM_TYPES
from gigacity_api.alarms.debounce import Debouncer
from gigacity_api.alarms.layout import NetworkLayout
from gigacity_api.indicators.latest_state import NEVER, LatestState
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.subjects.port.subject import fresh_ports
from gigacity_api.indicators.verdicts import Flags, Integers

OLT, GATEWAY = "pon.olt_offline", "gateway.silent"
COMMUNITY, AREA = "community.silent", "platform.area_silent"


def newest_of(groups: Integers, times: Integers, size: int) -> Integers:
    """The newest time of each group; ``NEVER`` where there is none."""
    found = np.full(size, NEVER, dtype=np.int64)
    np.maximum.at(found, groups, times)
    return found


def _has_ended(sessions: LatestState, reports: Integers, as_of_ms: int) -> Flags:
    """The newest session ended, and nothing was reported since."""
    end_ms = sessions["end_ms"]
    found: Flags = (sessions.ts != NEVER) & (end_ms <= as_of_ms) & (reports <= end_ms)
    return found


class Silence:
    """The silence of every carrier of one city version."""

    def __init__(self, layout: NetworkLayout) -> None:
        inventory = layout.inventory
        self._layout = layout
        self._gateways = len(inventory.gateway_index)
        sizes = {
            OLT: len(inventory.olt_index),
            GATEWAY: self._gateways,
            COMMUNITY: len(inventory.community_index),
            AREA: len(inventory.area_index),
        }
        self.by_type = {
            name: Debouncer(
                size, on_s=ALARM_TYPES[name].on_delay_s, off_s=ALARM_TYPES[name].off_delay_s
            )
            for name, size in sizes.items()
        }
        self.session_ended: Flags = np.zeros(sizes[OLT], dtype=np.bool_)
        """Of OLTs: the broker saw their connection go."""

    def step(self, instant: CityInstant) -> None:
        """Take an instant."""
        layout, inventory, state = self._layout, instant.inventory, instant.state
        at_ms = instant.as_of_ms
        fresh = fresh_ports(instant)
        device_fresh = state.devices.ts > at_ms - inventory.device_window_ms
        self._areas(at_ms, instant, fresh, device_fresh)
        area_silent = self.by_type[AREA].holds
        olts = len(inventory.olt_index)
        newest = newest_of(layout.port_olt, state.ports.ts, olts)
        hears = np.bincount(layout.port_olt[fresh], minlength=olts) > 0
        ended = _has_ended(state.sessions["olt"], newest, at_ms)
        self.session_ended = ended
        quiet = (newest > NEVER) & ~hears
        self.by_type[OLT].step(
            at_ms, (quiet | ended) & ~area_silent[inventory.olt_area], hears & ~ended
        )
        self._carriers(at_ms, instant, area_silent)

    def _areas(self, at_ms: int, instant: CityInstant, fresh: Flags, device_fresh: Flags) -> None:
        inventory, state = instant.inventory, instant.state
        size = len(inventory.area_index)
        ports = inventory.port_area.astype(np.int64)
        devices = inventory.device_area.astype(np.int64)
        alive = np.bincount(ports[fresh], minlength=size)
        alive = alive + np.bincount(devices[device_fresh], minlength=size)
        heard = np.maximum(
            newest_of(ports, state.ports.ts, size), newest_of(devices, state.devices.ts, size)
        )
        # Meters report once a day: what reports often decides whether an area is silent.
        often = newest_of(devices, state.devices.ts - inventory.device_window_ms, size)
        recent = np.maximum(newest_of(ports, state.ports.ts, size), often)
        window_ms = inventory.city.cadence.pon_window_ms()
        still = (alive == 0) | ((heard <= at_ms - window_ms) & (recent <= at_ms - window_ms))
        self.by_type[AREA].step(at_ms, still & (heard > NEVER), ~still)

    def _carriers(self, at_ms: int, instant: CityInstant, area_silent: Flags) -> None:
        layout, inventory, state = self._layout, instant.inventory, instant.state
        newest = newest_of(layout.device_carrier, state.devices.ts, layout.carriers)
        silent = (newest > NEVER) & (newest <= at_ms - layout.carrier_window_ms)
        silent &= ~area_silent[layout.carrier_area]
        of_gateways = slice(None, self._gateways)
        ended = _has_ended(state.sessions["gateway"], newest[of_gateways], at_ms)
        ended &= ~area_silent[layout.carrier_area[of_gateways]]
        holds = silent[of_gateways] | ended
        heard = newest[of_gateways] > at_ms - layout.carrier_window_ms[of_gateways]
        self.by_type[GATEWAY].step(at_ms, holds, heard & ~ended)
        communities = len(inventory.community_index)
        of_community = inventory.device_community.astype(np.int64)
        newest = newest_of(of_community, state.devices.ts, communities)
        still = newest <= at_ms - layout.community_window_ms
        holds = still & (newest > NEVER) & (layout.carriers_of_community >= 2)
        holds &= ~area_silent[inventory.community_area]
        self.by_type[COMMUNITY].step(at_ms, holds, ~still & (newest > NEVER))
