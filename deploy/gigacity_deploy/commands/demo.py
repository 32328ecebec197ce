"""``gigacity demo``: reads the options, makes the folder, turns signals and failures into words."""

import os
import signal
import sys

import typer

from gigacity_contract.clock import SystemClock
from gigacity_contract.process.options import options_of
from gigacity_deploy.commands.demo_options import DemoOptions

app = typer.Typer()


@app.command(
    epilog="Examples: gigacity demo  |  gigacity demo --duration 120 --check"
    "  |  gigacity demo --duration 90 --check --influx-outage 30:20"
)
@options_of(DemoOptions)
def demo(given: DemoOptions) -> None:
    """Run all of Gigacity here: broker, database, worker, API and a simulated city.

    Everything listens on loopback, with generated credentials, as child processes: Ctrl-C ends them
    all and removes their data.
    """
    from gigacity_deploy.demo.profile import (  # noqa: PLC0415 - keeps --help quick
        parse_interval,
        profile_named,
    )
    from gigacity_deploy.demo.run import RunOptions  # noqa: PLC0415 - as above
    from gigacity_deploy.demo.session import DemoRequest, run_demo  # noqa: PLC0415 - as above

    wanted = profile_named(given.profile)
    outage = given.influx_outage
    is_default = given.check and given.duration is None
    request = DemoRequest(
        profile=wanted,
        city=given.city,
        seed=given.seed,
        clients=given.clients,
        cadence=given.cadence,
        state_dir=given.state_dir,
        keep=given.keep,
        with_grafana=given.grafana,
        wanted_ports=(given.mqtt_port, given.influx_port, given.worker_port, given.api_port),
        options=RunOptions(
            duration_s=wanted.check_s if is_default else given.duration,
            check=given.check,
            min_instants=given.min_instants,
            outage=parse_interval("--influx-outage", outage) if outage else None,
            report=given.report,
        ),
    )
    # SIGINT, too: a shell starts what it puts into the background with it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    sys.exit(run_demo(request, SystemClock(), dict(os.environ)))
