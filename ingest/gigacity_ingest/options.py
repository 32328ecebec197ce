"""Options that several commands share; each is an environment variable and a flag of its name."""

from pathlib import Path
from typing import Annotated

import typer

InfluxURL = Annotated[
    str, typer.Option("--influx-url", envvar="GIGACITY_INFLUX_URL", help="http://host:8086")
]
InfluxBucket = Annotated[
    str,
    typer.Option("--influx-bucket", envvar="GIGACITY_INFLUX_BUCKET", help="On 1.x the database."),
]
InfluxOrg = Annotated[
    str, typer.Option("--influx-org", envvar="GIGACITY_INFLUX_ORG", help="2.x: organisation.")
]
InfluxUsername = Annotated[
    str,
    typer.Option(
        "--influx-username",
        envvar="GIGACITY_INFLUX_USERNAME",
        help="1.x: user; its password comes from GIGACITY_INFLUX_PASSWORD or _PASSWORD_FILE."
        " On 2.x set GIGACITY_INFLUX_TOKEN or _TOKEN_FILE instead.",
    ),
]
InfluxCA = Annotated[
    str, typer.Option("--influx-ca", envvar="GIGACITY_INFLUX_CA", help="CA file for https://")
]
CityFolder = Annotated[
    Path, typer.Option("--city", envvar="GIGACITY_CITY", help="Folder of the city file.")
]
StateDir = Annotated[
    Path,
    typer.Option(
        "--state-dir", envvar="GIGACITY_STATE_DIR", help="This worker's own folder; keep it."
    ),
]
LogLevel = Annotated[
    str, typer.Option("--log-level", envvar="GIGACITY_LOG_LEVEL", help="debug, info or warning")
]

DEFAULT_INFLUX_URL = "http://127.0.0.1:8086"
DEFAULT_BUCKET = "gigacity"
DEFAULT_STATE_DIR = Path("state/worker-0")
DEFAULT_CITY = Path("deploy/city/binzhou")
