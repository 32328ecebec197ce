"""Indicators that count communities: in which order, with what evidence."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.entries import Entry, Subject
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.levels import Level, Population, by_level, every
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.standards import NO_WINDOW
from gigacity_api.indicators.subjects.community.standard import (
    communities_against_standard,
    item_entries,
)
from gigacity_api.indicators.verdicts import NAMES, Flags, Integers
from gigacity_city.model import City, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityIndicator(Definition):
    """A figure of communities; no telemetry is behind what offices report of them."""

    subject: ClassVar[Subject] = Subject.COMMUNITY
    levels: tuple[Level, ...] = (Level.CITY, Level.AREA, Level.COMMUNITY)
    window: Name = NO_WINDOW

    def windows_ms(self, city: City) -> dict[str, int]:  # noqa: ARG002 - of those with telemetry
        """What the city file says does not age."""
        return {}

    def make_population(self, inventory: Inventory) -> Population:
        """Every community."""
        index = every(len(inventory.community_area))
        return Population(
            index, by_level(index, self.levels, area=inventory.community_area, community=index)
        )

    def is_of_community(self, inventory: Inventory, community: int) -> Flags:
        """The community itself."""
        found: Flags = np.arange(len(inventory.community_area)) == community
        return found

    def code_order(self, inventory: Inventory) -> list[int]:
        """By code."""
        communities = inventory.city.communities
        return sorted(range(len(communities)), key=lambda index: communities[index].code)

    def last_reports(self, instant: CityInstant) -> Integers:
        """Communities do not report."""
        return np.full(len(instant.inventory.community_area), NEVER, dtype=np.int64)

    def entry(self, instant: CityInstant, index: int) -> Entry:
        """A community with every item of the standard, and the levels that it reaches."""
        code = instant.inventory.city.communities[index].code
        levels = communities_against_standard(instant).levels
        values = {
            f"level_{level}": "not_assessed" if column is None else NAMES[int(column[index])]
            for level, column in levels.items()
        }
        items = item_entries(instant, index)
        return self._entry(instant, index, code, values=values, community=code, items=items)
