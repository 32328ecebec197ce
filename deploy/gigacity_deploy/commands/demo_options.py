"""Options of ``gigacity demo``: names, help and defaults."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """What ``gigacity demo`` may be told; each field is a flag."""

    profile: Annotated[
        str, typer.Option(help="demo: a small city with a fast clock; city: all of it, real pace.")
    ] = "demo"
    duration: Annotated[
        float | None,
        typer.Option(help="Seconds; default: until Ctrl-C, with --check 120 (city: 900)."),
    ] = None
    check: Annotated[
        bool,
        typer.Option(help="Compare every figure with the truth; exit 0 only if all are true."),
    ] = False
    min_instants: Annotated[
        int, typer.Option(help="With --check: instants that must have been compared.")
    ] = 3
    influx_outage: Annotated[
        str, typer.Option(help="AT:FOR: stop InfluxDB after AT seconds, for FOR seconds.")
    ] = ""
    report: Annotated[
        Path | None,
        typer.Option(
            help="JSON file for findings, latency, CPU seconds, memory, rates; counts what is"
            " stored at the end, with or without --check."
        ),
    ] = None
    city: Annotated[
        Path | None, typer.Option(envvar="GIGACITY_CITY", help="Another city folder.")
    ] = None
    seed: Annotated[int, typer.Option(help="Of the simulated city.")] = 1
    clients: Annotated[
        str, typer.Option(help="olt: a connection for each OLT; pooled: through gateways.")
    ] = "olt"
    cadence: Annotated[str, typer.Option(help="Multiplier of the city's pace, or storm.")] = "1"
    state_dir: Annotated[
        Path | None, typer.Option(help="Folder to keep; without it a temporary one.")
    ] = None
    keep: Annotated[bool, typer.Option(help="Keep the temporary folder.")] = False
    grafana: Annotated[bool, typer.Option(help="Start Grafana too, where it is on PATH.")] = True
    mqtt_port: Annotated[int, typer.Option(help="0: a free one.")] = 0
    influx_port: Annotated[int, typer.Option(help="0: a free one.")] = 0
    worker_port: Annotated[int, typer.Option(help="0: a free one.")] = 0
    api_port: Annotated[int, typer.Option(help="0: a free one.")] = 0
