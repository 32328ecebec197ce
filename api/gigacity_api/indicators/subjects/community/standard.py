"""The smart-community standard: each community against each item, and the level that follows.

An item is a ratio with a threshold for the basic level and, where the city file knows them, for the
growth and benchmark levels. A level asks for all that the one below it asks for.
Measured ratios are bounded over what is registered; a ratio that no office has reported, or whose
denominator is zero, is unknown. Sources: reference of each item in the city file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.entries import ItemEntry
from gigacity_api.indicators.inventory import CAMERA_KIND, Inventory
from gigacity_api.indicators.rules import CityInstant, Rule, derived
from gigacity_api.indicators.subjects.building.gigabit_access import buildings_passed
from gigacity_api.indicators.subjects.device.cameras import CAMERA_INTACT, CAMERA_PICTURE
from gigacity_api.indicators.subjects.device.online import ONLINE
from gigacity_api.indicators.verdicts import (
    NAMES,
    Flags,
    Integers,
    Numbers,
    VerdictCounts,
    Verdicts,
    all_of,
    at_least,
    ratio,
    tally,
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
    value: Numbers
    lower: Numbers
    upper: Numbers
    verdict: Verdicts


class SmartLevel(StrEnum):
    """Levels of a smart community, lowest first."""

    BASIC = "basic"
    GROWTH = "growth"
    BENCHMARK = "benchmark"


@dataclass(frozen=True, slots=True)
class StandardResults:
    """Communities against the standard."""

    items: tuple[ItemResult, ...]
    smart: Verdicts
    levels: dict[SmartLevel, Verdicts | None]
    """Whether each community reaches a level; None: not assessed, since a threshold is unknown."""


def _homes(instant: CityInstant) -> VerdictCounts:
    inventory = instant.inventory
    size, households = len(inventory.community_area), inventory.households
    passed = buildings_passed(instant).verdicts
    return tally(passed, inventory.building_community, size, households)


def _cameras(rule: Rule) -> Callable[[CityInstant], VerdictCounts]:
    def count(instant: CityInstant) -> VerdictCounts:
        inventory = instant.inventory
        cameras = inventory.devices_of_kind[CAMERA_KIND]
        verdicts = rule.judge(instant).verdicts[cameras]
        return tally(verdicts, inventory.device_community[cameras], len(inventory.community_area))

    return count


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


_MEASURED: dict[str, Callable[[CityInstant], VerdictCounts]] = {
    "gigabit_homes": _homes,
    "camera_online": _cameras(ONLINE),
    "camera_intact": _cameras(CAMERA_INTACT),
    "camera_picture": _cameras(CAMERA_PICTURE),
}
_REPORTED: dict[str, Callable[[Inventory], OfficeItem]] = {
    "mobile_5g_area": area_with_5g,
    "tv_households": homes_with_tv,
    "camera_coverage": positions_with_camera,
}


@derived
def communities_against_standard(instant: CityInstant) -> StandardResults:
    """Every item of the city file, and the communities that pass all required ones."""
    items = tuple(_result(instant, item) for item in instant.inventory.city.smart_items)
    required = [result for result in items if result.item.required]
    size = len(instant.inventory.community_area)
    smart = all_of([result.verdict for result in required], size)
    return StandardResults(items, smart, _levels(required, smart))


def _result(instant: CityInstant, item: SmartItem) -> ItemResult:
    if item.id in _MEASURED:
        counts = _MEASURED[item.id](instant)
        total = counts.total
        lower = ratio(counts.known_in, total)
        upper = ratio(counts.known_in + counts.unknown, total)
        value = ratio(counts.known_in, counts.known_in + counts.known_out)
        verdict = at_least(lower, upper, item.threshold)
        return ItemResult(item, counts.known_in, total, value, lower, upper, verdict)
    part, whole = _parts_reported(instant.inventory, item)
    value = ratio(part, whole)
    verdict = at_least(value, value, item.threshold)
    return ItemResult(item, part, whole, value, value, value, verdict)


def _parts_reported(inventory: Inventory, item: SmartItem) -> tuple[Integers, Integers]:
    """Of an item that nobody can assess, nothing of nothing."""
    if item.id not in _REPORTED:
        zero = np.zeros(len(inventory.community_area), dtype=np.int64)
        return zero, zero
    find = _REPORTED[item.id]
    reported = inventory.once(find, lambda: find(inventory))
    return reported.part, np.where(reported.is_known, reported.whole, 0)


def _levels(required: list[ItemResult], basic: Verdicts) -> dict[SmartLevel, Verdicts | None]:
    levels: dict[SmartLevel, Verdicts | None] = {SmartLevel.BASIC: basic}
    below: Verdicts | None = basic
    for level in (SmartLevel.GROWTH, SmartLevel.BENCHMARK):
        thresholds = [getattr(result.item, level) for result in required]
        if below is not None and required and all(thresholds):
            reached = [
                at_least(result.lower, result.upper, threshold.value)
                for result, threshold in zip(required, thresholds, strict=True)
            ]
            below = all_of([below, *reached], len(basic))
        else:
            below = None
        levels[level] = below
    return levels


def item_entries(instant: CityInstant, community: int) -> tuple[ItemEntry, ...]:
    """A community against every item."""
    return tuple(
        ItemEntry(
            result.item,
            NAMES[int(result.verdict[community])],
            int(result.numerator[community]) if result.denominator[community] else None,
            int(result.denominator[community]) or None,
            _number(result.value[community]),
            _number(result.lower[community]),
            _number(result.upper[community]),
        )
        for result in communities_against_standard(instant).items
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
