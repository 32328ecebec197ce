"""One evaluation: every figure of an instant, and the verdicts behind them.

``Evaluator`` keeps what is the same at every instant of one city version. An ``Evaluation`` never
changes once made, so that requests can read it while the next one is being made.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from gigacity_api.indicators.definitions import Definition, Subject
from gigacity_api.indicators.figures import Figure, Freshness, figures_of
from gigacity_api.indicators.populations import Population, population
from gigacity_api.indicators.predicates import (
    DeviceVerdicts,
    PortVerdicts,
    judge_devices,
    judge_ports,
)
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.smart_community import CommunityVerdicts, SmartCommunity
from gigacity_api.indicators.state import State, Strangers
from gigacity_api.indicators.universe import KINDS, Universe
from gigacity_api.indicators.verdicts import Verdicts


@dataclass(frozen=True)
class Evaluation:
    """The city at one instant."""

    as_of_ms: int
    universe: Universe
    state: State
    """What was known; a copy of its own."""
    ports: PortVerdicts
    devices: DeviceVerdicts
    communities: CommunityVerdicts
    populations: dict[str, Population]
    figures: tuple[Figure, ...]
    revision: int = 0

    @cached_property
    def by_place(self) -> dict[tuple[str, str, str], Figure]:
        """Figures by indicator, scope and code."""
        return {(f.indicator, f.scope, f.code): f for f in self.figures}

    def verdicts(self, definition: Definition) -> Verdicts:
        """The verdict of every object of the definition's subject."""
        return _column(definition, self.ports, self.devices, self.communities)


def _column(
    definition: Definition,
    ports: PortVerdicts,
    devices: DeviceVerdicts,
    communities: CommunityVerdicts,
) -> Verdicts:
    return {
        Subject.PORT: ports.in_service_10g,
        Subject.BUILDING: ports.building_passed,
        Subject.COMMUNITY: communities.smart,
        Subject.DEVICE: devices.online,
    }[definition.subject]


class Evaluator:
    """Evaluates states of one city version."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self._smart = SmartCommunity(universe)
        self._populations = {d.id: population(universe, d) for d in REGISTRY.values()}

    def evaluate(self, state: State, as_of_ms: int, *, revision: int = 0) -> Evaluation:
        """Every figure at every level, from one state.

        Args:
            state: offered no row later than ``as_of_ms``; it is copied.
            as_of_ms: the instant that the figures speak of.
            revision: 0 when the instant is evaluated for the first time.
        """
        state = state.copy()
        ports = judge_ports(self.universe, state.ports, as_of_ms)
        devices = judge_devices(self.universe, state, as_of_ms)
        communities = self._smart.judge(ports, devices)
        strangers = self._strangers_at(state.strangers, as_of_ms)
        freshness = Freshness(ports.fresh, devices.fresh, strangers)
        figures: list[Figure] = []
        for population_ in self._populations.values():
            column = _column(population_.definition, ports, devices, communities)
            verdicts = column[population_.index]
            figures += figures_of(self.universe, population_, verdicts, freshness)
        return Evaluation(
            as_of_ms, self.universe, state, ports, devices, communities, self._populations,
            tuple(figures), revision,
        )  # fmt: skip

    def _strangers_at(self, strangers: Strangers, as_of_ms: int) -> Counter[tuple[str, str]]:
        cadence = self.universe.city.cadence
        windows = {kind: cadence.window_ms(kind) for kind in KINDS}
        windows["port"] = cadence.pon_window_ms()
        return Counter(
            (stranger.kind, stranger.area)
            for stranger, at in strangers.seen.items()
            if at > as_of_ms - windows[stranger.kind]
        )
