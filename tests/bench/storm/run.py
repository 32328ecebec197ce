"""The whole city at the load test's pace: what is stored, how quickly, and what it costs."""

import http.client
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from gigacity_contract.clock import Clock
from gigacity_deploy.demo.ending import Ending, count_stored, end_run
from gigacity_deploy.demo.options import DemoOptions
from gigacity_deploy.demo.session import make_plan, open_session, show_findings
from gigacity_deploy.demo.system import System
from gigacity_deploy.demo.watch import LOOK_EVERY_S, Watch
from gigacity_deploy.processes import ChildError
from gigacity_deploy.servers import memory_of_machine
from gigacity_deploy.sockets import LOOPBACK
from tests.bench.storm.events import Events
from tests.bench.storm.latency import Histogram, parse_histogram
from tests.bench.storm.measures import Measures
from tests.bench.storm.probe import MEASUREMENT, Probe, by_phase, city_with_probe
from tests.bench.storm.stores import StoreName, database_of, plan_over


class StormRun:
    """One measured run over a system that is started already, apart from the simulated city."""

    def __init__(self, system: System, clock: Clock, duration_s: float, events: Events) -> None:
        self._system = system
        self._clock = clock
        self._duration_s = duration_s
        self._events = events
        self._measures = Measures(duration_s)
        self._phases: dict[str, dict[str, float]] = {}
        self._known_after_s: dict[str, float] = {}
        self._peak_points_per_s = 0.0
        self._seconds = 0.0

    def run(self) -> Ending:
        """Measure until the duration is over; whether everything confirmed is stored."""
        before = count_stored(self._system.plan)
        device = self._system.hands_on
        assert device is not None  # The bench's copy of the city has one.
        probe = Probe(self._system.plan, device.identity, self._clock)
        probe.start()
        self._system.start_simulator()
        began_ms = self._clock.now_ms()
        watch = Watch(self._system.plan, self._clock, compare=False)
        while watch.elapsed_s < self._duration_s:
            self._system.check_alive()
            watch.look()
            self._measure(watch)
            self._events.look(self._system, watch.elapsed_s)
            time.sleep(LOOK_EVERY_S)
        self._measure(watch)  # The simulated city uses nothing more from here on.
        self._seconds = watch.elapsed_s
        probe.stop()
        self._phases = by_phase(probe.latencies, self._events.phases(began_ms, self._duration_s))
        before[MEASUREMENT] = before.get(MEASUREMENT, 0) + probe.stored
        ending = end_run(self._system, watch, self._clock, before)
        self._measure(watch)
        self._measures.points = {
            "confirmed to the simulator": ending.confirmed,
            "confirmed by the database": ending.ledger.get("points", {}).get("confirmed", 0),
            "stored": ending.stored,
            "over 120 s old when they reached the worker": ending.ledger.get("points_late", 0),
        }
        return ending

    def _measure(self, watch: Watch) -> None:
        pids = {name: child.pid for name, child in self._system.children.items()}
        self._measures.record_usage(pids, watch.elapsed_s)
        self._measures.record_latency(_histogram(self._system.plan.ports.worker), watch.elapsed_s)
        self._peak_points_per_s = max(self._peak_points_per_s, watch.snapshot.points_per_s)
        for figure in watch.snapshot.figures:
            if not figure["unknown"]:
                self._known_after_s.setdefault(figure["indicator"], round(watch.elapsed_s, 1))

    def lines(self) -> list[str]:
        """What was measured, for people."""
        lines = ["a device beside the city, from publishing until found stored:"]
        lines += [
            f"  {name}: p50 {found['p50_s']:.2f} s, p99 {found['p99_s']:.2f} s, slowest"
            f" {found['slowest_s']:.2f} s ({found['readings']:,} readings)"
            for name, found in self._phases.items()
        ]
        return lines + self._measures.lines()

    def report(self, ending: Ending) -> dict[str, Any]:
        """Everything, for programs."""
        confirmed = ending.ledger.get("points", {}).get("confirmed", 0)
        return {
            "profile": self._system.plan.profile.name,
            "seconds": round(self._seconds, 1),
            "held": all(finding.held for finding in ending.findings),
            "findings": [[f.name, f.held, f.detail] for f in ending.findings],
            "fully_known_after_s": self._known_after_s,
            "peak_points_per_s": round(self._peak_points_per_s),
            "mean_points_per_s": round(confirmed / max(self._seconds, 1)),
            "ledger": ending.ledger,
            "probe": self._phases,
            **self._measures.report(),
        }


def _histogram(port: int) -> Histogram | None:
    """The worker's, from its page of metrics; None if it does not answer."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", "/metrics")
        return parse_histogram(connection.getresponse().read().decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def run_storm(
    options: DemoOptions,
    simulator_options: tuple[str, ...],
    clock: Clock,
    environ: dict[str, str],
    *,
    duration_s: float,
    report: Path | None,
    store: StoreName = "influxdb1",
    events: Events | None = None,
    machine_gib: int = 0,
) -> int:
    """Start everything, measure, stop everything; the exit code: 0 if nothing is lost.

    Args:
        options: of the demo that is put under load.
        simulator_options: pace and connections.
        clock: the wall clock.
        environ: names the program of a store that is not Debian's.
        duration_s: after the start of the simulated city.
        report: JSON file.
        store: the database.
        events: what happens meanwhile.
        machine_gib: memory for which the database is set; 0: this machine's.

    Raises:
        ConfigError: a wrong option, a missing program, a wrong city file.
    """
    console = Console(highlight=False)

    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    with open_session(options, console) as state:
        plan = make_plan(options, state, environ)
        plan = replace(
            plan,
            city=city_with_probe(plan.city, plan.folder),
            simulator_options=(*plan.simulator_options, *simulator_options),
        )
        plan = plan_over(plan, store)
        machine_bytes = machine_gib * 2**30 or memory_of_machine()
        database = database_of(plan, store, state.logs, environ, machine_bytes)
        try:
            with System(plan, logs=state.logs, say=say, database=database) as system:
                system.start()
                run = StormRun(system, clock, duration_s, events or Events())
                ending = run.run()
        except ChildError as error:
            say(f"failed: {error}")
            return 1
    for line in run.lines():
        say(line)
    show_findings(console, ending.findings, [])
    found = run.report(ending)
    if report is not None:
        report.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return 0 if found["held"] else 1
