"""``gigacity demo``: reads the options, turns signals into an orderly end."""

import os
import signal
import sys

import typer

from gigacity_contract.clock import SystemClock
from gigacity_contract.process.options import options_of
from gigacity_deploy.demo.options import DemoOptions

app = typer.Typer()


@app.command(
    epilog="Examples: gigacity demo  |  gigacity demo --duration 120 --check"
    "  |  gigacity demo --duration 120 --check --influx-outage 40:20"
)
@options_of(DemoOptions)
def demo(given: DemoOptions) -> None:
    """Run all of Gigacity here: broker, database, worker, API and a simulated city.

    Everything listens on loopback only, with generated passwords, as child processes. Ctrl-C ends
    all of them and removes their data.
    """
    from gigacity_deploy.demo.session import run_demo  # noqa: PLC0415 - keeps --help quick

    # SIGINT, too: a shell starts what it puts into the background with it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    sys.exit(run_demo(given, SystemClock(), dict(os.environ)))
