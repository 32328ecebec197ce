"""What one simulation run needs, checked together before anything starts."""

import resource
from dataclasses import dataclass

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_simulators.clients.broker import Broker, broker_from
from gigacity_simulators.pace import Pace, parse_pace
from gigacity_simulators.publisher_directory import (
    PublisherDirectory,
    PublisherRole,
    build_directory,
)
from gigacity_simulators.schedule.cuts import Cut, CutPlan, plan_cut
from gigacity_simulators.schedule.grid import Grid
from gigacity_simulators.settings import SimulateSettings
from gigacity_simulators.truth.held import is_ten_gig

_POOL_SIZE = 200


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """Everything a run needs that can be wrong, and is not."""

    broker: Broker
    city: City
    directory: PublisherDirectory
    grid: Grid
    pace: Pace
    settings: SimulateSettings

    def cuts(self, start_ms: int) -> CutPlan:
        """The cuts that were asked for, from this start."""
        wanted = (
            (self.settings.cut_olt_at, self._olts_with_10g()),
            (self.settings.cut_gateway_at, self._gateways()),
        )
        cuts: list[Cut] = []
        for at_s, publishers in wanted:
            if at_s is not None:
                chosen = publishers[: self.settings.cut_count]
                cuts.append(
                    plan_cut(
                        chosen, self.grid, start_ms=start_ms, at_s=at_s, for_s=self.settings.cut_for
                    )
                )
        return CutPlan(cuts)

    def _olts_with_10g(self) -> list[int]:
        """OLTs by how many 10G ports they have, most first: a cut shows in the figures."""
        ports = self.city.ports
        counts = {
            olt: sum(is_ten_gig(ports[i].tech) for i in indices)
            for olt, indices in enumerate(self.directory.ports_of)
        }
        return sorted(counts, key=lambda olt: -counts[olt])

    def _gateways(self) -> list[int]:
        publishers = enumerate(self.directory.publishers)
        return [index for index, publisher in publishers if publisher.role is PublisherRole.GATEWAY]


def prepare(settings: SimulateSettings) -> PreparedRun:
    """Read everything that a run needs.

    Raises:
        ConfigError: a setting is wrong; the message names it.
        CityError: the city folder is wrong.
    """
    grid = Grid.of_seconds(settings.evaluate_tick_s)
    broker = broker_from(
        settings.mqtt_url,
        settings.field_secret,
        ca=settings.mqtt_ca,
        cert=settings.mqtt_cert,
        key=settings.mqtt_key,
    )
    city = load_city(settings.city)
    pace = parse_pace("storm" if settings.storm else settings.cadence, city.cadence)
    pool = settings.pool
    if pool is None and settings.clients == "pooled":
        pool = _POOL_SIZE
    directory = build_directory(city, seed=settings.seed, pool=pool)
    allow_descriptors(len(directory.publishers) + 64)
    return PreparedRun(broker, city, directory, grid, pace, settings)


def allow_descriptors(wanted: int) -> None:
    """Raise this process's limit of open files to what its clients need.

    Raises:
        ConfigError: the system allows fewer.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise ConfigError(
            f"{wanted} open files are needed, one a client, and the limit of this user is {hard}:"
            f" raise it (ulimit -Hn {wanted}) or use --clients pooled --pool N"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
