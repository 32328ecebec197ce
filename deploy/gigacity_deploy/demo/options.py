"""Options of ``gigacity demo``: names, help and defaults."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

_PORT_HELP = "Port of loopback; 0: a free one."


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """What ``gigacity demo`` may be told; each field is a flag."""

    profile: Annotated[
        str,
        typer.Option(
            help="demo: a small city, evaluated every 5 s; city: the whole city, every 60 s."
        ),
    ] = "demo"
    duration: Annotated[
        float | None,
        typer.Option(help="Seconds; default: until Ctrl-C, with --check 120 (city: 900)."),
    ] = None
    check: Annotated[
        bool,
        typer.Option(
            help="Compare every published figure with the ground truth; exit code 0 only if all"
            " are equal and nothing is lost."
        ),
    ] = False
    influx_outage: Annotated[
        str,
        typer.Option(
            metavar="AT:FOR",
            help="Stop InfluxDB AT seconds after the start, for FOR seconds. Example: 40:20",
        ),
    ] = ""
    city: Annotated[
        Path | None, typer.Option(envvar="GIGACITY_CITY", help="Folder of another city file.")
    ] = None
    seed: Annotated[int, typer.Option(help="Seed of the simulated city: same seed, same data.")] = 1
    state_dir: Annotated[
        Path | None,
        typer.Option(help="Folder that stays after the end; default: a temporary folder."),
    ] = None
    keep: Annotated[bool, typer.Option(help="Do not remove the temporary folder.")] = False
    grafana: Annotated[bool, typer.Option(help="Start Grafana too, if it is installed.")] = True
    mqtt_port: Annotated[int, typer.Option(help=_PORT_HELP)] = 0
    influx_port: Annotated[int, typer.Option(help=_PORT_HELP)] = 0
    worker_port: Annotated[int, typer.Option(help=_PORT_HELP)] = 0
    api_port: Annotated[int, typer.Option(help=_PORT_HELP)] = 0
