"""``gigacity broker-log``: who is turned away at the broker, as rows that a board shows."""

import http.client
import os
import ssl
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated

import typer

from gigacity_contract.clock import Clock, SystemClock
from gigacity_contract.errors import GigacityError
from gigacity_contract.process.options import options_of
from gigacity_contract.process.shared import DatabaseSettings
from gigacity_deploy.broker_log import TurnedAway

app = typer.Typer()
EVERY_S = 30.0
_LOOK_S = 0.5
_TIMEOUT_S = 10.0


class RowsNotStoredError(GigacityError):
    """The database did not take the rows; the next ones hold the same totals."""


@app.command(
    "broker-log",
    epilog="Example: docker compose logs -f mosquitto | gigacity broker-log - --influx-url"
    " http://127.0.0.1:8086",
)
@options_of(DatabaseSettings)
def broker_log(
    *,
    log: Annotated[Path, typer.Argument(help="Log of Mosquitto; `-`: standard input.")],
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on as the file grows, also after it was rotated.")
    ] = False,
    given: DatabaseSettings,
) -> None:
    """Count whom Mosquitto turned away, and write the totals for the boards every 30 s.

    Mosquitto names the messages that it dropped at the level `debug` alone. Takes the worker's
    credentials for the database.
    """
    found, clock = TurnedAway(), SystemClock()
    due_s = clock.monotonic_s() + EVERY_S
    for line in _lines(log, follow=follow):
        if line is not None:
            found.add(line)
        if clock.monotonic_s() >= due_s:
            due_s = clock.monotonic_s() + EVERY_S
            _store_or_say(found, given, clock)
    _store_or_say(found, given, clock)


def _lines(log: Path, *, follow: bool) -> Iterator[str | None]:
    """Lines; None where there is none for now."""
    if str(log) == "-":
        yield from sys.stdin
        return
    file = log.open(encoding="utf-8", errors="replace")
    try:
        while True:
            line = file.readline()
            if line:
                yield line
                continue
            if not follow:
                return
            if _is_rotated(log, file):
                file.close()
                file = log.open(encoding="utf-8", errors="replace")
                continue
            yield None
            time.sleep(_LOOK_S)
    finally:
        file.close()


def _is_rotated(log: Path, file: IO[str]) -> bool:
    try:
        now = log.stat()
    except OSError:
        return False
    return now.st_ino != os.fstat(file.fileno()).st_ino or now.st_size < file.tell()


def _store_or_say(found: TurnedAway, given: DatabaseSettings, clock: Clock) -> None:
    if not found.counts:
        return
    try:
        store(found, given, clock.now_ms())
    except RowsNotStoredError as error:
        sys.stderr.write(f"gigacity broker-log: {error}; trying again in {EVERY_S:.0f} s\n")


def store(found: TurnedAway, given: DatabaseSettings, at_ms: int) -> None:
    """Write the totals.

    Raises:
        RowsNotStoredError: the database is away, or refuses.
    """
    from gigacity_contract.influx import Written, judge_write, write_path  # noqa: PLC0415
    from gigacity_contract.measurements import TURNED_AWAY  # noqa: PLC0415 - keeps --help quick
    from gigacity_deploy.broker_log_rows import rows  # noqa: PLC0415

    endpoint = given.endpoint
    address = endpoint.address
    path = write_path(endpoint.bucket, TURNED_AWAY.policy.name, TURNED_AWAY.precision)
    headers = {"Authorization": endpoint.authorization()} if endpoint.has_credentials else {}
    connection: http.client.HTTPConnection
    if address.scheme == "https":
        context = ssl.create_default_context(cafile=endpoint.ca_file or None)
        connection = http.client.HTTPSConnection(
            address.host, address.port, timeout=_TIMEOUT_S, context=context
        )
    else:
        connection = http.client.HTTPConnection(address.host, address.port, timeout=_TIMEOUT_S)
    try:
        connection.request("POST", address.path + path, b"\n".join(rows(found, at_ms)), headers)
        answer = connection.getresponse()
        outcome = judge_write(answer.status, dict(answer.getheaders()), answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise RowsNotStoredError(f"the database cannot be reached: {error}") from error
    finally:
        connection.close()
    if not isinstance(outcome, Written):
        raise RowsNotStoredError(f"the database does not take the rows: {outcome}")
