"""One run of the demo: start, watch, disturb on schedule, check, stop."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gigacity_contract.clock import Clock
from gigacity_deploy.demo.http import AskError, ask, ask_text, count_points
from gigacity_deploy.demo.latency import parse_histogram
from gigacity_deploy.demo.links import Links
from gigacity_deploy.demo.measures import Measures
from gigacity_deploy.demo.plan import ADMIN_USER, BUCKET
from gigacity_deploy.demo.profile import Interval
from gigacity_deploy.demo.scoreboard import Scoreboard
from gigacity_deploy.demo.system import Say, System
from gigacity_deploy.demo.verdict import (
    COUNTED_FIELDS,
    Finding,
    judge_figures,
    judge_ledger,
    judge_loss,
)
from gigacity_deploy.demo.watch import Watch
from gigacity_deploy.processes import ChildError

LOOK_EVERY_S = 0.5
DRAIN_S = 120.0


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What the user asked for."""

    duration_s: float | None
    check: bool
    min_instants: int
    outage: Interval | None
    report: Path | None

    @property
    def counts(self) -> bool:
        """Whether what is stored is counted at the end."""
        return self.check or self.report is not None


class DemoRun:
    """One run over a system that is started already, apart from the simulated city."""

    def __init__(
        self,
        system: System,
        options: RunOptions,
        clock: Clock,
        *,
        board: Callable[[Links], Scoreboard],
        say: Say,
    ) -> None:
        self._system = system
        self._options = options
        self._clock = clock
        self._make_board = board
        self._say = say
        self._measures = Measures(options.duration_s)
        self._note = ""
        self.faults: list[str] = []
        """Examples of figures that were not the truth."""

    def run(self) -> list[Finding]:
        """Watch until the duration is over; the findings, if any were asked for.

        Raises:
            ChildError: a process ended by itself or could not be stopped and started again.
        """
        before = self._count() if self._options.counts else {}
        self._system.start_simulator()
        watch = Watch(self._system.plan, self._clock, compare=self._options.check)
        board = self._make_board(self.links())
        board.open()
        try:
            self._watch(watch, board)
        finally:
            board.close()
        findings = self._finish(watch, before) if self._options.counts else []
        for line in self._measures.lines():
            self._say(line)
        self._write_report(watch, findings)
        return findings

    def links(self) -> Links:
        """What a person can open."""
        plan = self._system.plan
        has_grafana = self._system.grafana is not None
        return Links(
            api_port=plan.ports.api,
            worker_port=plan.ports.worker,
            api_key=plan.secrets.api_key.reveal(),
            folder=str(plan.folder),
            grafana_port=plan.ports.grafana if has_grafana else None,
            grafana_password=plan.secrets.value("grafana_admin").reveal() if has_grafana else "",
            # The truth knows nothing of readings that somebody adds while it is being checked.
            hands_on="" if self._options.check else self._system.publish_example(),
        )

    # ---- while it runs -------------------------------------------------------------------------

    def _watch(self, watch: Watch, board: Scoreboard) -> None:
        duration_s = self._options.duration_s
        while duration_s is None or watch.elapsed_s < duration_s:
            self._disturb(watch)
            self._system.check_alive()
            snapshot = watch.look()
            self._measure(watch)
            board.show(snapshot, watch.elapsed_s, self._note)
            time.sleep(LOOK_EVERY_S)

    def _disturb(self, watch: Watch) -> None:
        """Stop the database, or start it again, when its time has come."""
        outage = self._options.outage
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
            self._tell("InfluxDB is back")

    def _tell(self, note: str) -> None:
        self._note = note
        self._say(note)

    def _measure(self, watch: Watch) -> None:
        pids = {name: child.pid for name, child in self._system.children.items()}
        self._measures.record_usage(pids, watch.elapsed_s)
        try:
            metrics = ask_text(self._system.plan.ports.worker, "/metrics")
        except AskError:
            return
        self._measures.record_latency(parse_histogram(metrics), watch.elapsed_s)

    # ---- the end -------------------------------------------------------------------------------

    def _finish(self, watch: Watch, before: dict[str, int]) -> list[Finding]:
        self._say("stopping the simulated city, draining the worker")
        self._measure(watch)  # The simulated city uses nothing more from here on.
        code = self._system.stop_simulator()
        ledger = self._drain()
        watch.look()
        self._measure(watch)
        comparison = watch.snapshot.comparison
        findings = []
        if comparison is not None:
            self.faults = comparison.examples
            cut = self._system.plan.cut is not None
            findings += judge_figures(
                comparison, min_instants=self._options.min_instants, expects_cut=cut
            )
        findings.append(
            Finding("the simulated city ended in order", code == 0, f"exit code {code}")
        )
        acknowledged: dict[str, int] = watch.snapshot.stats.get("points_acked", {})
        after = self._count()
        self._measures.points = {
            "confirmed to the simulator": sum(acknowledged.values()),
            "confirmed by the database": ledger.get("points", {}).get("confirmed", 0),
            "stored": sum(after.values()) - sum(before.values()),
            "over 120 s old when they reached the worker": ledger.get("points_late", 0),
        }
        findings.append(judge_loss(acknowledged, before, after))
        findings.append(judge_ledger(ledger))
        return findings

    def _drain(self) -> dict[str, Any]:
        """Wait until the worker has nothing left on the way, or a deadline; its ledger then."""
        ledger: dict[str, Any] = {}
        give_up = self._clock.monotonic_s() + DRAIN_S
        while self._clock.monotonic_s() < give_up:
            self._system.check_alive()
            try:
                ledger = ask(self._system.plan.ports.worker, "/ledger")
            except AskError:
                time.sleep(LOOK_EVERY_S)
                continue
            points = ledger["points"]
            left = points["in_flight"] + points["spooled"] + ledger["messages"]["unacknowledged"]
            if not left:
                break
            time.sleep(LOOK_EVERY_S)
        return ledger

    def _count(self) -> dict[str, int]:
        plan = self._system.plan
        try:
            return count_points(
                plan.ports.influx,
                bucket=BUCKET,
                user=ADMIN_USER,
                password=plan.secrets.value("influx_admin"),
                fields=COUNTED_FIELDS,
            )
        except AskError as error:
            raise ChildError(f"the stored points cannot be counted: {error}") from error

    def _write_report(self, watch: Watch, findings: list[Finding]) -> None:
        if self._options.report is None:
            return
        comparison = watch.snapshot.comparison
        ledger = watch.snapshot.ledger
        report = {
            "profile": self._system.plan.profile.name,
            "seconds": round(watch.elapsed_s, 1),
            "held": all(finding.held for finding in findings),
            "findings": [[f.name, f.held, f.detail] for f in findings],
            "faults": comparison.examples if comparison else [],
            "fully_known_after_s": watch.fully_known_after_s,
            "peak_points_per_s": round(watch.peak_points_per_s),
            "mean_points_per_s": round(
                ledger.get("points", {}).get("confirmed", 0) / max(watch.elapsed_s, 1)
            ),
            "ledger": ledger,
            **self._measures.report(),
        }
        self._options.report.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
