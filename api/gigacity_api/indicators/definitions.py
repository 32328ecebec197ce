"""What an indicator is: its names, formula, levels and standard, as data.

A change of a formula is a new ``method_version`` with the date from which it holds; figures carry
the version they were made with. Numbers that a formula uses are in the city file (``methods``).
Each subject has a class of its own below ``Definition``, which knows its objects.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from gigacity_api.indicators.entries import Entry, ItemEntry, Subject, Used
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.levels import Level, Population
from gigacity_api.indicators.rules import CityInstant, Rule
from gigacity_api.indicators.standards import Standard
from gigacity_api.indicators.verdicts import IN, NAMES, Flags, Indices, Integers, Weights
from gigacity_city.model import City, Direction, Name, SmartItem, Target

Basis = Literal["measured", "reported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What measured and reported indicators have in common."""

    id: str
    order: int
    """Place in lists: figures of plans and standards first; equals as their module lists them."""
    name: Name
    unit: str = "ratio"
    """``ratio``: a part of a whole; else what is counted."""
    formula: Name
    levels: tuple[Level, ...]
    direction: Direction = "at_least"
    standard: Standard
    """Where the figure is asked for."""
    method_version: int = 1
    effective: str
    """ISO date from which this method holds."""
    parameters: tuple[str, ...] = ()
    """Parameters of the city file that the formula uses; without one of them there is no figure."""

    @property
    def basis(self) -> Basis:
        """Whether the figure is computed from telemetry or entered by an office."""
        return "reported"

    @property
    def is_ratio(self) -> bool:
        """A part of a whole, rather than a number."""
        return self.unit == "ratio"

    def target(self, city: City, scope: str, code: str) -> Target | None:
        """The target that holds at a scope.

        One set for exactly this scope goes first. The city's target of a ratio holds at each of its
        levels; that of a count does not, since a part of the city need not hold the whole number.
        """
        mine = [t for t in city.targets if t.indicator == self.id]
        if scope == Level.CITY:
            return next((t for t in mine if t.scope == Level.CITY), None)
        own = next((t for t in mine if t.scope == scope and t.code == code), None)
        if own is not None or not self.is_ratio:
            return own
        return next((t for t in mine if t.scope == Level.CITY), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Indicator):
    """An indicator that offices report; nothing here computes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Indicator, ABC):
    """An indicator that is computed from telemetry and the city file."""

    subject: ClassVar[Subject]
    window: Name
    """How long a report counts."""
    rule: Rule
    """What is asked of each object."""
    item: str | None = None
    """The item of the smart-community standard whose threshold holds in a community."""

    @property
    def basis(self) -> Basis:
        """Whether the figure is computed from telemetry or entered by an office."""
        return "measured"

    @property
    def device_kind(self) -> str | None:
        """Of a figure of one kind of device."""
        return None

    def target(self, city: City, scope: str, code: str) -> Target | None:
        """The target that holds at a scope; in a community, an item's is its threshold."""
        if self.item is None or scope != Level.COMMUNITY:
            # Explicit: a dataclass with slots is made anew, which breaks ``super()``.
            return Indicator.target(self, city, scope, code)
        item = next((i for i in city.smart_items if i.id == self.item), None)
        if item is None:
            return None
        return Target(self.id, scope, "", item.threshold, "at_least", "", item.reference)

    def is_computable(self, city: City) -> bool:
        """Whether the city file has every parameter and rule that the formula needs."""
        return all(name in city.parameter_by_name for name in self.parameters)

    def thresholds(self, city: City) -> Iterable[SmartItem]:
        """Items of the standard whose thresholds the figure uses."""
        return (item for item in city.smart_items if item.id == self.item)

    def rules_of_city(self, city: City) -> Iterable[Used]:  # noqa: ARG002 - of few subjects
        """What else of the city file says which objects count."""
        return ()

    @abstractmethod
    def windows_ms(self, city: City) -> dict[str, int]:
        """How long reports count, by kind of reporter."""

    def population(self, inventory: Inventory) -> Population:
        """What is counted; one of all definitions that count the same at the same levels."""
        key = type(self), self.levels, self.device_kind
        return inventory.once(key, lambda: self.make_population(inventory))

    @abstractmethod
    def make_population(self, inventory: Inventory) -> Population:
        """The objects that count, and whose reports the figure rests on."""

    def weights(self, inventory: Inventory) -> Weights | None:  # noqa: ARG002 - of few subjects
        """Of every object of the subject; None: each counts one."""
        return None

    def areas(self, inventory: Inventory) -> Indices:
        """The area of every object of the subject: a column that the inventory names after it."""
        found: Indices = getattr(inventory, f"{self.subject}_area")
        return found

    @abstractmethod
    def is_of_community(self, inventory: Inventory, community: int) -> Flags:
        """Which objects belong to a community; of ports, those that pass it."""

    @abstractmethod
    def code_order(self, inventory: Inventory) -> list[int]:
        """The objects in the order of their codes."""

    @abstractmethod
    def last_reports(self, instant: CityInstant) -> Integers:
        """When each object was last heard."""

    @abstractmethod
    def entry(self, instant: CityInstant, index: int) -> Entry:
        """An object, as this definition sees it."""

    def parts(self, instant: CityInstant) -> tuple[Weights, Weights]:
        """What every object adds to numerator and denominator."""
        column = self.rule.judge(instant)
        if column.counts is not None:
            return column.counts.known_in, column.counts.total
        weights = self.weights(instant.inventory)
        if weights is None:
            weights = np.ones(len(column.verdicts), dtype=np.int64)
        return np.where(column.verdicts == IN, weights, 0), weights

    def _entry(
        self,
        instant: CityInstant,
        index: int,
        id_: str,
        *,
        last_report_ms: int | None = None,
        values: dict[str, Any],
        community: str | None = None,
        parts: tuple[Entry, ...] = (),
        items: tuple[ItemEntry, ...] = (),
    ) -> Entry:
        """What is alike for all subjects, added to what is known of an object."""
        adds, weight = self._parts_at(instant, index)
        area = int(self.areas(instant.inventory)[index])
        return Entry(
            subject=self.subject,
            id=id_,
            area=instant.inventory.city.areas[area].code,
            verdict=NAMES[int(self.rule.judge(instant).verdicts[index])],
            reason=self.rule.explain(instant).at(index),
            weight=weight,
            adds=adds,
            last_report_ms=last_report_ms,
            values={name: value for name, value in values.items() if value is not None},
            community=community,
            parts=parts,
            items=items,
        )

    def _parts_at(self, instant: CityInstant, index: int) -> tuple[float, float]:
        column, weights = self.rule.judge(instant), self.weights(instant.inventory)
        if column.counts is not None:
            known_in, known_out, unknown = (int(part[index]) for part in column.counts)
            return known_in, known_in + known_out + unknown
        weight = 1 if weights is None else weights[index].item()
        weight = int(weight) if weight == int(weight) else weight
        return (weight if column.verdicts[index] == IN else 0), weight


def heard_at(ts: int) -> int | None:
    """The time of a report, if there was one."""
    return None if ts == NEVER else int(ts)
