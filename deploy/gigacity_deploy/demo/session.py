"""A demo from nothing to nothing: folder, ports, secrets, system, run, clean-up."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gigacity_city.load import load_city
from gigacity_contract.clock import Clock
from gigacity_deploy.demo.grafana import find_grafana
from gigacity_deploy.demo.plan import DemoPlan, Ports
from gigacity_deploy.demo.profile import DemoProfile, Interval, cut_of
from gigacity_deploy.demo.run import DemoRun, RunOptions
from gigacity_deploy.demo.scoreboard import Scoreboard
from gigacity_deploy.demo.secrets import make_secrets
from gigacity_deploy.demo.state import StateDir, open_state_dir
from gigacity_deploy.demo.system import System
from gigacity_deploy.demo.verdict import Finding
from gigacity_deploy.processes import ChildError
from gigacity_deploy.sockets import free_port

INTERRUPTED = 130
FAILED = 1


@dataclass(frozen=True, kw_only=True)
class DemoRequest:
    """What the user asked for."""

    profile: DemoProfile
    city: Path | None
    seed: int
    clients: str
    cadence: str
    state_dir: Path | None
    keep: bool
    with_grafana: bool
    wanted_ports: tuple[int, int, int, int]
    options: RunOptions


def run_demo(request: DemoRequest, clock: Clock, environ: Mapping[str, str]) -> int:
    """Run it; the exit code.

    Raises:
        ConfigError: a wrong option, a busy port, a missing program, a wrong city file.
    """
    console = Console()
    city = request.profile.city(request.city)
    state = open_state_dir(request.state_dir)
    try:
        plan = _plan(request, city, state, environ)
        return _run(plan, request, clock, console, state)
    except ChildError as error:
        console.print(Text("failed: ", style="red") + Text(str(error)), soft_wrap=True)
        if state.is_temporary and not request.keep:
            console.print("With --keep the logs stay.", markup=False, highlight=False)
        return FAILED
    finally:
        # A second Ctrl-C must not stop the stopping.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        state.close(keep=request.keep)
        if state.path.exists():
            console.print(f"kept: {state.path}", markup=False, highlight=False)


def _plan(
    request: DemoRequest, city: Path, state: StateDir, environ: Mapping[str, str]
) -> DemoPlan:
    cut: Interval | None = None
    duration_s = request.options.duration_s
    window_s = load_city(city).cadence.pon_window_ms() / 1000
    if request.options.check and duration_s is not None:
        cut = cut_of(duration_s, pon_window_s=window_s, tick_s=request.profile.tick_s)
    ports = [wanted or free_port() for wanted in (*request.wanted_ports, 0)]
    return DemoPlan(
        profile=request.profile,
        city=city,
        folder=state.path,
        ports=Ports(*ports),
        secrets=make_secrets(state.secrets),
        base_env=environ,
        seed=request.seed,
        clients=request.clients,
        cadence=request.cadence,
        cut=cut,
        pon_window_s=window_s,
    )


def _run(
    plan: DemoPlan, request: DemoRequest, clock: Clock, console: Console, state: StateDir
) -> int:
    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    try:
        search_path = plan.base_env.get("PATH", "")
        grafana = find_grafana(search_path) if request.with_grafana else None
        with System(plan, logs=state.logs, say=say, grafana=grafana) as system:
            try:
                system.start()
                run = DemoRun(
                    system,
                    request.options,
                    clock,
                    board=lambda links: Scoreboard(console, links),
                    say=say,
                )
                findings = run.run()
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED if request.options.check else 0
    _show_findings(console, findings, run.faults)
    return 0 if all(finding.held for finding in findings) else FAILED


def _show_findings(console: Console, findings: list[Finding], faults: list[str]) -> None:
    if not findings:
        return
    table = Table(title="Verdict")
    table.add_column("held")
    table.add_column("promise")
    table.add_column("seen", overflow="fold")
    for finding in findings:
        mark = Text("yes", style="green") if finding.held else Text("NO", style="bold red")
        table.add_row(mark, finding.name, finding.detail)
    console.print(table)
    for fault in faults:
        console.print(f"  {fault}", markup=False, highlight=False, soft_wrap=True)
