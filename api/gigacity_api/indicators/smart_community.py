"""The smart-community standard: each community against each item, and the level that follows.

An item is a ratio with a threshold for the basic level and, where the city file knows them, for the
growth and benchmark levels. A level asks for all that the one below it asks for.
Measured ratios are bounded over what is registered; a ratio that no office has reported, or whose
denominator is zero, is unknown. Sources: reference of each item in the city file.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gigacity_api.indicators.columns import Columns, registered_items, reported
from gigacity_api.indicators.definitions import Predicate
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.predicates import DeviceVerdicts, PortVerdicts
from gigacity_api.indicators.row_loader import CAMERA_KIND
from gigacity_api.indicators.verdicts import (
    Integers,
    VerdictCounts,
    Verdicts,
    all_of,
    at_least,
    share,
    tally,
    unknown,
)
from gigacity_city.model import SmartItem


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item over all communities."""

    item: SmartItem
    numerator: Integers
    """Known in."""
    denominator: Integers
    """Registered or reported; zero where nothing can be said."""
    value: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    verdict: Verdicts


class SmartLevel(StrEnum):
    """Levels of a smart community, lowest first."""

    BASIC = "basic"
    GROWTH = "growth"
    BENCHMARK = "benchmark"


@dataclass(frozen=True, slots=True)
class CommunityVerdicts:
    """Communities against the standard."""

    items: tuple[ItemResult, ...]
    smart: Verdicts
    levels: dict[SmartLevel, Verdicts | None]
    """Whether each community reaches a level; None: not assessed, since a threshold is unknown."""
    registered: Columns
    """The items that offices report, as columns of figures."""


_REPORTED_ITEMS = {
    "mobile_5g_area": Predicate.COMMUNITY_5G_AREA,
    "tv_households": Predicate.COMMUNITY_TV,
    "camera_coverage": Predicate.COMMUNITY_CAMERAS,
}


def _measured(item: SmartItem, counts: VerdictCounts) -> ItemResult:
    total = counts.total
    lower, upper = share(counts.known_in, total), share(counts.known_in + counts.unknown, total)
    value = share(counts.known_in, counts.known_in + counts.known_out)
    verdict = at_least(lower, upper, item.threshold)
    return ItemResult(item, counts.known_in, total, value, lower, upper, verdict)


def _reported(item: SmartItem, numerator: Integers, denominator: Integers) -> ItemResult:
    value = share(numerator, denominator)
    verdict = at_least(value, value, item.threshold)
    return ItemResult(item, numerator, denominator, value, value, value, verdict)


class SmartCommunity:
    """Judges every community of an inventory; keeps what does not change between two instants."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._size = len(inventory.city.communities)
        self._cameras = inventory.devices_of_kind[CAMERA_KIND]
        self._camera_community = inventory.device_community[self._cameras]
        self._registered = registered_items(inventory)
        self._columns = {name: reported(*item) for name, item in self._registered.items()}

    def judge(self, ports: PortVerdicts, devices: DeviceVerdicts) -> CommunityVerdicts:
        """Every item of the city file, and the communities that pass all required ones."""
        items = tuple(self._item(item, ports, devices) for item in self._inventory.city.smart_items)
        required = [result.verdict for result in items if result.item.required]
        smart = all_of(required, self._size)
        return CommunityVerdicts(items, smart, self._levels(items, smart), self._columns)

    def _levels(
        self, items: tuple[ItemResult, ...], basic: Verdicts
    ) -> dict[SmartLevel, Verdicts | None]:
        required = [result for result in items if result.item.required]
        levels: dict[SmartLevel, Verdicts | None] = {SmartLevel.BASIC: basic}
        below: Verdicts | None = basic
        for level in (SmartLevel.GROWTH, SmartLevel.BENCHMARK):
            thresholds = [getattr(result.item, level) for result in required]
            if below is not None and required and all(thresholds):
                reached = [
                    at_least(result.lower, result.upper, threshold.value)
                    for result, threshold in zip(required, thresholds, strict=True)
                ]
                below = all_of([below, *reached], self._size)
            else:
                below = None
            levels[level] = below
        return levels

    def _item(self, item: SmartItem, ports: PortVerdicts, devices: DeviceVerdicts) -> ItemResult:
        inventory = self._inventory
        if item.id == "gigabit_homes":
            counts = tally(
                ports.building_passed,
                inventory.building_community,
                self._size,
                inventory.households,
            )
            return _measured(item, counts)
        cameras = {
            "camera_online": devices.online,
            "camera_intact": devices.intact,
            "camera_picture": devices.picture,
        }.get(item.id)
        if cameras is not None:
            return _measured(
                item, tally(cameras[self._cameras], self._camera_community, self._size)
            )
        predicate = _REPORTED_ITEMS.get(item.id)
        if predicate is None:
            return self._not_assessed(item)
        registered = self._registered[predicate]
        whole = np.where(registered.is_known, registered.whole, 0)
        return _reported(item, registered.part, whole)

    def _not_assessed(self, item: SmartItem) -> ItemResult:
        zero = np.zeros(self._size, dtype=np.int64)
        nothing = np.full(self._size, np.nan)
        return ItemResult(item, zero, zero, nothing, nothing, nothing, unknown(self._size))
