"""What decoding needs of a city; the rest of it is three quarters of its memory."""

from collections.abc import Mapping
from dataclasses import dataclass

from gigacity_contract.city.model import Area, City, Community
from gigacity_contract.city.registry import DeviceRegistry


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
            city.version, city.areas, city.area_of_code, city.community_by_code, city.devices
        )
