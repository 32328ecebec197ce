"""Options of ``gigacity api``: each an environment variable and a flag of the same name."""

from pathlib import Path
from typing import Annotated

import typer

InfluxUrl = Annotated[
    str, typer.Option(envvar="GIGACITY_INFLUX_URL", help="http://host:port of InfluxDB")
]
InfluxBucket = Annotated[
    str, typer.Option(envvar="GIGACITY_INFLUX_BUCKET", help="bucket; on 1.x the database")
]
InfluxUsername = Annotated[
    str,
    typer.Option(
        envvar="GIGACITY_INFLUX_USERNAME",
        help="on 1.x; its secret is GIGACITY_INFLUX_PASSWORD(_FILE). On 2.x set"
        " GIGACITY_INFLUX_TOKEN(_FILE) instead",
    ),
]
InfluxOrg = Annotated[
    str,
    typer.Option(
        envvar="GIGACITY_INFLUX_ORG", help="on 2.x; not needed here, the token implies it"
    ),
]
CityFolder = Annotated[Path, typer.Option(envvar="GIGACITY_CITY", help="folder of the city file")]
ApiKeysFile = Annotated[
    Path,
    typer.Option(
        envvar="GIGACITY_API_KEYS_FILE",
        help="keys as JSON lines {name, sha256, scopes}; reloaded when it changes",
    ),
]
StateDir = Annotated[
    Path, typer.Option(envvar="GIGACITY_STATE_DIR", help="keeps every city version in force")
]
HttpListen = Annotated[str, typer.Option(envvar="GIGACITY_HTTP_LISTEN", help="host:port")]
TickS = Annotated[
    float, typer.Option(envvar="GIGACITY_EVALUATE_TICK_S", help="seconds between two evaluations")
]
AllowedLatenessS = Annotated[
    float,
    typer.Option(
        envvar="GIGACITY_EVALUATE_ALLOWED_LATENESS_S",
        help="seconds given to reports to arrive before their instant is evaluated",
    ),
]
LogLevel = Annotated[str, typer.Option(envvar="GIGACITY_LOG_LEVEL", help="debug, info or warning")]
Evaluate = Annotated[
    bool,
    typer.Option(
        envvar="GIGACITY_EVALUATE",
        help="evaluate, publish and take reports; exactly one process may. Others serve what it"
        " published",
    ),
]
Rollup = Annotated[
    bool | None,
    typer.Option(
        envvar="GIGACITY_ROLLUP",
        help="roll up raw telemetry to 5 minutes and days, at low priority; exactly one process"
        " may. Default: as --evaluate",
    ),
]
