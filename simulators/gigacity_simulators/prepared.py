"""What one simulation run needs, checked together before anything starts."""

import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_simulators.clients.broker import Broker, broker_from
from gigacity_simulators.foreign.catalogue import formats_named
from gigacity_simulators.foreign.speakers import Speaker, speakers_of
from gigacity_simulators.pace import Pace, parse_pace
from gigacity_simulators.publisher_directory import (
    PublisherDirectory,
    PublisherRole,
    build_directory,
)
from gigacity_simulators.scenarios.language import ScenarioEvent, read_scenario
from gigacity_simulators.scenarios.planning import PlannedScenario, plan_scenario
from gigacity_simulators.schedule.cuts import Cut, plan_cut
from gigacity_simulators.schedule.grid import Grid
from gigacity_simulators.settings import SimulateSettings
from gigacity_simulators.truth.held import is_ten_gig

_POOL_SIZE = 200
_MAX_SCENARIO = 2**20


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """Everything a run needs that can be wrong, and is not."""

    broker: Broker
    city: City
    directory: PublisherDirectory
    grid: Grid
    pace: Pace
    settings: SimulateSettings
    events: Sequence[ScenarioEvent] = ()
    formats: Sequence[str] = ()

    def scenario(self, start_ms: int) -> PlannedScenario:
        """What the scenario does, from this start.

        Raises:
            ConfigError: it names what the city has not.
        """
        return plan_scenario(
            self.events,
            self.city,
            self.directory,
            self.grid,
            start_ms=start_ms,
            seed=self.settings.seed,
        )

    def speakers(self) -> dict[int, Speaker]:
        """Who speaks another format than the native one, by publisher."""
        return speakers_of(self.directory, self.formats)

    def cuts(self, start_ms: int) -> list[Cut]:
        """The cuts that were asked for by settings, from this start."""
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
        return cuts

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
    events = _events_of(settings.scenario)
    formats = formats_named(settings.formats)
    prepared = PreparedRun(broker, city, directory, grid, pace, settings, events, formats)
    prepared.scenario(0)  # What it names and the city has not is said now.
    return prepared


def _events_of(path: Path | None) -> list[ScenarioEvent]:
    if path is None:
        return []
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_SCENARIO + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--scenario {path}: cannot be read: {error}") from error
    if len(text) > _MAX_SCENARIO:
        raise ConfigError(f"--scenario {path}: is larger than {_MAX_SCENARIO >> 10} KiB")
    return read_scenario(path.name, text)


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
