"""``gigacity doctor``: can this worker's surroundings be reached, and has every area one owner?

Asks the ingest package's own command as a process, so that the worker's settings, credentials and
TLS are tried exactly as the worker would.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer()
_TIMEOUT_S = 120
_ACCEPT_ALL = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(
    context_settings=_ACCEPT_ALL,
    epilog="Example: gigacity doctor --mqtt-url mqtt://127.0.0.1:1883 --json",
)
def doctor(
    context: typer.Context,
    *,
    broker_log: Annotated[
        Path | None,
        typer.Option(
            help="Log of Mosquitto; `-`: standard input. Names the publishers that it turned away."
        ),
    ] = None,
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Try broker, database and city file as the worker would, and prove one owner for every area.

    Takes the settings of `gigacity ingest`, as variables or as flags, and changes nothing. Owners
    are read from the rows that all workers write, on whatever machine: give it credentials that
    may read the database, such as the API's. Exits with 0 only if all is well, with 2 for a wrong
    call.
    """
    found = _ask(context.args)
    if broker_log is not None:
        found["checks"]["turned_away"] = part = _turned_away(broker_log)
        found["ok"] = found["ok"] and part["ok"]
    if as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    else:
        for name, part in found["checks"].items():
            mark = "ok  " if part["ok"] else "FAIL"
            sys.stdout.write(f"{mark} {name}: {part['detail']}\n")
    raise typer.Exit(0 if found["ok"] else 1)


def _turned_away(file: Path) -> dict[str, Any]:
    """Whom the broker's log names; a log that names nobody's messages is not taken for well."""
    from gigacity_deploy.broker_log import turned_away  # noqa: PLC0415 - keeps --help quick

    try:
        if str(file) == "-":
            found = turned_away(sys.stdin)
        else:
            with file.open(encoding="utf-8", errors="replace") as lines:
                found = turned_away(lines)
    except OSError as error:
        return {"ok": False, "detail": f"--broker-log {file}: {error.strerror}"}
    return {"ok": found.tells and not found.counts, "detail": found.detail()}


def _ask(settings: list[str]) -> dict[str, Any]:
    """What ``gigacity ingest check`` finds.

    Its own words about a wrong call are passed on, with its exit code.
    """
    command = [sys.executable, "-m", "gigacity_deploy", "ingest", *settings, "check", "--json"]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        detail = f"the checks did not end within {_TIMEOUT_S} s"
        return {"ok": False, "checks": {"worker": {"ok": False, "detail": detail}}}
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        sys.stderr.write(done.stderr)
        raise typer.Exit(done.returncode or 1) from None
    return found
