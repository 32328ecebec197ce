"""What decoding needs of a city; the rest of it is three quarters of its memory."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from gigacity_city.foreign_ids import ForeignIds, ForeignRow
from gigacity_city.model import Area, City, Community
from gigacity_city.registry import DeviceRange, DeviceRegistry


class OltPorts(NamedTuple):
    """A registered OLT."""

    area: str
    ports: Mapping[tuple[int, int], str]
    """Technology by slot and port."""


_PackedPort = tuple[tuple[str, int, int], str]
"""OLT, slot and port, and its technology."""


@dataclass(frozen=True, slots=True)
class FieldRegistry:
    """Areas, communities, devices and ports of one version of the city file."""

    version: str
    areas: tuple[Area, ...]
    area_of_code: Mapping[str, str]
    """Every current and retired code, to the current one."""
    community_by_code: Mapping[str, Community]
    devices: DeviceRegistry
    olts: Mapping[str, OltPorts]
    """By id."""
    gateways: Mapping[str, str]
    """Area by id."""
    foreign_ids: ForeignIds = field(default_factory=ForeignIds)

    def has_olt(self, area: str, olt: str) -> bool:
        """Whether an OLT is registered in this area."""
        known = self.olts.get(olt)
        return known is not None and known.area == area

    @classmethod
    def of(cls, city: City) -> "FieldRegistry":
        """That part of a city; nothing of it refers to the rest."""
        return cls(
            version=city.version,
            areas=city.areas,
            area_of_code=city.area_of_code,
            community_by_code=city.community_by_code,
            devices=city.devices,
            olts=_olts_of(
                {olt.id: olt.area for olt in city.olts},
                (((p.key.olt, p.key.slot, p.key.port), p.tech) for p in city.ports),
            ),
            gateways={gateway.id: gateway.area for gateway in city.gateways},
            foreign_ids=city.foreign_ids,
        )

    def pack(self) -> bytes:
        """As bytes, for another process."""
        packed = _Packed(
            version=self.version,
            areas=self.areas,
            area_of_code=dict(self.area_of_code),
            communities=list(self.community_by_code.values()),
            ranges=self.devices.ranges,
            olts={olt: ports.area for olt, ports in self.olts.items()},
            ports=[
                ((olt, slot, port), tech)
                for olt, known in self.olts.items()
                for (slot, port), tech in known.ports.items()
            ],
            gateways=dict(self.gateways),
            foreign_ids=list(self.foreign_ids.rows()),
        )
        return msgspec.msgpack.encode(packed)

    @classmethod
    def unpack(cls, data: bytes) -> "FieldRegistry":
        """What ``pack`` made bytes of.

        Raises:
            msgspec.MsgspecError: it is something else.
        """
        packed = msgspec.msgpack.decode(data, type=_Packed)
        by_code = {community.code: community for community in packed.communities}
        return cls(
            version=packed.version,
            areas=packed.areas,
            area_of_code=packed.area_of_code,
            community_by_code=by_code,
            devices=DeviceRegistry(packed.ranges),
            olts=_olts_of(packed.olts, packed.ports),
            gateways=packed.gateways,
            foreign_ids=ForeignIds(packed.foreign_ids),
        )


class _Packed(NamedTuple):
    version: str
    areas: tuple[Area, ...]
    area_of_code: dict[str, str]
    communities: list[Community]
    ranges: list[DeviceRange]
    olts: dict[str, str]
    ports: list[_PackedPort]
    gateways: dict[str, str]
    foreign_ids: list[ForeignRow]


def _olts_of(areas: Mapping[str, str], ports: Iterable[_PackedPort]) -> dict[str, OltPorts]:
    """OLTs whose ports are alike share what they know of them, as nearly all of a city do."""
    found: dict[str, dict[tuple[int, int], str]] = {olt: {} for olt in areas}
    for (olt, slot, port), tech in ports:
        found[olt][slot, port] = sys.intern(tech)
    shared: dict[tuple[object, ...], dict[tuple[int, int], str]] = {}
    return {
        olt: OltPorts(areas[olt], shared.setdefault(tuple(known.items()), known))
        for olt, known in found.items()
    }
