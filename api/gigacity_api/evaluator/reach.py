"""How far back reports decide anything. Pure.

A report counts inside its window. Of a device that connects by itself an older one still says since
when it is silent (``Cadence.patience_ms``), and so whether its silence means *out*.
"""

from collections.abc import Iterator

from gigacity_api.indicators.inventory import KINDS
from gigacity_api.storage.retention import raw_complete_since_ms
from gigacity_city.model import City
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT

MAX_COMMUNITIES = 100
"""Named in one question; its text stays short."""


def windows_of(city: City) -> dict[str, int]:
    """How long a report counts, by measurement."""
    windows = {DEVICE_MEASUREMENTS[k].name: city.cadence.window_ms(k) for k in KINDS}
    windows[PON_PORT.name] = city.cadence.pon_window_ms()
    return windows


def reaches_of(city: City) -> dict[str, int]:
    """How long a report decides anything, by measurement: its window or the patience."""
    reaches = windows_of(city)
    for kind in {row.kind for row in city.devices.ranges if not row.gateway}:
        reaches[DEVICE_MEASUREMENTS[kind].name] = city.cadence.patience_ms(kind)
    return reaches


def whole_since_ms(city: City, now_ms: int) -> int:
    """Since when every report that decides anything at an instant is surely still stored."""
    return raw_complete_since_ms(now_ms) + max(reaches_of(city).values())


def communities_of_their_own(city: City) -> dict[str, list[tuple[str, ...]]]:
    """By kind the communities with devices that connect by themselves, in parts of a question."""
    found: dict[str, set[str]] = {}
    for row in city.devices.ranges:
        if not row.gateway:
            found.setdefault(row.kind, set()).add(row.community)
    return {kind: list(_parts(sorted(codes))) for kind, codes in found.items()}


def _parts(codes: list[str]) -> Iterator[tuple[str, ...]]:
    for first in range(0, len(codes), MAX_COMMUNITIES):
        yield tuple(codes[first : first + MAX_COMMUNITIES])
