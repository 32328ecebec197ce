"""What all indicators of PON ports share: objects, evidence, freshness, and reasons.

Freshness: a report counts while ``as_of - window < ts <= as_of``.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gigacity_api.indicators.definitions import Definition, heard_at
from gigacity_api.indicators.entries import Entry, Subject
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import PORT_REPORTER, Level, Population, by_level, every
from gigacity_api.indicators.rules import (
    CityInstant,
    ReasonColumn,
    VerdictReason,
    choose,
    derived,
)
from gigacity_api.indicators.standards import PON_WINDOW
from gigacity_api.indicators.technologies import names_of
from gigacity_api.indicators.verdicts import IN, UNKNOWN, Flags, Integers, Verdicts
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


STALE = VerdictReason(
    "port_stale",
    "窗口内没有上报",
    "no report inside the window; what an earlier one said may have changed",
)
INCOMPLETE = VerdictReason(
    "port_incomplete",
    "最近上报缺少判定所需字段",
    "the newest report lacks a field that the verdict needs",
)
ADMIN_DOWN = VerdictReason("port_admin_down", "端口被管理关闭", "the port is administratively down")
OPER_DOWN = VerdictReason("port_oper_down", "端口运行状态为关闭", "the port is operationally down")

UNHEARD = (STALE, INCOMPLETE)
"""Reasons that every rule of ports may give."""


@derived
def fresh_ports(instant: CityInstant) -> Flags:
    """Ports with a report inside the window."""
    window_ms = instant.inventory.city.cadence.pon_window_ms()
    fresh: Flags = instant.state.ports.ts > instant.as_of_ms - window_ms
    return fresh


def port_reasons(
    instant: CityInstant, verdicts: Verdicts, good: VerdictReason, bad: VerdictReason | ReasonColumn
) -> ReasonColumn:
    """The reason of every port: whether it is heard in the window, then what it says.

    Whether it ever reported is not said: an instant that was made from a window cannot know.
    """
    return choose(
        (~fresh_ports(instant), STALE),
        (verdicts == IN, good),
        (verdicts == UNKNOWN, INCOMPLETE),
        otherwise=bad,
    )


def down_reasons(instant: CityInstant, otherwise: VerdictReason) -> ReasonColumn:
    """Why a port that is out does not work."""
    ports = instant.state.ports
    return choose(
        (ports["admin"] == 0, ADMIN_DOWN), (ports["oper"] == 0, OPER_DOWN), otherwise=otherwise
    )
