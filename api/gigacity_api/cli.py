"""The commands ``gigacity api`` and ``gigacity bench api``. Heavy imports wait until one runs."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from gigacity_api.bench import command as bench

REQUIRES = ("fastapi", "fastapi_offline", "httpx", "numpy", "openpyxl", "uvicorn")
"""Modules of the extra ``api``: without them the command is not offered."""

GRACE_S = 3
"""Given to requests under way when the process is asked to end."""

app = typer.Typer()
app.add_typer(bench.app, name="bench")

EPILOG = (
    "Example: GIGACITY_INFLUX_PASSWORD_FILE=secret gigacity api --influx-url http://127.0.0.1:8086"
    " --influx-username gigacity-api --city deploy/city/binzhou-demo --api-keys-file keys.jsonl"
)


@app.command("api", epilog=EPILOG)
def api(
    *,
    influx_url: Annotated[
        str, typer.Option(envvar="GIGACITY_INFLUX_URL", help="http://host:port of InfluxDB")
    ],
    city: Annotated[Path, typer.Option(envvar="GIGACITY_CITY", help="folder of the city file")],
    api_keys_file: Annotated[
        Path,
        typer.Option(
            envvar="GIGACITY_API_KEYS_FILE",
            help="keys as JSON lines {name, sha256, scopes}; reloaded when it changes",
        ),
    ],
    state_dir: Annotated[
        Path,
        typer.Option(envvar="GIGACITY_STATE_DIR", help="keeps every city version in force"),
    ],
    influx_bucket: Annotated[
        str, typer.Option(envvar="GIGACITY_INFLUX_BUCKET", help="bucket; on 1.x the database")
    ] = "gigacity",
    influx_username: Annotated[
        str,
        typer.Option(
            envvar="GIGACITY_INFLUX_USERNAME",
            help="on 1.x; its secret is GIGACITY_INFLUX_PASSWORD(_FILE). On 2.x set"
            " GIGACITY_INFLUX_TOKEN(_FILE) instead",
        ),
    ] = "",
    influx_org: Annotated[
        str,
        typer.Option(
            envvar="GIGACITY_INFLUX_ORG", help="on 2.x; not needed here, the token implies it"
        ),
    ] = "",
    http_listen: Annotated[
        str, typer.Option(envvar="GIGACITY_HTTP_LISTEN", help="host:port")
    ] = "127.0.0.1:8080",
    evaluate_grid_s: Annotated[
        float,
        typer.Option(envvar="GIGACITY_EVALUATE_GRID_S", help="seconds between two evaluations"),
    ] = 60.0,
    evaluate_settle_s: Annotated[
        float,
        typer.Option(
            envvar="GIGACITY_EVALUATE_SETTLE_S",
            help="seconds given to reports to arrive before their instant is evaluated",
        ),
    ] = 30.0,
    log_level: Annotated[
        str, typer.Option(envvar="GIGACITY_LOG_LEVEL", help="debug, info or warning")
    ] = "info",
    evaluate: Annotated[
        bool,
        typer.Option(
            envvar="GIGACITY_EVALUATE",
            help="evaluate and publish; exactly one process may. Others serve what it published",
        ),
    ] = True,
    rollup: Annotated[
        bool | None,
        typer.Option(
            envvar="GIGACITY_ROLLUP",
            help="roll up raw telemetry to 5 minutes and days, at low priority; exactly one process"
            " may. Default: as --evaluate",
        ),
    ] = None,
) -> None:
    """Serve indicators and their evidence over HTTP."""
    import uvicorn  # noqa: PLC0415 - keeps --help fast

    from gigacity_api.logs import configure_logs  # noqa: PLC0415 - keeps --help fast
    from gigacity_api.service import service  # noqa: PLC0415 - keeps --help fast
    from gigacity_api.settings import (  # noqa: PLC0415 - keeps --help fast
        ApiSettings,
        EvaluationSettings,
        influx_settings,
    )
    from gigacity_contract.settings import parse_listen  # noqa: PLC0415 - keeps --help fast

    del influx_org  # Accepted so that one set of variables fits every process.
    host, port = parse_listen("GIGACITY_HTTP_LISTEN", http_listen)
    settings = ApiSettings(
        influx=influx_settings(influx_url, influx_bucket, influx_username, os.environ),
        evaluation=EvaluationSettings(evaluate_grid_s, evaluate_settle_s),
        city_folder=city,
        state_dir=state_dir,
        keys_file=api_keys_file,
        evaluates=evaluate,
        rolls_up=evaluate if rollup is None else rollup,
    )
    configure_logs(log_level)
    # uvicorn ends in order on SIGTERM and raises it once more afterwards; an orderly end exits 0.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    with service(settings) as application:
        uvicorn.run(
            application,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            # Subscribers of the stream never hang up by themselves.
            timeout_graceful_shutdown=GRACE_S,
        )
