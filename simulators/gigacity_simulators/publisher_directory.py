"""Who is simulated, and who publishes for whom: the city's objects as dense indices.

Every OLT and gateway has its own client. A device reports through its registered gateway; one
without a gateway connects by itself, unless the pool of such clients is full, in which case it is
left silent. Ids that begin with ``hands-on`` are kept for people.
"""

from array import array
from dataclasses import dataclass, field
from enum import Enum

from gigacity_city.model import City
from gigacity_contract.topics import device_identity, gateway_identity, olt_identity
from gigacity_simulators.models.noise import object_key

RESERVED_PREFIX = "hands-on"
"""Registered devices of this name are for people who try the contract by hand."""

NOBODY = -1
"""The publisher of an object that is registered but not simulated."""


class PublisherRole(Enum):
    """What a publisher is."""

    OLT = "olt"
    GATEWAY = "gateway"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class SimulatedPublisher:
    """One MQTT client: its identity path, and the index of what it stands for."""

    identity: str
    role: PublisherRole
    subject: int
    """Index of the OLT, of the gateway, or of the device that connects by itself."""


@dataclass(frozen=True, slots=True)
class Group:
    """Devices of one registered range: one community, kind and carrier."""

    community: str
    area: str
    kind: str
    prefix: str
    first: int | None
    offset: int
    """Index of its first device."""
    count: int
    gateway: int
    """Publisher index of the gateway; ``NOBODY`` where each connects by itself."""

    def device_id(self, device: int) -> str:
        """The id of a device by its index."""
        return (
            self.prefix
            if self.first is None
            else f"{self.prefix}{self.first + device - self.offset}"
        )


@dataclass(slots=True)
class PublisherDirectory:
    """Everything that takes part, by index."""

    publishers: list[SimulatedPublisher] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    group_of: "array[int]" = field(default_factory=lambda: array("l"))
    """Group index by device."""
    publisher_of: "array[int]" = field(default_factory=lambda: array("l"))
    """Publisher index by device; ``NOBODY`` where it is not simulated."""
    ports_of: list[list[int]] = field(default_factory=list)
    """Port indices by OLT."""
    port_keys: "array[int]" = field(default_factory=lambda: array("Q"))
    """Model key by port."""
    device_keys: "array[int]" = field(default_factory=lambda: array("Q"))
    """Model key by device."""
    left_out: int = 0
    """Devices that would connect by themselves, beyond the pool."""


def build_directory(city: City, *, seed: int, pool: int | None = None) -> PublisherDirectory:
    """List a city's objects and publishers.

    Args:
        city: The loaded city file.
        seed: Makes the models' keys.
        pool: How many devices may connect by themselves; None for all of them.
    """
    directory = PublisherDirectory()
    _add_olts(directory, city, seed)
    gateways = {}
    for index, gateway in enumerate(city.gateways):
        gateways[gateway.id] = len(directory.publishers)
        identity = gateway_identity(gateway.area, gateway.id)
        directory.publishers.append(SimulatedPublisher(identity, PublisherRole.GATEWAY, index))
    room = len(city.devices) if pool is None else pool
    for row in city.devices.ranges:
        community = city.community_by_code[row.community]
        group = Group(
            community=row.community,
            area=community.area,
            kind=row.kind,
            prefix=row.ids.prefix,
            first=row.ids.first,
            offset=row.offset,
            count=len(row.ids),
            gateway=gateways.get(row.gateway, NOBODY),
        )
        room -= _add_devices(directory, group, seed, room)
    return directory


def _add_olts(directory: PublisherDirectory, city: City, seed: int) -> None:
    index_of = {olt.id: index for index, olt in enumerate(city.olts)}
    directory.ports_of = [[] for _ in city.olts]
    for index, olt in enumerate(city.olts):
        directory.publishers.append(
            SimulatedPublisher(olt_identity(olt.area, olt.id), PublisherRole.OLT, index)
        )
    for index, port in enumerate(city.ports):
        directory.ports_of[index_of[port.key.olt]].append(index)
        directory.port_keys.append(object_key(seed, str(port.key)))


def _add_devices(directory: PublisherDirectory, group: Group, seed: int, room: int) -> int:
    """Add a group; the answer is how many of the pool's places it takes."""
    is_reserved = group.prefix.startswith(RESERVED_PREFIX)
    taken = 0
    for device in range(group.offset, group.offset + group.count):
        name = group.device_id(device)
        publisher = NOBODY if is_reserved else group.gateway
        if not is_reserved and group.gateway == NOBODY:
            if taken < room:
                publisher, taken = len(directory.publishers), taken + 1
                identity = device_identity(group.area, group.community, name)
                directory.publishers.append(
                    SimulatedPublisher(identity, PublisherRole.DEVICE, device)
                )
            else:
                directory.left_out += 1
        directory.group_of.append(len(directory.groups))
        directory.publisher_of.append(publisher)
        directory.device_keys.append(object_key(seed, f"{group.community}/{name}"))
    directory.groups.append(group)
    return taken
