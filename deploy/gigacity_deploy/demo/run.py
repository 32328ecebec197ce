"""One run of the demo: start the simulated city, watch, stop the database on schedule, check."""

import time

from gigacity_contract.clock import Clock
from gigacity_deploy.demo.ending import count_stored, end_run
from gigacity_deploy.demo.profile import TimeStretch
from gigacity_deploy.demo.scoreboard import Scoreboard
from gigacity_deploy.demo.system import Say, System
from gigacity_deploy.demo.verdict import Finding, judge_figures
from gigacity_deploy.demo.watch import LOOK_EVERY_S, Watch


class DemoRun:
    """One run over a system that is started already, apart from the simulated city.

    Args:
        system: What runs.
        clock: The present.
        board: Shows what is seen.
        say: Tells what happens.
        duration_s: None: until Ctrl-C.
        check: Whether figures are compared with the truth.
        outage: When the database is stopped; None: never.
    """

    def __init__(
        self,
        system: System,
        clock: Clock,
        *,
        board: Scoreboard,
        say: Say,
        duration_s: float | None,
        check: bool,
        outage: TimeStretch | None,
    ) -> None:
        self._system = system
        self._clock = clock
        self._board = board
        self._say = say
        self._duration_s = duration_s
        self._check = check
        self._outage = outage
        self._note = ""
        self.faults: list[str] = []
        """Examples of figures that were not the truth."""

    def run(self) -> list[Finding]:
        """Watch until the duration is over; the findings, if figures are checked.

        Raises:
            ChildError: a process ended by itself or could not be stopped and started again.
        """
        before = count_stored(self._system.plan) if self._check else {}
        self._system.start_simulator()
        watch = Watch(self._system.plan, self._clock, compare=self._check)
        self._board.open()
        try:
            while self._duration_s is None or watch.elapsed_s < self._duration_s:
                self._disturb(watch)
                self._system.check_alive()
                self._board.show(watch.look(), watch.elapsed_s, self._note)
                time.sleep(LOOK_EVERY_S)
        finally:
            self._board.close()
        return self._findings(watch, before) if self._check else []

    def _findings(self, watch: Watch, before: dict[str, int]) -> list[Finding]:
        self._say("stopping the simulated city, waiting until the worker has stored everything")
        ending = end_run(self._system, watch, self._clock, before)
        comparison = watch.snapshot.comparison
        if comparison is None:
            return ending.findings
        self.faults = comparison.examples
        has_cut = self._system.plan.cut is not None
        return [*judge_figures(comparison, expects_cut=has_cut), *ending.findings]

    def _disturb(self, watch: Watch) -> None:
        """Stop the database, or start it again, when its time has come."""
        outage = self._outage
        if outage is None or watch.outage.ended_ms is not None:
            return
        if watch.outage.began_ms is None:
            if watch.elapsed_s >= outage.at_s:
                watch.outage.began_ms = self._clock.now_ms()
                self._tell(f"InfluxDB is stopped for {outage.for_s:g} s")
                self._system.stop_influx()
        elif watch.elapsed_s >= outage.end_s:
            self._system.start_influx()
            watch.outage.ended_ms = self._clock.now_ms()
            self._tell("InfluxDB runs again")

    def _tell(self, note: str) -> None:
        self._note = note
        self._say(note)
