"""Follows the city file for the supervisor: areas that are new get an owner, without a restart.

Loads in the supervisor's own thread, which has the time: its workers do not wait for it.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from gigacity_city.model import City
from gigacity_city.reload import CityFolder
from gigacity_contract.clock import Clock
from gigacity_contract.errors import CityError, ConfigError
from gigacity_ingest.supervisor.planner import Planner
from gigacity_ingest.supervisor.record import Member, Record

LOOK_S = 5.0
"""Between two looks at the files' times and sizes, as in a worker."""
_MAX_PROBLEM_CHARS = 1000
log = structlog.get_logger("supervisor")


class Planned(Protocol):
    """What is made to follow; see ``Supervisor``."""

    record: Record
    city_problem: str

    def adopt(self, plan: Sequence[Member]) -> None:
        """Follow this plan from now on. Raises OSError if it cannot be noted."""
        ...

    def reload_workers(self) -> None:
        """Let every worker load its city again."""
        ...


class CityFollower:
    """Keeps planner and plan on the newest version of the city that holds together.

    Args:
        folder: from which the planner's city was loaded.
        version: of that city.
        build_planner: for another one.
        planner: in force.
        clock: for the looks.
    """

    def __init__(
        self,
        folder: CityFolder,
        version: str,
        *,
        planner: Planner,
        build_planner: Callable[[City], Planner],
        clock: Clock,
    ) -> None:
        self.planner = planner
        self._folder = folder
        self._version = version
        self._build_planner = build_planner
        self._clock = clock
        self._next_look_s = clock.monotonic_s() + LOOK_S
        self._is_forced = False
        self._is_unfinished = False
        """A disk refused the new plan, which is no fault of the city: it is tried again."""

    def look_now(self) -> None:
        """Load the folder at the next turn, changed or not; safe in a signal handler."""
        self._is_forced = True

    def turn(self, supervisor: Planned) -> None:
        """Look, if it is time, and plan anew for another version."""
        now_s = self._clock.monotonic_s()
        is_forced, self._is_forced = self._is_forced, False
        if now_s < self._next_look_s and not is_forced:
            return
        self._next_look_s = now_s + LOOK_S
        if is_forced:
            supervisor.reload_workers()
        must_load, self._is_unfinished = is_forced or self._is_unfinished, False
        try:
            city = self._folder.load() if must_load else self._folder.load_changed()
            if city is not None:
                self._follow(city, supervisor)
        except (CityError, ConfigError, OSError) as error:
            self._is_unfinished = isinstance(error, OSError)
            text = str(error)[:_MAX_PROBLEM_CHARS]
            supervisor.city_problem = f"version {self._version} stays in force: {text}"
            log.warning("city_not_followed", problem=supervisor.city_problem)

    def _follow(self, city: City, supervisor: Planned) -> None:
        if city.version != self._version:
            planner = self._build_planner(city)
            supervisor.adopt(planner.follow(supervisor.record))
            self.planner, self._version = planner, city.version
            log.info("city_in_force", version=city.version)
            planned = [name for s in supervisor.record.sessions for name in s.wanted]
            if outside := planner.uncovered(planned):
                log.warning("areas_without_owner", areas=outside)
        supervisor.city_problem = ""
