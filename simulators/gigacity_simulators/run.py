"""One run: drives simulation and pool with the machine's clock until it ends, and keeps score."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gigacity_contract.clock import Clock
from gigacity_simulators.clients.client_pool import ClientPool, ClientPoolLimits
from gigacity_simulators.clients.rate_limited_log import RateLimitedLog
from gigacity_simulators.foreign.speakers import sessions_of
from gigacity_simulators.prepared import PreparedRun
from gigacity_simulators.scenarios.disturbing import DisturbedTransport
from gigacity_simulators.schedule.cuts import CutPlan
from gigacity_simulators.simulation import Simulation, SimulationPlan, TruthLine
from gigacity_simulators.stats import stats_of, summary, write_stats
from gigacity_simulators.truth.lines import TruthWriter

_TICK_S = 0.02
_SCORE_EVERY_S = 1.0
_FAREWELL_S = 10.0


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a run tells what it does."""

    truth: Path | None
    stats: Path | None
    show: Callable[[str], None]
    """The score line, about once a second."""
    tell: Callable[[str], None]
    """Notices: what goes wrong, and what to do."""


class SimulationRun:
    """A simulated city against a broker."""

    def __init__(
        self, prepared: PreparedRun, outputs: Outputs, clock: Clock, limits: ClientPoolLimits
    ) -> None:
        self._clock = clock
        self._outputs = outputs
        self._truth = None if outputs.truth is None else TruthWriter(outputs.truth)
        speakers = prepared.speakers()
        sessions = sessions_of(prepared.directory, speakers)
        self._pool = ClientPool(
            prepared.broker, sessions, clock, RateLimitedLog(outputs.tell), limits
        )
        start_ms = clock.now_ms()
        scenario = prepared.scenario(start_ms)
        plan = SimulationPlan(
            city=prepared.city,
            directory=prepared.directory,
            grid=prepared.grid,
            pace=prepared.pace,
            seed=prepared.settings.seed,
            change_share_per_minute=prepared.settings.change_rate,
            cuts=CutPlan([*prepared.cuts(start_ms), *scenario.cuts]),
            scripted=scenario.changes,
            troubles=scenario.troubles,
            speakers=speakers,
            skews=scenario.skews,
            start_ms=start_ms,
            with_truth=outputs.truth is not None,
        )
        self._transport = DisturbedTransport(self._pool, scenario.disturbances)
        self._simulation = Simulation(plan, self._transport, self._tell_truth)
        self._started_s = clock.monotonic_s()
        self._scored_s = self._started_s

    @property
    def changes_made(self) -> int:
        """Changes that have happened so far."""
        return self._simulation.changes_made

    def until(self, is_over: Callable[[], bool], duration_s: float | None) -> dict[str, Any]:
        """Run until told to stop or the time is up; the answer is the final stats."""
        self._simulation.start()
        while not is_over() and not self._time_is_up(duration_s):
            self._simulation.advance(self._clock.now_ms())
            self._pool.pump(_TICK_S)
            for publisher, is_up in self._pool.take_changes():
                now_ms = self._clock.now_ms()
                self._simulation.connection_changed(publisher, is_up=is_up, now_ms=now_ms)
            self._score()
        self._simulation.advance(self._clock.now_ms())
        self._simulation.finish()
        self._transport.release()
        self._pool.close(reason="the simulation ended", timeout_s=_FAREWELL_S)
        if self._truth is not None:
            self._truth.close()
        stats = stats_of(self._pool)
        if self._outputs.stats is not None:
            write_stats(self._outputs.stats, stats)
        return stats

    def _time_is_up(self, duration_s: float | None) -> bool:
        return duration_s is not None and self._clock.monotonic_s() - self._started_s >= duration_s

    def _score(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._scored_s < _SCORE_EVERY_S:
            return
        self._scored_s = now_s
        stats = stats_of(self._pool)
        if self._outputs.stats is not None:
            write_stats(self._outputs.stats, stats)
        elapsed_s = now_s - self._started_s
        self._outputs.show(summary(stats, changes=self.changes_made, seconds=elapsed_s))

    def _tell_truth(self, line: TruthLine) -> None:
        if self._truth is not None:
            self._truth.write(
                line.at_ms,
                is_complete=line.is_complete,
                complete_for=line.complete_for,
                cut_olts=line.cut_olts,
                figures=line.figures,
            )
