"""``gigacity demo``: reads the options, makes the folder, turns signals and failures into words."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from gigacity_contract.clock import SystemClock

app = typer.Typer()


@app.command(
    epilog="Examples: gigacity demo  |  gigacity demo --duration 120 --check"
    "  |  gigacity demo --duration 90 --check --influx-outage 30:20"
)
def demo(
    *,
    profile: Annotated[
        str, typer.Option(help="demo: a small city with a fast clock; city: all of it, real pace.")
    ] = "demo",
    duration: Annotated[
        float | None,
        typer.Option(help="Seconds; default: until Ctrl-C, with --check 120 (city: 900)."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(help="Compare every figure with the truth; exit 0 only if all are true."),
    ] = False,
    min_instants: Annotated[
        int, typer.Option(help="With --check: instants that must have been compared.")
    ] = 3,
    influx_outage: Annotated[
        str, typer.Option(help="AT:FOR: stop InfluxDB after AT seconds, for FOR seconds.")
    ] = "",
    report: Annotated[
        Path | None,
        typer.Option(
            help="JSON file for findings, latency, CPU seconds, memory, rates; counts what is"
            " stored at the end, with or without --check."
        ),
    ] = None,
    city: Annotated[
        Path | None, typer.Option(envvar="GIGACITY_CITY", help="Another city folder.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the simulated city.")] = 1,
    clients: Annotated[
        str, typer.Option(help="olt: a connection for each OLT; pooled: through gateways.")
    ] = "olt",
    cadence: Annotated[str, typer.Option(help="Multiplier of the city's pace, or storm.")] = "1",
    state_dir: Annotated[
        Path | None, typer.Option(help="Folder to keep; without it a temporary one.")
    ] = None,
    keep: Annotated[bool, typer.Option(help="Keep the temporary folder.")] = False,
    grafana: Annotated[bool, typer.Option(help="Start Grafana too, where it is on PATH.")] = True,
    mqtt_port: Annotated[int, typer.Option(help="0: a free one.")] = 0,
    influx_port: Annotated[int, typer.Option(help="0: a free one.")] = 0,
    worker_port: Annotated[int, typer.Option(help="0: a free one.")] = 0,
    api_port: Annotated[int, typer.Option(help="0: a free one.")] = 0,
) -> None:
    """Run all of Gigacity here: broker, database, worker, API and a simulated city.

    Everything listens on loopback, with generated credentials, as child processes: Ctrl-C ends them
    all and removes their data.
    """
    from gigacity_deploy.demo.profile import (  # noqa: PLC0415 - keeps --help quick
        parse_interval,
        profile_named,
    )
    from gigacity_deploy.demo.run import Options  # noqa: PLC0415 - as above
    from gigacity_deploy.demo.session import Request, run_demo  # noqa: PLC0415 - as above

    wanted = profile_named(profile)
    request = Request(
        profile=wanted,
        city=city,
        seed=seed,
        clients=clients,
        cadence=cadence,
        state_dir=state_dir,
        keep=keep,
        with_grafana=grafana,
        wanted_ports=(mqtt_port, influx_port, worker_port, api_port),
        options=Options(
            duration_s=wanted.check_s if check and duration is None else duration,
            check=check,
            min_instants=min_instants,
            outage=parse_interval("--influx-outage", influx_outage) if influx_outage else None,
            report=report,
        ),
    )
    # SIGINT, too: a shell starts what it puts into the background with it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    sys.exit(run_demo(request, SystemClock(), dict(os.environ)))
