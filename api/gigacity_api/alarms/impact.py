"""Whom a cause hits: households that have no working 10G path left, and the figures that it moves.

A building is hit when a 10G port of the cause passes it and no 10G port that does still works. It
is known to be hit when all of them are known not to work; a port that nobody hears, or that lost
only some of its ONUs, leaves it open.
"""

import numpy as np

from gigacity_api.alarms.finding import AlarmFinding
from gigacity_api.alarms.layout import NetworkLayout
from gigacity_api.alarms.model import FigureShift, Impact
from gigacity_api.alarms.port_conditions import LOSS, PortConditions
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.subjects.building.gigabit_access import buildings_passed
from gigacity_api.indicators.subjects.port.in_service import ports_in_service
from gigacity_api.indicators.subjects.port.subject import fresh_ports
from gigacity_api.indicators.technologies import any_10g
from gigacity_api.indicators.verdicts import IN, Flags, Integers

WORKS, BROKEN, OPEN = 0, 1, 2


class ImpactCalculator:
    """The impact of each cause of one instant."""

    def __init__(
        self,
        instant: CityInstant,
        layout: NetworkLayout,
        conditions: PortConditions,
        is_silent: Flags,
    ) -> None:
        """Look at an instant.

        Args:
            instant: what was known.
            layout: of the city version in force.
            conditions: of its ports.
            is_silent: ports whose OLT is silent: what they said last, even just now, may be over.
        """
        self._instant, self._layout = instant, layout
        self._is_silent = is_silent
        ports = instant.state.ports
        self._is_10g: Flags = any_10g(ports["tech"])
        loss = conditions.by_type[LOSS].present
        self._is_partial: Flags = loss & ~conditions.is_dark
        self._state = self._states(instant, conditions)

    def _states(self, instant: CityInstant, conditions: PortConditions) -> Integers:
        ports = instant.state.ports
        up = (ports["admin"] == 1) & (ports["oper"] == 1)
        said = np.where(up & ~conditions.is_dark, WORKS, BROKEN)
        said = np.where(up & self._is_partial, OPEN, said)
        # What a silent port said last may have changed; a down one was broken already.
        is_heard = fresh_ports(instant) & ~self._is_silent
        known = np.where(is_heard, said, np.where(up, OPEN, BROKEN))
        found: Integers = np.where(self._is_10g, known, BROKEN).astype(np.int64)
        return found

    def of(self, finding: AlarmFinding) -> Impact:
        """Households, buildings and figures; ports, ONUs and devices as the finding says."""
        mine = finding.ports[self._is_10g[finding.ports]] if finding.ports.size else finding.ports
        if not mine.size:
            return Impact(ports=len(finding.ports), onus=finding.onus, devices=finding.devices)
        layout, inventory = self._layout, self._instant.inventory
        buildings = np.unique(layout.buildings_of_port.of_groups(mine))
        hit, is_open = self._hit(buildings)
        homes = inventory.households
        surely = int(homes[hit[~is_open]].sum())
        perhaps = int(homes[hit[is_open]].sum())
        return Impact(
            households=surely,
            households_at_most=surely + perhaps,
            buildings=len(hit),
            ports=len(finding.ports),
            onus=finding.onus,
            devices=finding.devices,
            figures=self._shifts(mine, buildings),
        )

    def _hit(self, buildings: Integers) -> tuple[Integers, Flags]:
        """Those without a working path, and whether that is open."""
        groups = self._layout.ports_of_building
        count = groups.start[buildings + 1] - groups.start[buildings]
        states = self._state[groups.of_groups(buildings)]
        of = np.repeat(np.arange(len(buildings)), count)
        works = np.bincount(of[states == WORKS], minlength=len(buildings)) > 0
        is_open = np.bincount(of[states == OPEN], minlength=len(buildings)) > 0
        return buildings[~works], is_open[~works]

    def _shifts(self, ports: Integers, buildings: Integers) -> tuple[FigureShift, ...]:
        """By the rules of the figures themselves, which know nothing of ONUs."""
        instant, layout = self._instant, self._layout
        code = instant.inventory.city.code
        out = int((ports_in_service(instant).verdicts[ports] != IN).sum())
        found = [FigureShift("pon.ports_10g", "city", code, -float(out))] if out else []
        passed = buildings_passed(instant).verdicts[buildings]
        lost = buildings[(passed != IN) & layout.urban[buildings]]
        homes = int(instant.inventory.households[lost].sum())
        if homes and layout.urban_households:
            share = -homes / layout.urban_households
            found.append(FigureShift("home.gigabit_access", "city", code, share))
        return tuple(found)

    def households_without(self, findings: list[AlarmFinding]) -> int:
        """Households that are known to be without, by any of them, each once."""
        parts = [f.ports for f in findings if f.ports.size]
        if not parts:
            return 0
        ports = np.unique(np.concatenate(parts))
        mine = ports[self._is_10g[ports]]
        if not mine.size:
            return 0
        hit, is_open = self._hit(np.unique(self._layout.buildings_of_port.of_groups(mine)))
        return int(self._instant.inventory.households[hit[~is_open]].sum())
