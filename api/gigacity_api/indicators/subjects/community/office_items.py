"""What offices report about communities: parts of wholes, once for a city version.

Unlike surface and households, the whole of key positions is itself reported: a community that has
not done so adds nothing.
"""

from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.inventory import CAMERA_KIND, Inventory
from gigacity_api.indicators.verdicts import Flags, Integers


class OfficeItem(NamedTuple):
    """Of every community its part of a whole, as the city file has it."""

    part: Integers
    whole: Integers
    is_known: Flags


def area_with_5g(inventory: Inventory) -> OfficeItem:
    """Square metres with 5G signal, of the surface."""
    covered, is_known = _values(inventory, "area_5g_m2")
    return OfficeItem(covered, _values(inventory, "surface_m2")[0], is_known)


def homes_with_tv(inventory: Inventory) -> OfficeItem:
    """Households with cable TV or IPTV, of all."""
    homes, is_known = _values(inventory, "tv_households")
    return OfficeItem(homes, inventory.community_households, is_known)


def positions_with_camera(inventory: Inventory) -> OfficeItem:
    """Registered cameras, of key positions."""
    positions, is_known = _values(inventory, "key_positions")
    community = inventory.device_community[inventory.devices_of_kind[CAMERA_KIND]]
    cameras = np.bincount(community, minlength=len(positions))
    return OfficeItem(np.minimum(cameras, positions), positions, is_known)


def _values(inventory: Inventory, field: str) -> tuple[Integers, Flags]:
    values: list[int | None] = [getattr(c, field) for c in inventory.city.communities]
    known = np.array([value is not None for value in values], dtype=np.bool_)
    return np.array([value or 0 for value in values], dtype=np.int64), known
