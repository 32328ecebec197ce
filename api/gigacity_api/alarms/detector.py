"""All conditions of one city version, and the causes behind them at each instant."""

from collections.abc import Callable, Iterable

import numpy as np

from gigacity_api.alarms.correlation import LossCounts, PortView, port_findings
from gigacity_api.alarms.debounce import Debouncer
from gigacity_api.alarms.device_conditions import (
    BATTERY,
    DeviceConditions,
    carrier_findings,
)
from gigacity_api.alarms.finding import AlarmFinding
from gigacity_api.alarms.impact import ImpactCalculator
from gigacity_api.alarms.layout import NetworkLayout
from gigacity_api.alarms.model import (
    MAX_CHILDREN,
    Alarm,
    AlarmResource,
    ChildCondition,
    ResourceKind,
    RootCause,
)
from gigacity_api.alarms.port_conditions import DOWN, LOSS, QUALITY, PortConditions
from gigacity_api.alarms.resources import ResourceIndex
from gigacity_api.alarms.silence import AREA, COMMUNITY, GATEWAY, OLT, Silence
from gigacity_api.alarms.trends import PortTrends
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.verdicts import Flags, Integers

SILENT = "device.silent"

LossReader = Callable[[Flags], LossCounts | None]
"""Asks what the ONUs of some ports said last; asked only while ONUs are lost."""


