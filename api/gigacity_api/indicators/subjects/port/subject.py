"""Indicators that count PON ports: which ports, in which order, with what evidence."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gigacity_api.indicators.definitions import Definition, heard_at
from gigacity_api.indicators.entries import Entry, Subject
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import PORT_REPORTER, Level, Population, by_level, every
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.standards import PON_WINDOW
from gigacity_api.indicators.technologies import names_of
from gigacity_api.indicators.verdicts import Flags, Indices, Integers
from gigacity_city.model import City, Name

LINE_VALUES = ("onu_total", "onu_online", "onu_rx_min_dbm", "tx_dbm", "temp_c")
"""What a port's report says of its line."""

_STATE_NAMES = {0: "down", 1: "up"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PortIndicator(Definition):
    """A figure of ports, by area and OLT."""

    subject: ClassVar[Subject] = Subject.PORT
    levels: tuple[Level, ...] = (Level.CITY, Level.AREA, Level.OLT)
    window: Name = PON_WINDOW
    shows: tuple[str, ...] = ()
    """What evidence shows of a report beside technology and states."""

    def windows_ms(self, city: City) -> dict[str, int]:
        """How long reports count."""
        return {"pon": city.cadence.pon_window_ms()}

    def make_population(self, inventory: Inventory) -> Population:
        """Every registered port."""
        index = every(len(inventory.port_olt))
        grouped = by_level(index, self.levels, area=inventory.port_area, olt=inventory.port_olt)
        return Population(index, grouped, (("ports", grouped),), frozenset({PORT_REPORTER}))

    def areas(self, inventory: Inventory) -> Indices:
        """The area of every port's OLT."""
        return inventory.port_area

    def is_of_community(self, inventory: Inventory, community: int) -> Flags:
        """Ports that pass a community."""
        passes = inventory.building_community[inventory.coverage_building] == community
        found: Flags = np.zeros(len(inventory.port_olt), dtype=np.bool_)
        found[inventory.coverage_port[passes]] = True
        return found

    def code_order(self, inventory: Inventory) -> list[int]:
        """By OLT, then slot and port as numbers."""
        keys = [(p.key.olt, p.key.slot, p.key.port) for p in inventory.city.ports]
        return sorted(range(len(keys)), key=keys.__getitem__)

    def last_reports(self, instant: CityInstant) -> Integers:
        """When each port reported last."""
        return instant.state.ports.ts

    def entry(self, instant: CityInstant, index: int) -> Entry:
        """A port, and what it said."""
        ports, registered = instant.state.ports, instant.inventory.city.ports[index]
        values = {
            "tech": names_of(int(ports["tech"][index])),
            "admin": _STATE_NAMES.get(int(ports["admin"][index])),
            "oper": _STATE_NAMES.get(int(ports["oper"][index])),
            "registered_tech": registered.tech,
            **{name: _present(ports[name][index].item()) for name in self.shows},
        }
        heard = heard_at(ports.ts[index])
        return self._entry(instant, index, str(registered.key), last_report_ms=heard, values=values)


def _present(value: float) -> Any:
    """A number, or None for what stands for an absent one."""
    is_absent = value != value if isinstance(value, float) else value < 0  # noqa: PLR0124 - NaN
    return None if is_absent else value
