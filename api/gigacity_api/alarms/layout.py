"""How objects hang together, as columns: cards of ports, communities of ports, carriers of devices.

Made once for a city version.
"""

from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.inventory import DIRECT, KINDS, Inventory
from gigacity_api.indicators.verdicts import Flags, Indices, Integers

MAINS_KINDS = (
    "camera", "access_gate", "parking_gate", "elevator", "street_light", "electricity_meter",
    "air_quality", "ev_charger",
)  # fmt: skip
"""Devices that fall silent with the mains."""

BATTERY_KINDS = (
    "smoke_detector", "water_meter", "gas_meter", "waste_bin", "sos_button", "manhole_cover",
)  # fmt: skip
"""Devices that report on through a power cut."""


class Groups(NamedTuple):
    """Members by group, each group's side by side."""

    start: Integers
    """Where each group's members begin; one more at the end."""
    member: Integers

    @classmethod
    def of(cls, group: Integers, member: Integers, size: int) -> "Groups":
        """From pairs."""
        order = np.lexsort((member, group))
        start = np.zeros(size + 1, dtype=np.int64)
        np.cumsum(np.bincount(group, minlength=size), out=start[1:])
        return cls(start, member[order])

    def of_group(self, index: int) -> Integers:
        """The members of one group."""
        found: Integers = self.member[self.start[index] : self.start[index + 1]]
        return found

    def of_groups(self, groups: Integers) -> Integers:
        """The members of several, group by group, and so often as a group is named."""
        return self.member[self.positions(groups)]

    def positions(self, groups: Integers) -> Integers:
        """Where the members of several groups stand."""
        first, count = self.start[groups], self.start[groups + 1] - self.start[groups]
        before = np.repeat(np.cumsum(count) - count, count)
        found: Integers = np.repeat(first, count) + np.arange(count.sum()) - before
        return found


class NetworkLayout:
    """What correlation asks of a city version."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        city = inventory.city
        self.port_olt: Integers = inventory.port_olt.astype(np.int64)
        keys = [(p.key.olt, p.key.slot) for p in city.ports]
        self.cards = sorted(set(keys))
        """OLT and slot of each card."""
        number = {key: i for i, key in enumerate(self.cards)}
        self.port_card: Integers = np.array([number[key] for key in keys], dtype=np.int64)
        self.card_olt: Integers = np.array(
            [inventory.olt_index[olt] for olt, _ in self.cards], dtype=np.int64
        )
        self._places(inventory)
        self._carriers(inventory)

    def _places(self, inventory: Inventory) -> None:
        building = inventory.coverage_building.astype(np.int64)
        port = inventory.coverage_port.astype(np.int64)
        ports, buildings = len(self.port_olt), len(inventory.households)
        self.buildings_of_port = Groups.of(port, building, ports)
        self.ports_of_building = Groups.of(building, port, buildings)
        communities = max(len(inventory.community_area), 1)
        community = inventory.building_community.astype(np.int64)[building]
        pairs = np.unique(port * communities + community)
        of_port, of_community = np.divmod(pairs, communities)
        self.communities_of_port = Groups.of(of_port, of_community, ports)
        self.passes_homes: Flags = np.bincount(port, minlength=ports) > 0
        self.urban: Flags = inventory.community_is_urban[inventory.building_community]
        self.urban_households = int(inventory.households[self.urban].sum())

    def _carriers(self, inventory: Inventory) -> None:
        gateways, communities = len(inventory.gateway_index), len(inventory.community_area)
        direct = inventory.device_gateway == DIRECT
        community = inventory.device_community.astype(np.int64)
        self.carriers = gateways + communities
        """Gateways, then the devices of each community that connect by themselves."""
        self.device_carrier: Integers = np.where(
            direct, gateways + community, inventory.device_gateway
        ).astype(np.int64)
        devices = np.arange(len(community), dtype=np.int64)
        self.devices_of_community = Groups.of(community, devices, communities)
        self.devices_of_carrier = Groups.of(self.device_carrier, devices, self.carriers)
        size = max(communities, 1)
        pairs = np.unique(self.device_carrier * size + community)
        of_carrier, of_community = np.divmod(pairs, size)
        self.communities_of_carrier = Groups.of(of_carrier, of_community, self.carriers)
        self.carriers_of_community = np.bincount(of_community, minlength=communities)
        self.carrier_size = np.bincount(self.device_carrier, minlength=self.carriers)
        area = inventory.device_area.astype(np.int64)
        self.carrier_area: Integers = np.zeros(self.carriers, dtype=np.int64)
        self.carrier_area[self.device_carrier] = area
        self.is_mains = _of_kinds(inventory.device_kind, MAINS_KINDS)
        self.is_battery = _of_kinds(inventory.device_kind, BATTERY_KINDS)
        self.carrier_window_ms = _patience(
            self.devices_of_carrier, inventory.device_interval_ms, self.carriers
        )
        # A community is silent when each of its carriers had time to speak: the frequent devices
        # may all hang on one.
        self.community_window_ms: Integers = np.zeros(communities, dtype=np.int64)
        np.maximum.at(self.community_window_ms, of_community, self.carrier_window_ms[of_carrier])


def _of_kinds(kind: Indices, names: tuple[str, ...]) -> Flags:
    wanted = [KINDS.index(name) for name in names if name in KINDS]
    found: Flags = np.isin(kind, wanted)
    return found


def _patience(devices: Groups, interval_ms: Integers, size: int) -> Integers:
    """How long each group may say nothing: three intervals of the third most frequent member.

    Of the third, so that one or two members that fail alone do not silence the group.
    """
    group = np.repeat(np.arange(size), np.diff(devices.start))
    order = np.lexsort((interval_ms[devices.member], group))
    ordered = interval_ms[devices.member][order]
    count = np.diff(devices.start)
    chosen = devices.start[:-1] + np.minimum(count, 3) - 1
    found: Integers = np.full(size, np.iinfo(np.int64).max // 4, dtype=np.int64)
    some = count > 0
    found[some] = 3 * ordered[chosen[some]]
    return found