class Detector:
    """Finds causes; one for each city version."""

    def __init__(self, inventory: Inventory) -> None:
        self.layout = NetworkLayout(inventory)
        self.ports = PortConditions(self.layout)
        self.silence = Silence(self.layout)
        self.devices = DeviceConditions(self.layout)
        self.index = ResourceIndex(inventory, self.layout)
        self._powerless_of: dict[str, Integers] = {}
        """By loss the communities without power, as they were told last."""
        self.households_without = 0
        """Known to be without gigabit by any cause of the last instant, each once."""

    @property
    def conditions(self) -> dict[str, Debouncer]:
        """Every condition with columns, by type."""
        return {**self.ports.by_type, **self.silence.by_type, **self.devices.by_type}

    def step(
        self,
        instant: CityInstant,
        *,
        trends: PortTrends | None = None,
        reasons: LossReader | None = None,
        known: Iterable[Alarm] = (),
        owned_areas: dict[str, str] | None = None,
    ) -> list[AlarmFinding]:
        """Every cause that an instant shows, with what it explains and whom it hits.

        Args:
            instant: later than the last one.
            trends: what is known of the longer past.
            reasons: what ONUs said, where OLTs tell it.
            known: active alarms.
            owned_areas: areas whose silence a worker's alarm explains: they are part of it.
        """
        self.ports.step(instant, trends)
        self.silence.step(instant)
        self.devices.step(instant)
        loss = self.ports.by_type[LOSS].present
        told = reasons(loss) if reasons is not None and loss.any() else None
        names = frozenset((a.type, a.resource.id) for a in known)
        view = PortView(
            instant, self.layout, self.ports, self.silence, told, names, self._powerless_of
        )
        findings = port_findings(view)
        powerless = self._powerless(findings)
        findings += self._areas(owned_areas or {})
        findings += carrier_findings(self.layout, self.silence, powerless)
        findings += self.devices.findings(self.silence, powerless)
        self._impacts(instant, findings)
        findings += self._quality(findings)
        findings += self.devices.events(instant)
        return findings

    def _impacts(self, instant: CityInstant, findings: list[AlarmFinding]) -> None:
        is_silent = self.silence.by_type[OLT].holds[self.layout.port_olt]
        impacts = ImpactCalculator(instant, self.layout, self.ports, is_silent)
        for finding in findings:
            finding.impact = impacts.of(finding)
        due = [f for f in findings if f.is_due]
        self.households_without = impacts.households_without(due)

    def _powerless(self, findings: list[AlarmFinding]) -> Flags:
        """Communities in a power cut; what is silent there is part of it."""
        inventory, layout = self.layout.inventory, self.layout
        powerless: Flags = np.zeros(len(inventory.community_index), dtype=np.bool_)
        losses = {finding.id: finding for finding in findings if finding.type == LOSS}
        for gone in self._powerless_of.keys() - losses.keys():
            del self._powerless_of[gone]
        for finding in losses.values():
            places = self._powerless_of[finding.id] = finding.powerless
            if not places.size:
                continue
            powerless[places] = True
            carriers = np.unique(
                layout.device_carrier[layout.devices_of_community.of_groups(places)]
            )
            gateways = carriers[carriers < len(inventory.gateway_index)]
            finding.covers |= {GATEWAY: gateways, COMMUNITY: places, SILENT: carriers}
        return powerless

    def _areas(self, owned: dict[str, str]) -> list[AlarmFinding]:
        """Silent areas, apart from those that belong to a worker's alarm."""
        inventory, layout = self.layout.inventory, self.layout
        condition = self.silence.by_type[AREA]
        found = []
        for index in np.flatnonzero(condition.present).tolist():
            code = inventory.city.areas[index].code
            if code in owned:
                continue
            olts = np.flatnonzero(inventory.olt_area == index)
            ports = np.flatnonzero(inventory.port_area == index)
            carriers = np.flatnonzero(layout.carrier_area == index)
            gateways = carriers[carriers < len(inventory.gateway_index)]
            finding = AlarmFinding(
                AREA,
                AlarmResource(ResourceKind.AREA, code, code),
                int(condition.since_ms[index]),
                RootCause("uplink", "suspected", ("uplink", "worker", "broker", "power")),
                ports=ports,
                members=len(olts),
                is_due=bool(condition.active[index]),
            )
            finding.covers = {
                OLT: olts, DOWN: ports, LOSS: ports, GATEWAY: gateways, SILENT: carriers,
            }  # fmt: skip
            found.append(finding)
        return found

    def _quality(self, causes: list[AlarmFinding]) -> list[AlarmFinding]:
        """Light and lasers of ports that no other cause explains."""
        hidden = np.zeros(len(self.layout.port_olt), dtype=np.bool_)
        for finding in causes:
            hidden[finding.ports] = True
        found = []
        for name in QUALITY:
            condition = self.ports.by_type[name]
            for port in np.flatnonzero(condition.active & ~hidden).tolist():
                slug = "laser" if name in {"pon.bias_rising", "pon.laser_temperature"} else "plant"
                is_plain = name == "pon.utilisation"
                cause = None if is_plain else RootCause(slug, "suspected", (slug,))
                resource = self.index.resource(name, port)
                found.append(AlarmFinding(name, resource, int(condition.since_ms[port]), cause))
        return found

    def children(self, finding: AlarmFinding) -> tuple[dict[str, int], tuple[ChildCondition, ...]]:
        """What a finding explains: how many conditions of each type, and the first of them."""
        counts: dict[str, int] = {}
        children: list[ChildCondition] = []
        conditions = self.conditions
        for name, indices in finding.covers.items():
            present = indices[conditions[name].present[indices]]
            if not present.size:
                continue
            room = MAX_CHILDREN - len(children)
            named = [self.index.resource(name, int(i)) for i in present[:room]]
            mine = [r for r in named if (name, r) != (finding.type, finding.resource)]
            count = len(present) - (len(named) - len(mine))
            if count:
                counts[name] = count
                children += [ChildCondition(name, resource) for resource in mine]
        return counts, tuple(children)

    def is_gone(self, alarm: Alarm, instant: CityInstant) -> bool:
        """Whether a device took back what it had called out; of other types always true."""
        place = self.index.position(alarm.type, alarm.resource)
        if place is None or alarm.resource.kind is not ResourceKind.DEVICE:
            return True
        devices = instant.state.devices
        return bool(devices["event"][place] == 0 and devices.ts[place] > alarm.raised_ms)

    def restore(self, alarm: Alarm) -> bool:
        """Its condition, and what it explained, was in force; False: it is not registered."""
        found = [(alarm.type, alarm.resource), *((c.type, c.resource) for c in alarm.children)]
        conditions = self.conditions
        for name, resource in found:
            place = self.index.position(name, resource)
            if place is not None and name in conditions:
                conditions[name].restore(place, alarm.raised_ms)
                if name == LOSS:
                    self.ports.was_lost[place] = True
        self._restore_powerless(alarm)
        for port in self.index.ports_below(alarm.resource):
            name = DOWN if alarm.type in {"pon.card_down", "pon.olt_service_lost"} else alarm.type
            if name in {DOWN, LOSS} and not alarm.children:
                conditions[name].restore(port, alarm.raised_ms)
                self.ports.was_lost[port] |= name == LOSS
        return self.index.is_registered(alarm.resource)

    def _restore_powerless(self, alarm: Alarm) -> None:
        layout = self.layout
        carriers = [
            self.index.position(c.type, c.resource) for c in alarm.children if c.type == GATEWAY
        ]
        known = np.array([c for c in carriers if c is not None], dtype=np.int64)
        if alarm.type == LOSS and known.size:
            self._powerless_of[alarm.id] = np.unique(layout.communities_of_carrier.of_groups(known))

    def carry(self, other: "Detector") -> None:
        """Take over what was known over another city version."""
        here, there = self.index.shared_ports(other.index)
        for name, condition in self.ports.by_type.items():
            condition.carry(other.ports.by_type[name], here, there)
        self.ports.carry(other.ports, here, there)
        for name, condition in (*self.silence.by_type.items(), *self.devices.by_type.items()):
            if name in (BATTERY, SILENT):
                continue
            here, there = self.index.shared(other.index, name)
            former = {**other.silence.by_type, **other.devices.by_type}[name]
            condition.carry(former, here, there)
