"""What identities are looked up in: the part of a city that the worker keeps."""

from collections.abc import Mapping
from typing import Protocol

from gigacity_city.foreign_ids import ForeignIds
from gigacity_city.model import Community
from gigacity_city.registry import DeviceRegistry


class RegisteredOlt(Protocol):
    """An OLT of the city file."""

    @property
    def area(self) -> str:
        """Its area."""
        ...  # pragma: no cover

    @property
    def ports(self) -> Mapping[tuple[int, int], str]:
        """Technology by slot and port."""
        ...  # pragma: no cover


class CityObjects(Protocol):
    """Objects of one version of the city; the worker's ``FieldRegistry`` has them all."""

    @property
    def area_of_code(self) -> Mapping[str, str]:
        """Every current and retired area code, to the current one."""
        ...  # pragma: no cover

    @property
    def community_by_code(self) -> Mapping[str, Community]:
        """Communities by code."""
        ...  # pragma: no cover

    @property
    def devices(self) -> DeviceRegistry:
        """Registered devices."""
        ...  # pragma: no cover

    @property
    def olts(self) -> Mapping[str, RegisteredOlt]:
        """Registered OLTs by id."""
        ...  # pragma: no cover

    @property
    def foreign_ids(self) -> ForeignIds:
        """What foreign platforms call the objects of the city."""
        ...  # pragma: no cover
