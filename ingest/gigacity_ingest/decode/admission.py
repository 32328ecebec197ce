"""How many series objects that nobody registered may have: bounded by publisher and by area.

An unregistered object is stored, so that a new one is seen before its row is entered; but a series
costs the database memory for as long as it is kept, and one message could make thousands. What is
registered is never refused. What was admitted stays so until the process ends.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from gigacity_contract.kinds import KIND_OF_VALUES, Values
from gigacity_contract.topics import Publisher
from gigacity_ingest.decode.field_registry import FieldRegistry

PORTS_OF_A_REGISTERED_OLT = 64
"""Unregistered ones, each of their technologies counted."""
OTHER_TECHS_OF_A_PORT = 3
"""Of a registered port, on average over its OLT: the city file may be behind a conversion."""
PORTS_OF_AN_UNREGISTERED_OLT = 256
OLTS_OF_AN_AREA = 64
GATEWAYS_OF_AN_AREA = 256
DEVICES_OF_A_GATEWAY = 256
DEVICES_OF_AN_AREA = 10_000
"""Those of its gateways and those with a connection of their own together."""

DeviceKey = tuple[str, str, str]
"""Kind, community and id."""


@dataclass(slots=True)
class _OltSeries:
    """What an OLT reported that the city file does not have."""

    ports: set[tuple[int, int, str]] = field(default_factory=set)
    techs: set[tuple[int, int, str]] = field(default_factory=set)
    """Of registered ports."""


@dataclass(slots=True)
class _AreaObjects:
    """Unregistered objects of one area."""

    olts: set[str] = field(default_factory=set)
    gateways: set[str] = field(default_factory=set)
    devices: dict[DeviceKey, str] = field(default_factory=dict)
    """To the gateway that reported it first; empty: it connects by itself."""
    of_gateway: Counter[str] = field(default_factory=Counter)
    sessions: set[str] = field(default_factory=set)
    """Of devices, by community and id."""


class Admission:
    """Says whether something may have a series; asked when it is met for the first time."""

    def __init__(self, registry: FieldRegistry) -> None:
        self._registry = registry
        self._areas: defaultdict[str, _AreaObjects] = defaultdict(_AreaObjects)
        self._olts: defaultdict[tuple[str, str], _OltSeries] = defaultdict(_OltSeries)

    def follow(self, registry: FieldRegistry) -> None:
        """Another version of the city is in force: what it registers makes room for others."""
        self._registry = registry
        for code, area in self._areas.items():
            area.olts = {olt for olt in area.olts if not registry.has_olt(code, olt)}
            area.gateways = {g for g in area.gateways if registry.gateways.get(g) != code}
            area.devices = {
                key: gateway
                for key, gateway in area.devices.items()
                if not self._is_registered(key)
            }
            area.of_gateway = Counter(area.devices.values())
            area.sessions = {
                path
                for path in area.sessions
                if registry.devices.range_of(*path.split("/")) is None
            }
        for (code, olt), series in self._olts.items():
            known = registry.olts[olt].ports if registry.has_olt(code, olt) else {}
            series.ports = {key for key in series.ports if key[:2] not in known}
            series.techs = {key for key in series.techs if known.get(key[:2]) != key[2]}

    def admits_port(self, area: str, olt: str, key: tuple[int, int, str]) -> bool:
        """Whether a port (slot, number, technology) of an OLT may have a series."""
        if not self._registry.has_olt(area, olt):
            if not _admits(self._areas[area].olts, olt, OLTS_OF_AN_AREA):
                return False
            ports = self._olts[area, olt].ports
            return _admits(ports, key, PORTS_OF_AN_UNREGISTERED_OLT)
        known = self._registry.olts[olt].ports
        tech = known.get(key[:2])
        if tech == key[2]:
            return True
        series = self._olts[area, olt]
        if tech is None:
            return _admits(series.ports, key, PORTS_OF_A_REGISTERED_OLT)
        return _admits(series.techs, key, OTHER_TECHS_OF_A_PORT * len(known))

    def admits_device(
        self, area: str, community: str, device: str, *, values: type[Values], gateway: str = ""
    ) -> bool:
        """Whether a device may have a series of this kind.

        Args:
            area: whose it is.
            community: its community.
            device: its id.
            values: of its kind.
            gateway: that reports it; empty: it reports by itself.
        """
        kind = KIND_OF_VALUES[values]
        found = self._registry.devices.range_of(community, device)
        if found is not None and found.kind == kind:
            return True
        return self._admits_unregistered_device(area, (kind, community, device), gateway)

    def admits_session(self, publisher: Publisher, area: str, community: str, name: str) -> bool:
        """Whether the sessions of a publisher may have a series."""
        registry, objects = self._registry, self._areas
        if publisher is Publisher.DEVICE:
            if registry.devices.range_of(community, name) is not None:
                return True
            return _admits(objects[area].sessions, f"{community}/{name}", DEVICES_OF_AN_AREA)
        if publisher is Publisher.GATEWAY:
            if registry.gateways.get(name) == area:
                return True
            return _admits(objects[area].gateways, name, GATEWAYS_OF_AN_AREA)
        if registry.has_olt(area, name):
            return True
        return _admits(objects[area].olts, name, OLTS_OF_AN_AREA)

    def _admits_unregistered_device(self, area: str, key: DeviceKey, gateway: str) -> bool:
        known = self._areas[area]
        if key in known.devices:
            return True
        is_full = gateway and known.of_gateway[gateway] >= DEVICES_OF_A_GATEWAY
        if is_full or len(known.devices) >= DEVICES_OF_AN_AREA:
            return False
        known.devices[key] = gateway
        known.of_gateway[gateway] += 1
        return True

    def _is_registered(self, key: DeviceKey) -> bool:
        kind, community, device = key
        found = self._registry.devices.range_of(community, device)
        return found is not None and found.kind == kind


def _admits(known: set[Any], key: str | tuple[int, int, str], most: int) -> bool:
    """Whether it is among the known ones; there may be so many."""
    if key not in known:
        if len(known) >= most:
            return False
        known.add(key)
    return True
