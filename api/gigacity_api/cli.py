"""The command ``gigacity api``. Heavy imports wait until it runs."""

import os
import signal
from typing import TYPE_CHECKING

import typer

from gigacity_api import options

if TYPE_CHECKING:
    from gigacity_api.settings import ApiSettings

REQUIRES = ("fastapi", "fastapi_offline", "httpx", "numpy", "openpyxl", "uvicorn")
"""Modules of the extra ``api``: without them the command is not offered."""

GRACE_S = 3
"""Given to requests under way when the process is asked to end."""

app = typer.Typer()

EPILOG = (
    "Example: GIGACITY_INFLUX_PASSWORD_FILE=secret gigacity api --influx-url http://127.0.0.1:8086"
    " --influx-username gigacity-api --city deploy/city/binzhou-demo --api-keys-file keys.jsonl"
)


@app.command("api", epilog=EPILOG)
def api(
    *,
    influx_url: options.InfluxUrl,
    city: options.CityFolder,
    api_keys_file: options.ApiKeysFile,
    state_dir: options.StateDir,
    influx_bucket: options.InfluxBucket = "gigacity",
    influx_username: options.InfluxUsername = "",
    influx_org: options.InfluxOrg = "",
    http_listen: options.HttpListen = "127.0.0.1:8080",
    evaluate_tick_s: options.TickS = 60.0,
    evaluate_allowed_lateness_s: options.AllowedLatenessS = 30.0,
    log_level: options.LogLevel = "info",
    evaluate: options.Evaluate = True,
    rollup: options.Rollup = None,
) -> None:
    """Serve indicators and their evidence over HTTP."""
    from gigacity_api.settings import (  # noqa: PLC0415 - keeps --help fast
        ApiSettings,
        EvaluationSettings,
        influx_settings,
    )
    from gigacity_contract.process.logs import configure_logs  # noqa: PLC0415 - keeps --help fast
    from gigacity_contract.process.settings import parse_listen  # noqa: PLC0415 - keeps --help fast

    del influx_org  # Accepted so that one set of variables fits every process.
    host, port = parse_listen("GIGACITY_HTTP_LISTEN", http_listen)
    settings = ApiSettings(
        influx=influx_settings(influx_url, influx_bucket, influx_username, os.environ),
        evaluation=EvaluationSettings(evaluate_tick_s, evaluate_allowed_lateness_s),
        city_folder=city,
        state_dir=state_dir,
        keys_file=api_keys_file,
        evaluates=evaluate,
        rolls_up=evaluate if rollup is None else rollup,
    )
    configure_logs(log_level)
    _serve(settings, host, port)


def _serve(settings: "ApiSettings", host: str, port: int) -> None:
    import uvicorn  # noqa: PLC0415 - keeps --help fast

    from gigacity_api.service import service  # noqa: PLC0415 - keeps --help fast

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
