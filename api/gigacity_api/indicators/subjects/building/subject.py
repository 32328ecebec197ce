"""Indicators that count households by building: which buildings, with what evidence."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gigacity_api.indicators.definitions import Definition, heard_at
from gigacity_api.indicators.entries import Entry, Subject
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.levels import (
    PORT_REPORTER,
    ByLevel,
    Grouped,
    Level,
    Population,
    by_level,
)
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.standards import PON_WINDOW
from gigacity_api.indicators.subjects.port.in_service import PON_PORTS_10G
from gigacity_api.indicators.verdicts import Flags, Indices, Integers
from gigacity_city.model import City, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingIndicator(Definition):
    """A figure of households; it rests on the ports that pass their buildings."""

    subject: ClassVar[Subject] = Subject.BUILDING
    levels: tuple[Level, ...] = (Level.CITY, Level.AREA, Level.COMMUNITY)
    window: Name = PON_WINDOW

    def windows_ms(self, city: City) -> dict[str, int]:
        """How long reports of ports count."""
        return {"pon": city.cadence.pon_window_ms()}

    def counts(self, inventory: Inventory) -> Flags | None:  # noqa: ARG002 - of urban figures
        """Communities whose buildings count; None: all of them."""
        return None

    def make_population(self, inventory: Inventory) -> Population:
        """The buildings that count, and the ports that pass them."""
        counted = self.counts(inventory)
        index: Indices = np.arange(len(inventory.building_area), dtype=np.int32)
        if counted is not None:
            index = index[counted[inventory.building_community]]
        levels = by_level(
            index, self.levels, area=inventory.building_area, community=inventory.building_community
        )
        ports = passing_ports(inventory, self.levels, counted)
        return Population(index, levels, (("ports", ports),), frozenset({PORT_REPORTER}))

    def weights(self, inventory: Inventory) -> Integers:
        """Households of each building."""
        return inventory.households

    def is_of_community(self, inventory: Inventory, community: int) -> Flags:
        """Buildings of a community."""
        found: Flags = inventory.building_community == community
        return found

    def code_order(self, inventory: Inventory) -> list[int]:
        """By id."""
        buildings = inventory.city.buildings
        return sorted(range(len(buildings)), key=lambda index: buildings[index].id)

    def last_reports(self, instant: CityInstant) -> Integers:
        """The newest report of the ports that pass each building."""
        inventory = instant.inventory
        newest = np.full(len(inventory.building_area), NEVER, dtype=np.int64)
        passing = instant.state.ports.ts[inventory.coverage_port]
        np.maximum.at(newest, inventory.coverage_building, passing)
        return newest

    def entry(self, instant: CityInstant, index: int) -> Entry:
        """A building with every port that passes it."""
        inventory = instant.inventory
        building, ports = inventory.city.buildings[index], inventory.ports_of_building(index)
        heard = max((int(instant.state.ports.ts[port]) for port in ports), default=NEVER)
        return self._entry(
            instant,
            index,
            building.id,
            last_report_ms=heard_at(heard),
            values={"households": building.households},
            community=building.community,
            parts=tuple(PON_PORTS_10G.entry(instant, port) for port in ports),
        )


def passing_ports(
    inventory: Inventory, levels: tuple[Level, ...], counted: Flags | None = None
) -> ByLevel:
    """Ports by the places that they pass; one that passes many buildings of a place counts once.

    Args:
        inventory: the registered objects.
        levels: places to group by.
        counted: communities whose buildings count; None: all.
    """
    community = inventory.building_community[inventory.coverage_building]
    port = inventory.coverage_port.astype(np.int64)
    if counted is not None:
        community, port = community[counted[community]], port[counted[community]]
    columns = {
        Level.CITY: np.zeros(len(port), dtype=np.int64),
        Level.AREA: inventory.community_area[community].astype(np.int64),
        Level.COMMUNITY: community.astype(np.int64),
    }
    size = max(len(inventory.port_olt), 1)
    grouped: ByLevel = {}
    for level in levels:
        group, index = np.divmod(np.unique(columns[level] * size + port), size)
        grouped[level] = Grouped(index.astype(np.int32), group.astype(np.int32))
    return grouped
