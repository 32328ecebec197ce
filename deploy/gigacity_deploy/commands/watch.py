"""``gigacity watch``: scoreboard and alarms of a running system, live on a terminal."""

import json
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

import typer
from rich.console import Console
from rich.live import Live

from gigacity_contract.access import Secret
from gigacity_contract.clock import Clock, SystemClock
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.options import flag, options_of, secret, setting
from gigacity_deploy.api_client import ApiAnswerError, ApiClient
from gigacity_deploy.watching.board import KeyAct, SystemReading, WatchBoard
from gigacity_deploy.watching.drawing import draw
from gigacity_deploy.watching.following import ReadingFollower
from gigacity_deploy.watching.keyboard import Keyboard

app = typer.Typer()

REDRAW_S = 0.5
PIPE_WIDTH = 160
"""Columns where nobody says how wide the screen is."""


@dataclass(frozen=True, kw_only=True)
class WatchSettings:
    """What ``gigacity watch`` may be told."""

    api_url: str = setting("http://127.0.0.1:8080", meaning="address of the API")
    api_key: Secret = secret(meaning="API key: `read` to look, `operate` to acknowledge")
    language: str = flag(
        "en", meaning="language of texts: en or zh", flags=("--language", "--lang")
    )
    once: bool = flag(
        False, meaning="print once and end; so it does into a pipe", flags=("--once",)
    )
    as_json: bool = flag(False, meaning="print once, as JSON for programs", flags=("--json",))

    def __post_init__(self) -> None:
        if self.language not in {"en", "zh"}:
            raise ConfigError("--language must be en or zh")


@app.command(epilog="Example: GIGACITY_API_KEY_FILE=key gigacity watch --language zh")
@options_of(WatchSettings)
def watch(given: WatchSettings) -> None:
    """Watch figures against their targets and open alarms, those that hit most homes first.

    Keys: j, k or arrows choose an alarm, a acknowledges it, f shows the grave ones only, q quits.
    Printed once it exits with 1 while an alarm is critical, and with 2 if the API does not answer.
    """
    client, clock = ApiClient(given.api_url, given.api_key, timeout_s=5.0), SystemClock()
    follower = ReadingFollower(client, clock)
    console = Console(highlight=False)
    if given.as_json or given.once or not sys.stdout.isatty():
        raise typer.Exit(_print_once(given, follower.look(), clock))
    _watch(given.language, client, follower, console)


def _print_once(given: WatchSettings, reading: SystemReading, clock: Clock) -> int:
    if reading.trouble:
        sys.stderr.write(f"gigacity watch: {reading.trouble}\n")
        return 2
    if given.as_json:
        found = {"scorecard": reading.scorecard, "alarms": reading.alarms, "total": reading.total}
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    else:
        is_terminal = sys.stdout.isatty()
        console = Console(highlight=False, width=None if is_terminal else PIPE_WIDTH)
        board = WatchBoard(reading)
        console.print(draw(board, given.language, now_s=clock.monotonic_s(), height=None))
    return int(any(alarm["perceivedSeverity"] == "critical" for alarm in reading.alarms))


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _watch(language: str, client: ApiClient, follower: ReadingFollower, console: Console) -> None:
    board, clock, keyboard = WatchBoard(), SystemClock(), Keyboard()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As an exception, so that the terminal is put back on the way out.
        signal.signal(number, _end)
    follower.start()
    try:
        with (
            suppress(KeyboardInterrupt),
            keyboard.open(),
            Live(console=console, screen=True, auto_refresh=False) as live,
        ):
            while True:
                board.take(follower.reading)
                picture = draw(
                    board, language, now_s=clock.monotonic_s(), height=console.size.height
                )
                live.update(picture, refresh=True)
                for key in keyboard.wait(REDRAW_S):
                    act = board.press(key)
                    if act.what == "quit":
                        return
                    _do(act, board, client, follower)
    finally:
        follower.stop()


def _do(act: KeyAct, board: WatchBoard, client: ApiClient, follower: ReadingFollower) -> None:
    if act.what != "acknowledge":
        return
    try:
        client.post(f"/api/v1/alarms/{act.alarm}/acknowledge", {"why": "", "user": ""})
        board.note = f"{act.alarm[:8]}: ack"
        follower.soon()
    except ApiAnswerError as error:
        board.note = str(error)
