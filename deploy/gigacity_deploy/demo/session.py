"""A demo from nothing to nothing: folder, ports, secrets, system, run, clean-up."""

import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gigacity_city.load import load_city
from gigacity_city.wholeness import CHECKSUMS
from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError
from gigacity_deploy.demo.grafana import find_grafana
from gigacity_deploy.demo.links import links_of
from gigacity_deploy.demo.options import DemoOptions
from gigacity_deploy.demo.plan import DemoPlan, Ports
from gigacity_deploy.demo.profile import DemoProfile, cut_of, parse_interval, profile_named
from gigacity_deploy.demo.run import DemoRun
from gigacity_deploy.demo.scoreboard import Scoreboard
from gigacity_deploy.demo.secrets import make_secrets
from gigacity_deploy.demo.state import StateDir, open_state_dir
from gigacity_deploy.demo.system import System
from gigacity_deploy.demo.verdict import Finding
from gigacity_deploy.processes import ChildError
from gigacity_deploy.sockets import free_port

INTERRUPTED = 130
FAILED = 1
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_demo(options: DemoOptions, clock: Clock, environ: Mapping[str, str]) -> int:
    """Run it; the exit code.

    Raises:
        ConfigError: a wrong option, a busy port, a missing program, a wrong city file.
    """
    console = Console(highlight=False)
    with open_session(options, console) as state:
        try:
            return _run(make_plan(options, state, environ), options, clock, console, state)
        except ChildError as error:
            console.print(Text("failed: ", style="red") + Text(str(error)), soft_wrap=True)
            if state.is_temporary and not options.keep:
                console.print("Give --keep to keep the logs.", markup=False)
            return FAILED


@contextmanager
def open_session(options: DemoOptions, console: Console) -> Iterator[StateDir]:
    """The demo's folder, removed at the end unless it is to stay.

    Raises:
        ConfigError: the folder is in use or cannot be made.
    """
    state = open_state_dir(options.state_dir)
    try:
        yield state
    finally:
        _ignore_signals()
        state.close(keep=options.keep)
        if state.path.exists():
            console.print(f"kept: {state.path}", markup=False)


def make_plan(options: DemoOptions, state: StateDir, environ: Mapping[str, str]) -> DemoPlan:
    """What runs, with which settings; ports are chosen and secrets made here.

    Raises:
        ConfigError: a wrong option or city file.
    """
    profile = profile_named(options.profile)
    city = profile.city(options.city)
    loaded = load_city(city)
    window_s = loaded.cadence.pon_window_ms() / 1000
    duration_s, cut = _duration_s(options, profile), None
    if options.check and duration_s is not None:
        cut = cut_of(duration_s, pon_window_s=window_s, tick_s=profile.tick_s)
    wanted = (options.mqtt_port, options.influx_port, options.worker_port, options.api_port)
    ports = [*wanted, 0, 0, 0]
    for place, port in enumerate(ports):
        ports[place] = port or free_port(*ports)
    return DemoPlan(
        profile=profile,
        city=city if not options.formats else _own_city(city, state),
        folder=state.path,
        ports=Ports(*ports),
        secrets=make_secrets(state.secrets),
        base_env=environ,
        simulator_options=_simulator_options(options),
        cut=cut,
        pon_window_s=window_s,
        objects=len(loaded.ports) + len(loaded.devices),
        formats=options.formats,
    )


def _own_city(city: Path, state: StateDir) -> Path:
    """A copy, which gets a table of foreign ids."""
    own = state.path / "city"
    shutil.copytree(city, own, dirs_exist_ok=True)
    (own / CHECKSUMS).unlink(missing_ok=True)
    return own


def _simulator_options(options: DemoOptions) -> tuple[str, ...]:
    seed = ("--seed", str(options.seed))
    if options.scenario is None:
        return seed
    if not options.scenario.is_file():
        raise ConfigError(f"--scenario {options.scenario}: no such file")
    return (*seed, "--scenario", str(options.scenario.resolve()))


def _duration_s(options: DemoOptions, profile: DemoProfile) -> float | None:
    return profile.check_s if options.check and options.duration is None else options.duration


def _run(
    plan: DemoPlan, options: DemoOptions, clock: Clock, console: Console, state: StateDir
) -> int:
    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    outage = options.influx_outage
    interval = parse_interval("--influx-outage", outage) if outage else None
    grafana = find_grafana(plan.base_env.get("PATH", "")) if options.grafana else None
    try:
        with System(plan, logs=state.logs, say=say, grafana=grafana) as system:
            try:
                system.start()
                # The truth knows nothing of readings that somebody adds while it is checked.
                device = None if options.check else system.hands_on
                links = links_of(plan, device, has_grafana=grafana is not None)
                run = DemoRun(
                    system,
                    clock,
                    board=Scoreboard(console, links),
                    say=say,
                    duration_s=_duration_s(options, plan.profile),
                    check=options.check,
                    outage=interval,
                )
                findings = run.run()
            finally:
                _ignore_signals()
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED if options.check else 0
    show_findings(console, findings, run.faults)
    return 0 if all(finding.held for finding in findings) else FAILED


def _ignore_signals() -> None:
    """A second Ctrl-C must not stop the stopping."""
    for number in _ENDS:
        signal.signal(number, signal.SIG_IGN)


def show_findings(console: Console, findings: list[Finding], faults: list[str]) -> None:
    """Print the verdict, and examples of figures that were wrong."""
    if not findings:
        return
    table = Table(title="Verdict")
    table.add_column("passed")
    table.add_column("check")
    table.add_column("result", overflow="fold")
    for finding in findings:
        mark = Text("yes", style="green") if finding.held else Text("NO", style="bold red")
        table.add_row(mark, finding.name, finding.detail)
    console.print(table)
    for fault in faults:
        console.print(f"  {fault}", markup=False, soft_wrap=True)
