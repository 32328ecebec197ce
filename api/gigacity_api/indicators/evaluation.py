"""One evaluation: every figure of an instant, and the verdicts behind them.

``Evaluator`` keeps what is the same at every instant of one city version. An ``Evaluation`` never
changes once made, so that requests can read it while the next one is being made.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from gigacity_api.indicators.city_state import CityState, UnregisteredReporters
from gigacity_api.indicators.columns import Columns, VerdictColumn
from gigacity_api.indicators.definitions import Definition, Predicate
from gigacity_api.indicators.figures import Figure, Freshness, LevelAggregator
from gigacity_api.indicators.inventory import KINDS, Inventory
from gigacity_api.indicators.plausibility import (
    Contradictions,
    any_contradiction,
    port_contradictions,
)
from gigacity_api.indicators.populations import Population, populations
from gigacity_api.indicators.predicates import (
    DeviceVerdicts,
    PortVerdicts,
    judge_devices,
    judge_ports,
)
from gigacity_api.indicators.reasons import Reasons
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.smart_community import CommunityVerdicts, SmartCommunity
from gigacity_api.indicators.verdicts import Flags, Verdicts


@dataclass(frozen=True)
class Evaluation:
    """The city at one instant."""

    as_of_ms: int
    inventory: Inventory
    state: CityState
    """What was known; a copy of its own."""
    ports: PortVerdicts
    devices: DeviceVerdicts
    communities: CommunityVerdicts
    columns: Columns
    """The answer to every predicate."""
    populations: dict[str, Population]
    figures: tuple[Figure, ...]
    contradictions: Contradictions
    """Ports by what contradicts itself in their newest report."""
    implausible_ports: Flags
    """Those with any."""
    revision: int = 0

    @cached_property
    def by_key(self) -> dict[tuple[str, str, str], Figure]:
        """Figures by indicator, scope and code."""
        return {(f.indicator, f.scope, f.code): f for f in self.figures}

    @cached_property
    def reasons(self) -> dict[Predicate, Reasons]:
        """Filled by ``why`` as it is asked: most instants are never asked why."""
        return {}

    def verdicts(self, definition: Definition) -> Verdicts:
        """The verdict of every object of the definition's subject."""
        return self.columns[definition.predicate].verdicts


def _columns(
    ports: PortVerdicts, devices: DeviceVerdicts, communities: CommunityVerdicts
) -> Columns:
    return {
        Predicate.PORT_10G: VerdictColumn(ports.in_service_10g),
        Predicate.PORT_AVAILABLE: ports.available,
        Predicate.PORT_OPTICS: ports.optics,
        Predicate.PORT_ONUS: ports.onus,
        Predicate.BUILDING_10G: VerdictColumn(ports.building_passed),
        Predicate.DEVICE_ONLINE: VerdictColumn(devices.online),
        Predicate.CAMERA_INTACT: VerdictColumn(devices.intact),
        Predicate.CAMERA_PICTURE: VerdictColumn(devices.picture),
        Predicate.COMMUNITY_SMART: VerdictColumn(communities.smart),
        **communities.registered,
    }


class Evaluator:
    """Evaluates states of one city version."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._smart = SmartCommunity(inventory)
        self._populations = populations(
            inventory, [d for d in REGISTRY.values() if d.is_computable(inventory.city)]
        )
        self._sheets = [
            LevelAggregator(inventory, population, level)
            for population in self._populations.values()
            for level in population.definition.levels
        ]

    def evaluate(self, state: CityState, as_of_ms: int, *, revision: int = 0) -> Evaluation:
        """Every figure at every level, from one state.

        Args:
            state: offered no row later than ``as_of_ms``; it is copied.
            as_of_ms: the instant that the figures speak of.
            revision: 0 when the instant is evaluated for the first time.
        """
        state = state.copy()
        ports = judge_ports(self.inventory, state.ports, as_of_ms)
        devices = judge_devices(self.inventory, state, as_of_ms)
        communities = self._smart.judge(ports, devices)
        unregistered = self._unregistered_at(state.unregistered, as_of_ms)
        contradictions = port_contradictions(self.inventory, state.ports, ports.fresh)
        implausible = any_contradiction(contradictions, len(ports.fresh))
        freshness = Freshness(ports.fresh, devices.fresh, unregistered, implausible)
        columns = _columns(ports, devices, communities)
        figures: list[Figure] = []
        for sheet in self._sheets:
            figures += sheet.figures(columns[sheet.predicate], freshness)
        return Evaluation(
            as_of_ms, self.inventory, state, ports, devices, communities, columns,
            self._populations, tuple(figures), contradictions, implausible, revision,
        )  # fmt: skip

    def _unregistered_at(
        self, unregistered: UnregisteredReporters, as_of_ms: int
    ) -> Counter[tuple[str, str]]:
        cadence = self.inventory.city.cadence
        windows = {kind: cadence.window_ms(kind) for kind in KINDS}
        windows["port"] = cadence.pon_window_ms()
        return Counter(
            (reporter.kind, reporter.area)
            for reporter, at in unregistered.seen.items()
            if at > as_of_ms - windows[reporter.kind]
        )
