"""Options of ``gigacity simulate``: names, help and defaults."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

_CONNECTION = "Connection"
_FIELD = "Field"
_OUTPUT = "Output"


@dataclass(frozen=True, kw_only=True)
class SimulateOptions:
    """What ``gigacity simulate`` may be told; each field is a flag."""

    mqtt_url: Annotated[
        str,
        typer.Option(
            envvar="GIGACITY_MQTT_URL",
            help="mqtt://host:1883 or mqtts://host:8883.",
            rich_help_panel=_CONNECTION,
        ),
    ] = "mqtt://127.0.0.1:1883"
    mqtt_ca: Annotated[
        Path | None,
        typer.Option(
            envvar="GIGACITY_MQTT_CA",
            help="Certificates that the broker's must come from.",
            rich_help_panel=_CONNECTION,
        ),
    ] = None
    mqtt_cert: Annotated[
        Path | None,
        typer.Option(
            envvar="GIGACITY_MQTT_CERT",
            help="Client certificate, if the broker asks for one.",
            rich_help_panel=_CONNECTION,
        ),
    ] = None
    mqtt_key: Annotated[
        Path | None,
        typer.Option(envvar="GIGACITY_MQTT_KEY", help="Its key.", rich_help_panel=_CONNECTION),
    ] = None
    connect_rate: Annotated[
        float,
        typer.Option(
            envvar="GIGACITY_SIMULATE_CONNECT_RATE",
            min=1,
            help="Connections a second while the clients start.",
            rich_help_panel=_CONNECTION,
        ),
    ] = 150.0
    buffer_mb: Annotated[
        int,
        typer.Option(
            envvar="GIGACITY_SIMULATE_BUFFER_MB",
            min=1,
            help="Memory for what cut-off clients have not delivered, for all of them together.",
            rich_help_panel=_CONNECTION,
        ),
    ] = 512
    city: Annotated[
        Path,
        typer.Option(
            envvar="GIGACITY_CITY", help="Folder of the city file.", rich_help_panel=_FIELD
        ),
    ] = Path("deploy/city/binzhou-demo")
    seed: Annotated[
        int,
        typer.Option(
            envvar="GIGACITY_SIMULATE_SEED", help="Same seed, same field.", rich_help_panel=_FIELD
        ),
    ] = 1
    cadence: Annotated[
        str,
        typer.Option(
            envvar="GIGACITY_SIMULATE_CADENCE",
            help="A factor (2: twice as often as the city file expects), or storm: every port each"
            " 15 s and every device each 60 s.",
            rich_help_panel=_FIELD,
        ),
    ] = "1"
    storm: Annotated[
        bool, typer.Option("--storm", help="The same as --cadence storm.", rich_help_panel=_FIELD)
    ] = False
    clients: Annotated[
        str,
        typer.Option(
            envvar="GIGACITY_SIMULATE_CLIENTS",
            help="olt: a client for every OLT, gateway and device without a gateway; pooled: only"
            " --pool of those devices connect, the others stay silent.",
            rich_help_panel=_FIELD,
        ),
    ] = "olt"
    pool: Annotated[
        int | None,
        typer.Option(
            envvar="GIGACITY_SIMULATE_POOL",
            min=0,
            help="How many devices without a gateway may connect (all; 200 with pooled).",
            rich_help_panel=_FIELD,
        ),
    ] = None
    change_rate: Annotated[
        float,
        typer.Option(
            envvar="GIGACITY_SIMULATE_CHANGE_RATE",
            help="Share of ports and of devices to which something happens each minute.",
            rich_help_panel=_FIELD,
        ),
    ] = 0.01
    grid_s: Annotated[
        float,
        typer.Option(
            envvar="GIGACITY_EVALUATE_GRID_S",
            help="Grid of the evaluator: changes happen halfway between its instants.",
            rich_help_panel=_FIELD,
        ),
    ] = 60.0
    cut_olt_at: Annotated[
        float | None,
        typer.Option(
            envvar="GIGACITY_SIMULATE_CUT_OLT_AT",
            help="Cut an OLT off, this many seconds after the start.",
            rich_help_panel=_FIELD,
        ),
    ] = None
    cut_gateway_at: Annotated[
        float | None,
        typer.Option(
            envvar="GIGACITY_SIMULATE_CUT_GATEWAY_AT",
            help="The same for a gateway.",
            rich_help_panel=_FIELD,
        ),
    ] = None
    cut_for: Annotated[
        float,
        typer.Option(
            envvar="GIGACITY_SIMULATE_CUT_FOR",
            help="How long a cut lasts, seconds; what was kept meanwhile is uploaded then.",
            rich_help_panel=_FIELD,
        ),
    ] = 60.0
    cut_count: Annotated[
        int,
        typer.Option(
            envvar="GIGACITY_SIMULATE_CUT_COUNT",
            min=1,
            help="How many are cut off at once.",
            rich_help_panel=_FIELD,
        ),
    ] = 1
    duration: Annotated[
        float | None,
        typer.Option(
            envvar="GIGACITY_SIMULATE_DURATION",
            min=0,
            help="End after this many seconds (default: at SIGTERM or Ctrl-C).",
            rich_help_panel=_OUTPUT,
        ),
    ] = None
    truth: Annotated[
        Path | None,
        typer.Option(
            envvar="GIGACITY_SIMULATE_TRUTH",
            help="Append the ground truth of every grid instant to this file, as JSON lines.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None
    stats: Annotated[
        Path | None,
        typer.Option(
            envvar="GIGACITY_SIMULATE_STATS",
            help="Keep counts in this JSON file, replaced each second.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None
