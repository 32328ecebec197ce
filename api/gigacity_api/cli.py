"""The command ``gigacity api``. Heavy imports wait until it runs."""

import signal
import sys

import typer

from gigacity_api.settings import ApiSettings
from gigacity_contract.process.options import options_of

REQUIRES = ("fastapi", "fastapi_offline", "httpx", "jinja2", "numpy", "openpyxl", "uvicorn")
"""Modules of the extra ``api``: without them the command is not offered."""

GRACE_S = 3
"""Given to requests under way when the process is asked to end."""

SWITCH_INTERVAL_S = 0.001
"""For which a thread that computes may keep the others waiting: Python's own 5 ms, some of them
for one answer, are felt by whoever only asks for a word."""

app = typer.Typer()

EPILOG = (
    "Example: GIGACITY_INFLUX_PASSWORD_FILE=secret gigacity api --influx-url http://127.0.0.1:8086"
    " --influx-username gigacity-api --city deploy/city/binzhou-demo --api-keys-file keys.jsonl"
)


@app.command("api", epilog=EPILOG)
@options_of(ApiSettings)
def api(given: ApiSettings) -> None:
    """Serve indicators and their evidence over HTTP."""
    from gigacity_contract.process.logs import configure_logs  # noqa: PLC0415 - keeps --help fast

    configure_logs(given.log_level)
    _serve(given)


def _serve(settings: ApiSettings) -> None:
    from gigacity_api.http.serving.server import server  # noqa: PLC0415 - keeps --help fast
    from gigacity_api.service import service  # noqa: PLC0415 - keeps --help fast

    # uvicorn ends in order on SIGTERM and raises it once more afterwards; an orderly end exits 0.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    host, port = settings.listen_address
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with service(settings) as application:
        server(
            application,
            settings.connection_limits,
            host=host,
            port=port,
            # Subscribers of the stream never hang up by themselves.
            timeout_graceful_shutdown=GRACE_S,
        ).run()
