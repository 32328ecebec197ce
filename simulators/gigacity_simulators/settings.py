"""Settings of one simulation run, checked together before anything starts."""

import resource
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
from gigacity_simulators.truth.held import is_ten_gig

_POOL_SIZE = 200


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, as it was given."""

    mqtt_url: str
    mqtt_ca: Path | None
    mqtt_cert: Path | None
    mqtt_key: Path | None
    connect_rate: float
    buffer_mb: int
    city: Path
    seed: int
    cadence: str
    clients: str
    pool: int | None
    grid_s: float
    change_rate: float
    cut_olt_at: float | None
    cut_gateway_at: float | None
    cut_for: float
    cut_count: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything a run needs that can be wrong, and is not."""

    broker: Broker
    city: City
    directory: PublisherDirectory
    grid: Grid
    pace: Pace
    seed: int
    change_rate: float
    options: Options

    def cuts(self, start_ms: int) -> CutPlan:
        """The cuts that were asked for, from this start."""
        wanted = (
            (self.options.cut_olt_at, self._olts_with_10g()),
            (self.options.cut_gateway_at, self._gateways()),
        )
        cuts: list[Cut] = []
        for at_s, publishers in wanted:
            if at_s is not None:
                chosen = publishers[: self.options.cut_count]
                cuts.append(
                    plan_cut(
                        chosen, self.grid, start_ms=start_ms, at_s=at_s, for_s=self.options.cut_for
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


def prepare(options: Options, environ: Mapping[str, str]) -> Prepared:
    """Read everything that a run needs.

    Raises:
        ConfigError: a setting is wrong; the message names it.
        CityError: the city folder is wrong.
    """
    if options.clients not in {"olt", "pooled"}:
        raise ConfigError(
            f"GIGACITY_SIMULATE_CLIENTS={options.clients!r}: expected olt (a client for every OLT,"
            " gateway and device without a gateway) or pooled (only some of those devices)"
        )
    if not 0 <= options.change_rate <= 1:
        raise ConfigError(
            f"GIGACITY_SIMULATE_CHANGE_RATE={options.change_rate:g}: expected a share from 0 to 1"
        )
    grid = Grid.of_seconds(options.grid_s)
    broker = broker_from(
        options.mqtt_url,
        environ,
        ca=options.mqtt_ca,
        cert=options.mqtt_cert,
        key=options.mqtt_key,
    )
    city = load_city(options.city)
    pace = parse_pace(options.cadence, city.cadence)
    pool = options.pool
    if pool is None and options.clients == "pooled":
        pool = _POOL_SIZE
    directory = build_directory(city, seed=options.seed, pool=pool)
    allow_descriptors(len(directory.publishers) + 64)
    return Prepared(broker, city, directory, grid, pace, options.seed, options.change_rate, options)


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
