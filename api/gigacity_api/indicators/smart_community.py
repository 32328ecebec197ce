"""The smart-community standard: each community against each item, and the verdict that follows.

An item is a ratio with a threshold. Measured ratios are bounded over what is registered; a ratio
that no office has reported, or whose denominator is zero, is unknown. Sources: reference of each
item in the city file.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigacity_api.indicators.intake import CAMERA_KIND
from gigacity_api.indicators.predicates import DeviceVerdicts, PortVerdicts
from gigacity_api.indicators.universe import Universe
from gigacity_api.indicators.verdicts import (
    Integers,
    Tally,
    Verdicts,
    all_of,
    at_least,
    share,
    tally,
    unknown,
)
from gigacity_contract.city.model import Community, SmartItem


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


@dataclass(frozen=True, slots=True)
class CommunityVerdicts:
    """Communities against the standard."""

    items: tuple[ItemResult, ...]
    smart: Verdicts


def _measured(item: SmartItem, counts: Tally) -> ItemResult:
    total = counts.total
    lower, upper = share(counts.known_in, total), share(counts.known_in + counts.unknown, total)
    value = share(counts.known_in, counts.known_in + counts.known_out)
    verdict = at_least(lower, upper, item.threshold)
    return ItemResult(item, counts.known_in, total, value, lower, upper, verdict)


def _reported(item: SmartItem, numerator: Integers, denominator: Integers) -> ItemResult:
    value = share(numerator, denominator)
    verdict = at_least(value, value, item.threshold)
    return ItemResult(item, numerator, denominator, value, value, value, verdict)


def _column(
    universe: Universe, read: Callable[[Community], int | None]
) -> tuple[Integers, Integers]:
    """A reported count, and one where it was reported at all."""
    values = [read(c) for c in universe.city.communities]
    known = np.array([v is not None for v in values], dtype=np.int64)
    return np.array([v or 0 for v in values], dtype=np.int64), known


class SmartCommunity:
    """Judges every community of a universe; keeps what does not change between two instants."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self._size = len(universe.city.communities)
        self._cameras = universe.devices_of_kind[CAMERA_KIND]
        self._camera_community = universe.device_community[self._cameras]
        self._registered: dict[str, Callable[[SmartItem], ItemResult]] = {
            "mobile_5g_area": self._mobile_5g_area,
            "tv_households": self._tv_households,
            "camera_coverage": self._camera_coverage,
        }

    def judge(self, ports: PortVerdicts, devices: DeviceVerdicts) -> CommunityVerdicts:
        """Every item of the city file, and the communities that pass all required ones."""
        items = tuple(self._item(item, ports, devices) for item in self._universe.city.smart_items)
        required = [result.verdict for result in items if result.item.required]
        return CommunityVerdicts(items, all_of(required, self._size))

    def _item(self, item: SmartItem, ports: PortVerdicts, devices: DeviceVerdicts) -> ItemResult:
        universe = self._universe
        if item.id == "gigabit_homes":
            counts = tally(
                ports.building_passed, universe.building_community, self._size, universe.households
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
        registered = self._registered.get(item.id)
        return registered(item) if registered else self._not_assessed(item)

    def _mobile_5g_area(self, item: SmartItem) -> ItemResult:
        covered, known = _column(self._universe, lambda c: c.area_5g_m2)
        surface, _ = _column(self._universe, lambda c: c.surface_m2)
        return _reported(item, covered, surface * known)

    def _tv_households(self, item: SmartItem) -> ItemResult:
        households, known = _column(self._universe, lambda c: c.tv_households)
        return _reported(item, households, self._universe.community_households * known)

    def _camera_coverage(self, item: SmartItem) -> ItemResult:
        positions, _ = _column(self._universe, lambda c: c.key_positions)
        cameras = np.bincount(self._camera_community, minlength=self._size)
        return _reported(item, np.minimum(cameras, positions), positions)

    def _not_assessed(self, item: SmartItem) -> ItemResult:
        zero = np.zeros(self._size, dtype=np.int64)
        nothing = np.full(self._size, np.nan)
        return ItemResult(item, zero, zero, nothing, nothing, nothing, unknown(self._size))
