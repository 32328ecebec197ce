"""The commands ``gigacity notify ...``. Heavy imports wait until they run."""

import json
import signal
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gigacity_contract.errors import ConfigError
from gigacity_contract.local_time import ZONE
from gigacity_contract.process.options import options_of
from gigacity_notify.settings import NotifyBroker, NotifyFiles, NotifySettings

if TYPE_CHECKING:
    from gigacity_notify.queue import NoticeQueue

REQUIRES = ("httpx", "paho", "structlog")
"""Modules of the extra ``notify``: without them the commands are not offered."""

QUEUE_FILE = "notices.sqlite3"

app = typer.Typer()
notify = typer.Typer(
    no_args_is_help=True,
    help="Tell people of alarms: robots, mail, webhooks.",
    epilog="Example: gigacity notify test --notify-config channels.yaml --state-dir state",
)
app.add_typer(notify, name="notify")


@notify.command(
    epilog="Example: GIGACITY_API_KEY_FILE=key gigacity notify run --notify-config channels.yaml"
    " --state-dir state --api-url http://127.0.0.1:8080"
)
@options_of(NotifySettings)
def run(given: NotifySettings) -> None:
    """Follow the alarms and tell whom the configuration names, until stopped."""
    from gigacity_contract.process.logs import configure_logs  # noqa: PLC0415 - keeps --help fast
    from gigacity_notify.service import service  # noqa: PLC0415 - keeps --help fast

    configure_logs(given.log_level)
    with service(given, given.state_dir / QUEUE_FILE) as rounds:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: rounds.stop())
        rounds.run()


@notify.command(
    "test", epilog="Example: gigacity notify test --notify-config channels.yaml --channel duty"
)
@options_of(NotifyBroker)
def try_out(
    *,
    channel: Annotated[str, typer.Option(help="Its name; default: every channel.")] = "",
    given: NotifyBroker,
) -> None:
    """Send a test message over the channels, and say what came of it. Exits 1 if one failed."""
    from gigacity_notify.service import trial_link  # noqa: PLC0415 - keeps --help fast
    from gigacity_notify.trial import try_channels  # noqa: PLC0415 - keeps --help fast

    results = try_channels(given.notify_config, channel, lambda: trial_link(given))
    for name, judgement in results.items():
        sys.stdout.write(
            f"{name}: {judgement.verdict}{': ' * bool(judgement.why)}{judgement.why}\n"
        )
    if any(judgement.verdict != "delivered" for judgement in results.values()):
        raise typer.Exit(1)


def _open_queue(given: NotifyFiles) -> "NoticeQueue":
    from gigacity_notify.queue import NoticeQueue  # noqa: PLC0415 - keeps --help fast

    path = given.state_dir / QUEUE_FILE
    if not path.is_file():
        raise ConfigError(f"{path} does not exist: has gigacity notify run been started there?")
    return NoticeQueue(path)


@notify.command("queue", epilog="Example: gigacity notify queue --state-dir state --json")
@options_of(NotifyFiles)
def show_queue(
    *,
    retry: Annotated[bool, typer.Option("--retry", help="Try what was given up again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    given: NotifyFiles,
) -> None:
    """Show what waits and what could not be delivered. Exits 1 if anything was given up."""
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help fast

    queue = _open_queue(given)
    try:
        revived = queue.revive(SystemClock().now_ms()) if retry else 0
        counts, dead = queue.counts(), queue.dead()
    finally:
        queue.close()
    rows = [
        {
            "channel": message.channel,
            "made": datetime.fromtimestamp(message.made_ms / 1000, ZONE).isoformat(),
            "attempts": message.attempts,
            "error": message.error,
            "title": message.notices[0].title.en,
        }
        for message in dead
    ]
    if as_json:
        sys.stdout.write(json.dumps({"counts": counts, "revived": revived, "dead": rows}) + "\n")
    else:
        sys.stdout.writelines(f"{name:18}{count:>10}\n" for name, count in counts.items())
        sys.stdout.writelines(
            f"{row['made']}  {row['channel']}  {row['title']}: {row['error']}\n" for row in rows
        )
    if dead:
        raise typer.Exit(1)


@notify.command(epilog="Example: gigacity notify health --notify-config c.yaml --state-dir state")
@options_of(NotifyFiles)
def health(given: NotifyFiles) -> None:
    """Say whether the process works and has its broker and its API. Exits 1 if not."""
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help fast
    from gigacity_notify.health import health_of  # noqa: PLC0415 - keeps --help fast

    queue = _open_queue(given)
    try:
        found = health_of(queue, SystemClock().now_ms())
    finally:
        queue.close()
    sys.stdout.writelines(f"{line}\n" for line in found.lines)
    if not found.is_well:
        raise typer.Exit(1)


@notify.command(epilog="Example: gigacity notify check --notify-config channels.yaml")
@options_of(NotifyFiles)
def check(given: NotifyFiles) -> None:
    """Read the configuration and say what is wrong with it."""
    from gigacity_notify.configuration import read_file  # noqa: PLC0415 - keeps --help fast

    found = read_file(given.notify_config)
    sys.stdout.write(f"{len(found.channels)} channels, {len(found.routes)} routes\n")
