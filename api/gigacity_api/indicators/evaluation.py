"""One evaluation: every figure of an instant, and what is behind them.

``Evaluator`` keeps what is the same at every instant of one city version. An ``Evaluation`` never
changes once made, so that requests can read it while the next one is being made.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.figures import Figure, FigureKey, LevelAggregator
from gigacity_api.indicators.freshness import Freshness
from gigacity_api.indicators.inventory import KINDS, Inventory
from gigacity_api.indicators.levels import PORT_REPORTER, Population
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.subjects.device.presence import device_presence
from gigacity_api.indicators.subjects.port.plausibility import implausible_ports
from gigacity_api.indicators.subjects.port.subject import fresh_ports
from gigacity_api.indicators.verdicts import Verdicts
from gigacity_city.model import City


@dataclass(frozen=True)
class Evaluation:
    """The city at one instant."""

    instant: CityInstant
    """What was known; a copy of its own."""
    populations: dict[str, Population]
    """What each computable indicator counts, by its id."""
    figures: tuple[Figure, ...]
    revision: int = 0

    @property
    def as_of_ms(self) -> int:
        """The instant that the figures speak of."""
        return self.instant.as_of_ms

    @property
    def inventory(self) -> Inventory:
        """The registered objects."""
        return self.instant.inventory

    @property
    def state(self) -> CityState:
        """What was known."""
        return self.instant.state

    @cached_property
    def by_key(self) -> dict[FigureKey, Figure]:
        """Figures by indicator, scope and code."""
        return {(f.indicator, f.scope, f.code): f for f in self.figures}

    def verdicts(self, definition: Definition) -> Verdicts:
        """The verdict of every object of the definition's subject."""
        return definition.rule.judge(self.instant).verdicts


class Evaluator:
    """Evaluates states of one city version."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        computable = [d for d in REGISTRY.values() if d.is_computable(inventory.city)]
        self._populations = {d.id: d.population(inventory) for d in computable}
        self._aggregators = [
            (definition.rule, LevelAggregator(definition, inventory, level))
            for definition in computable
            for level in definition.levels
        ]

    def evaluate(self, state: CityState, as_of_ms: int, *, revision: int = 0) -> Evaluation:
        """Every figure at every level, from one state.

        Args:
            state: offered no row later than ``as_of_ms``; it is copied.
            as_of_ms: the instant that the figures speak of.
            revision: 0 when the instant is evaluated for the first time.
        """
        instant = CityInstant(self.inventory, state.copy(), as_of_ms)
        freshness = Freshness(
            {"ports": fresh_ports(instant), "devices": device_presence(instant).fresh},
            {"ports": implausible_ports(instant)},
            unregistered_by_area(instant),
        )
        figures: list[Figure] = []
        for rule, aggregator in self._aggregators:
            figures += aggregator.figures(rule.judge(instant), freshness)
        return Evaluation(instant, self._populations, tuple(figures), revision)


def report_windows(city: City) -> dict[str, int]:
    """How long a report counts, by kind of reporter, in ms."""
    windows = {kind: city.cadence.window_ms(kind) for kind in KINDS}
    return {PORT_REPORTER: city.cadence.pon_window_ms(), **windows}


def unregistered_by_area(instant: CityInstant) -> Counter[tuple[str, str]]:
    """How many unregistered reporters are fresh, by kind and area."""
    windows = report_windows(instant.inventory.city)
    return Counter(
        (reporter.kind, reporter.area)
        for reporter, at in instant.state.unregistered.seen.items()
        if at > instant.as_of_ms - windows[reporter.kind]
    )
