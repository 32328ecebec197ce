"""What decoding needs of a city; the rest of it is three quarters of its memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from gigacity_city.model import Area, City, Community
from gigacity_city.registry import DeviceRange, DeviceRegistry


@dataclass(frozen=True, slots=True)
class FieldRegistry:
    """Areas, communities and devices of one version of the city file."""

    version: str
    areas: tuple[Area, ...]
    area_of_code: Mapping[str, str]
    """Every current and retired code, to the current one."""
    community_by_code: Mapping[str, Community]
    devices: DeviceRegistry

    @classmethod
    def of(cls, city: City) -> "FieldRegistry":
        """That part of a city; nothing of it refers to the rest."""
        return cls(
            version=city.version,
            areas=city.areas,
            area_of_code=city.area_of_code,
            community_by_code=city.community_by_code,
            devices=city.devices,
        )

    def pack(self) -> bytes:
        """As bytes, for another process."""
        packed = _Packed(
            version=self.version,
            areas=self.areas,
            area_of_code=dict(self.area_of_code),
            communities=list(self.community_by_code.values()),
            ranges=self.devices.ranges,
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
        )


class _Packed(NamedTuple):
    version: str
    areas: tuple[Area, ...]
    area_of_code: dict[str, str]
    communities: list[Community]
    ranges: list[DeviceRange]
