"""From the index of an object to its name in alarms, and back."""

import numpy as np

from gigacity_api.alarms.layout import NetworkLayout
from gigacity_api.alarms.model import AlarmResource, ResourceKind
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.verdicts import Integers
from gigacity_city.model import PortKey

_KIND_OF_TYPE = {
    "pon.olt_offline": ResourceKind.OLT,
    "gateway.silent": ResourceKind.GATEWAY,
    "community.silent": ResourceKind.COMMUNITY,
    "platform.area_silent": ResourceKind.AREA,
    "device.battery_low": ResourceKind.COMMUNITY,
}
"""What the columns of a condition are of; of ports where nothing stands here."""


class ResourceIndex:
    """Names of one city version."""

    def __init__(self, inventory: Inventory, layout: NetworkLayout) -> None:
        self.inventory, self._layout = inventory, layout
        self._gateways = len(inventory.gateway_index)

    def resource(self, type_id: str, index: int) -> AlarmResource:
        """What a condition's column is of."""
        city, inventory = self.inventory.city, self.inventory
        kind = _KIND_OF_TYPE.get(type_id, ResourceKind.PORT)
        if type_id == "device.silent":
            if index < self._gateways:
                kind = ResourceKind.GATEWAY
            else:
                kind, index = ResourceKind.COMMUNITY, index - self._gateways
        if kind is ResourceKind.OLT:
            return AlarmResource(kind, city.olts[index].id, city.olts[index].area)
        if kind is ResourceKind.GATEWAY:
            return AlarmResource(kind, city.gateways[index].id, city.gateways[index].area)
        if kind is ResourceKind.COMMUNITY:
            return AlarmResource(kind, city.communities[index].code, city.communities[index].area)
        if kind is ResourceKind.AREA:
            return AlarmResource(kind, city.areas[index].code, city.areas[index].code)
        area = city.areas[int(inventory.port_area[index])].code
        return AlarmResource(ResourceKind.PORT, str(city.ports[index].key), area)

    def position(self, type_id: str, resource: AlarmResource) -> int | None:
        """The column of a resource; None: it is not registered, or has none."""
        inventory, name = self.inventory, resource.id
        expected = _KIND_OF_TYPE.get(type_id, ResourceKind.PORT)
        if type_id.startswith(("pon.", *_KIND_OF_TYPE)) and resource.kind is not expected:
            return None
        if resource.kind is ResourceKind.PORT:
            olt, slot, port = (*name.split("/"), "", "")[:3]
            return inventory.port_of_tags.get((olt, slot, port))
        if resource.kind is ResourceKind.DEVICE:
            community, _, device = name.partition("/")
            return inventory.device_of_tags.get(community, {}).get(device)
        found = self.named(resource.kind).get(name)
        if type_id == "device.silent" and resource.kind is ResourceKind.COMMUNITY:
            return None if found is None else self._gateways + found
        return found

    def is_registered(self, resource: AlarmResource) -> bool:
        """Whether the city file lists it; what it does not list at all counts as registered."""
        if resource.kind is ResourceKind.CARD:
            olt, _, slot = resource.id.rpartition("/")
            return any((olt, int(slot)) == card for card in self._layout.cards)
        if resource.kind in {
            ResourceKind.PORT, ResourceKind.OLT, ResourceKind.GATEWAY, ResourceKind.COMMUNITY,
            ResourceKind.AREA, ResourceKind.DEVICE,
        }:  # fmt: skip
            return self.position("", resource) is not None
        return True

    def ports_below(self, resource: AlarmResource) -> list[int]:
        """Ports of a card or an OLT."""
        if resource.kind not in {ResourceKind.CARD, ResourceKind.OLT}:
            return []
        prefix = f"{resource.id}/"
        ports = self.inventory.city.ports
        return [i for i, port in enumerate(ports) if str(port.key).startswith(prefix)]

    def shared_ports(self, other: "ResourceIndex") -> tuple[Integers, Integers]:
        """Ports that both versions list: here, and there."""
        return _shared(
            {p.key: i for i, p in enumerate(self.inventory.city.ports)},
            {p.key: i for i, p in enumerate(other.inventory.city.ports)},
        )

    def shared(self, other: "ResourceIndex", type_id: str) -> tuple[Integers, Integers]:
        """Objects of a condition that both versions list."""
        kind = _KIND_OF_TYPE[type_id]
        return _shared(self.named(kind), other.named(kind))

    def named(self, kind: ResourceKind) -> dict[str, int]:
        """Columns by name, of kinds that have one name."""
        inventory = self.inventory
        return {
            ResourceKind.OLT: inventory.olt_index,
            ResourceKind.GATEWAY: inventory.gateway_index,
            ResourceKind.COMMUNITY: inventory.community_index,
            ResourceKind.AREA: inventory.area_index,
        }.get(kind, {})


def _shared(
    mine: dict[str, int] | dict[PortKey, int], theirs: dict[str, int] | dict[PortKey, int]
) -> tuple[Integers, Integers]:
    both = [key for key in mine if key in theirs]
    return (
        np.array([mine[key] for key in both], dtype=np.int64),  # type: ignore[index]
        np.array([theirs[key] for key in both], dtype=np.int64),  # type: ignore[index]
    )
