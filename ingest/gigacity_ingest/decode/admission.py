"""How many series objects that nobody registered may have: bounded by publisher and by area.

An unregistered object is stored, so that a new one is seen before its row is entered; but a series
costs the database memory for as long as it is kept, and one message could make thousands. What is
registered is never refused. What was admitted stays so; ``adapters.admission_log`` keeps it over
restarts.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import msgspec

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


class AdmittedPort(msgspec.Struct, array_like=True, frozen=True, tag="port"):
    """A port, or a technology of a registered one, that has a series."""

    area: str
    olt: str
    slot: int
    port: int
    tech: str


class AdmittedDevice(msgspec.Struct, array_like=True, frozen=True, tag="device"):
    """A device that has one; ``gateway`` reported it first, empty: it connects by itself."""

    area: str
    community: str
    device: str
    kind: str
    gateway: str


class AdmittedSession(msgspec.Struct, array_like=True, frozen=True, tag="session"):
    """A publisher whose sessions have one."""

    publisher: Publisher
    area: str
    community: str
    name: str


Admitted = AdmittedPort | AdmittedDevice | AdmittedSession


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
        self._new: list[Admitted] = []
        self._recalled: set[Admitted] = set()
        """Admitted by an earlier process, and not met by this one."""

    def take_new(self) -> list[Admitted]:
        """What was admitted since the last call, or met again after it was recalled."""
        new, self._new = self._new, []
        return new

    def recall(self, admitted: Admitted) -> bool:
        """Admit again what an earlier process admitted, within the same bounds.

        Returns:
            Whether it is admitted and not registered meanwhile.
        """
        before = len(self._new)
        if isinstance(admitted, AdmittedPort):
            key = admitted.slot, admitted.port, admitted.tech
            is_kept = self.admits_port(admitted.area, admitted.olt, key)
            is_kept = is_kept and not self._is_registered_port(admitted.area, admitted.olt, key)
        elif isinstance(admitted, AdmittedDevice):
            device = admitted.kind, admitted.community, admitted.device
            is_kept = not self._is_registered(device) and self._admits_device(
                admitted.area, device, admitted.gateway
            )
        else:
            is_kept = not self._is_registered_publisher(admitted) and self._admits_session(admitted)
        if self._new[before:]:
            self._recalled.add(self._new.pop())
        return is_kept

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
        registered = self._registry.olts.get(olt)
        is_known = registered is not None and registered.area == area
        if registered is not None and is_known:
            slot, port, tech = key
            # Every port of a city comes by here with its first report.
            if registered.ports.get((slot, port)) == tech:
                return True
        admitted = AdmittedPort(area, olt, *key)
        if not is_known and not self._admits(self._areas[area].olts, olt, OLTS_OF_AN_AREA):
            return False
        series = self._olts[area, olt]
        if not is_known:
            return self._admits(series.ports, key, PORTS_OF_AN_UNREGISTERED_OLT, admitted)
        known = self._registry.olts[olt].ports
        if key[:2] not in known:
            return self._admits(series.ports, key, PORTS_OF_A_REGISTERED_OLT, admitted)
        return self._admits(series.techs, key, OTHER_TECHS_OF_A_PORT * len(known), admitted)

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
        return self._admits_device(area, (kind, community, device), gateway)

    def admits_session(self, publisher: Publisher, area: str, community: str, name: str) -> bool:
        """Whether the sessions of a publisher may have a series."""
        session = AdmittedSession(publisher, area, community, name)
        return self._is_registered_publisher(session) or self._admits_session(session)

    def _admits_session(self, session: AdmittedSession) -> bool:
        known, name = self._areas[session.area], session.name
        if session.publisher is Publisher.DEVICE:
            path = f"{session.community}/{name}"
            return self._admits(known.sessions, path, DEVICES_OF_AN_AREA, session)
        if session.publisher is Publisher.GATEWAY:
            return self._admits(known.gateways, name, GATEWAYS_OF_AN_AREA, session)
        return self._admits(known.olts, name, OLTS_OF_AN_AREA, session)

    def _admits_device(self, area: str, key: DeviceKey, gateway: str) -> bool:
        known = self._areas[area]
        kind, community, device = key
        if key in known.devices:
            self._meet(AdmittedDevice(area, community, device, kind, known.devices[key]))
            return True
        is_full = gateway and known.of_gateway[gateway] >= DEVICES_OF_A_GATEWAY
        if is_full or len(known.devices) >= DEVICES_OF_AN_AREA:
            return False
        known.devices[key] = gateway
        known.of_gateway[gateway] += 1
        self._new.append(AdmittedDevice(area, community, device, kind, gateway))
        return True

    def _admits(
        self, known: set[Any], key: Any, most: int, admitted: Admitted | None = None
    ) -> bool:
        """Whether it is among the known ones; there may be so many."""
        if key not in known:
            if len(known) >= most:
                return False
            known.add(key)
            if admitted is not None:
                self._new.append(admitted)
        elif admitted is not None:
            self._meet(admitted)
        return True

    def _meet(self, admitted: Admitted) -> None:
        if self._recalled and admitted in self._recalled:
            self._recalled.discard(admitted)
            self._new.append(admitted)

    def _is_registered(self, key: DeviceKey) -> bool:
        kind, community, device = key
        found = self._registry.devices.range_of(community, device)
        return found is not None and found.kind == kind

    def _is_registered_port(self, area: str, olt: str, key: tuple[int, int, str]) -> bool:
        known = self._registry.olts.get(olt)
        return known is not None and known.area == area and known.ports.get(key[:2]) == key[2]

    def _is_registered_publisher(self, session: AdmittedSession) -> bool:
        registry, name = self._registry, session.name
        if session.publisher is Publisher.DEVICE:
            return registry.devices.range_of(session.community, name) is not None
        if session.publisher is Publisher.GATEWAY:
            return registry.gateways.get(name) == session.area
        return registry.has_olt(session.area, name)
