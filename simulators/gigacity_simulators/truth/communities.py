"""Truth of ``community.smart_coverage``: communities that meet every required item."""

from collections import Counter
from collections.abc import Iterator

from gigacity_city.model import City, Community
from gigacity_simulators.truth.devices import Cameras
from gigacity_simulators.truth.figures import SumsByCode, TruthFigure

Parts = tuple[int, int] | None
"""Numerator and denominator of an item; None where something was not reported."""


def _reported(numerator: int | None, denominator: int) -> Parts:
    return None if numerator is None or not denominator else (numerator, denominator)


def item_parts(
    community: Community, *, served: int, households: int, cameras: Cameras
) -> dict[str, Parts]:
    """What each item of the standard that we can tell comes to in one community."""
    wanted = community.key_positions or 0
    return {
        "gigabit_homes": _reported(served, households),
        "mobile_5g_area": _reported(community.area_5g_m2, community.surface_m2),
        "tv_households": _reported(community.tv_households, households),
        "camera_coverage": _reported(min(cameras.registered, wanted), wanted),
        "camera_online": _reported(cameras.online, cameras.registered),
        "camera_intact": _reported(cameras.intact, cameras.registered),
        "camera_picture": _reported(cameras.picture, cameras.registered),
    }


class CommunityFigures:
    """A community counts when each required item is known and reaches its threshold."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._required = [(item.id, item.threshold) for item in city.smart_items if item.required]

    def figures(
        self, served: Counter[str], households: Counter[str], cameras: dict[str, Cameras]
    ) -> Iterator[TruthFigure]:
        """The indicator at city and area; the denominator is every registered community."""
        areas, city = SumsByCode(), SumsByCode()
        for community in self._city.communities:
            code = community.code
            parts = item_parts(
                community,
                served=served[code],
                households=households[code],
                cameras=cameras.get(code, Cameras()),
            )
            is_smart = self._is_smart(parts)
            areas.add(community.area, is_smart is True, 1, is_smart is None)
            city.add(self._city.code, is_smart is True, 1, is_smart is None)
        yield from city.rows("community.smart_coverage", "city")
        yield from areas.rows("community.smart_coverage", "area")

    def _is_smart(self, known: dict[str, Parts]) -> bool | None:
        """None: no item is required, or every reported one passes and a required one is not."""
        is_open = not self._required
        for item, threshold in self._required:
            parts = known.get(item)
            if parts is None:
                is_open = True
            elif parts[0] / parts[1] < threshold:
                return False
        return None if is_open else True
