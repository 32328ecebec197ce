"""``gigacity servers``: a broker and a database for a while, configured as everywhere else.

For whoever measures or tries something and must not touch what runs: free ports of loopback, a
folder of its own, an end with the caller.
"""

import json
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gigacity_deploy.servers import BrokerProcess, InfluxProcess

app = typer.Typer()
PASSWORD_BYTES = 24


@app.command(
    epilog="Example: gigacity servers --folder /tmp/try --user gigacity-worker --user 371602"
)
def servers(
    *,
    folder: Annotated[Path, typer.Option(help="Folder for configuration, data and logs.")],
    user: Annotated[
        list[str] | None,
        typer.Option(
            help="MQTT user to create: gigacity-worker, or the start of the topics it may"
            " publish to, such as 371602; may be repeated."
        ),
    ] = None,
    influx: Annotated[bool, typer.Option(help="Start InfluxDB as well.")] = True,
) -> None:
    """Start Mosquitto and InfluxDB 1.x on free ports; stop them when standard input ends.

    Prints one line of JSON as soon as both answer: URLs (the worker has a listener of its own),
    process ids, and a new password for each user of the broker. InfluxDB has no administrator yet:
    create one first.
    """
    import secrets  # noqa: PLC0415 - these keep --help quick.

    from gigacity_deploy.servers import BrokerProcess, InfluxProcess  # noqa: PLC0415
    from gigacity_deploy.sockets import free_port  # noqa: PLC0415

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    folder.mkdir(parents=True, exist_ok=True)
    passwords = {name: secrets.token_urlsafe(PASSWORD_BYTES) for name in user or ()}
    broker = BrokerProcess(
        folder / "broker", passwords.items(), port=free_port(), log=folder / "mosquitto.log"
    )
    database = None
    try:
        broker.start()
        if influx:
            database = InfluxProcess(folder / "influx", port=free_port(), log=folder / "influx.log")
            database.start()
        sys.stdout.write(json.dumps(_told(broker, database, passwords)) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        broker.child.stop(5.0)
        if database is not None:
            database.stop()


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leave through ``finally``."""
    raise SystemExit(0)


def _told(
    broker: "BrokerProcess", database: "InfluxProcess | None", passwords: dict[str, str]
) -> dict[str, object]:
    """What the caller needs."""
    told: dict[str, object] = {
        "mqtt": {
            "url": broker.url,
            "worker_url": broker.worker_url,
            "pid": broker.child.pid,
            "passwords": passwords,
        }
    }
    if database is not None:
        told["influx"] = {"url": database.url, "pid": database.child.pid}
    return told
