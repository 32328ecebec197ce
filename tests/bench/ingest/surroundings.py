"""Broker and database of a bench: its own, started for the while on free ports of loopback."""

import http.client
import secrets
import sys
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gigacity_contract.access import Secret
from gigacity_contract.influx import InfluxEndpoint
from gigacity_contract.process.settings import parse_url
from gigacity_deploy.processes import Child
from gigacity_deploy.servers import BrokerProcess, InfluxProcess, http_status
from gigacity_deploy.sockets import LOOPBACK, free_port
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.provisioning.influx1 import create_first_admin, runner
from tests.bench.ingest.cpus import running_on
from tests.bench.ingest.database import InfluxTarget, NullTarget, Target
from tests.bench.ingest.wire import Login

SinkName = Literal["null", "influx"]
WORKER_USER = "gigacity-worker"
ADMIN = "admin"
MAX_INFLIGHT_MESSAGES = 20_000
"""Clients of MQTT 3.1.1 cannot state a bound of their own; a batch of 5,000 messages must fit."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What consumers read from and write to."""

    logins: Mapping[str, Login]
    """Of the worker's user, and of one publisher an area."""
    target: Target

    @property
    def reader(self) -> Login:
        """Of every consumer."""
        return self.logins[WORKER_USER]


def surround(
    sink: SinkName, areas: tuple[str, ...], folder: Path, stack: ExitStack,
    database_cpus: frozenset[int] = frozenset(),
) -> Surroundings:  # fmt: skip
    """Start everything; the stack ends it.

    Args:
        sink: what consumers write to.
        areas: each gets a publisher.
        folder: of files and logs.
        stack: of the whole bench.
        database_cpus: of the database; empty: those of everything else.

    Raises:
        GigacityError: a server is not installed or did not start.
    """
    start = _null_sink if sink == "null" else _influx
    # A database counts its CPUs once, at its start, and runs so many threads: be there before.
    with running_on(database_cpus):
        target = start(folder, stack)
    return Surroundings(_broker(areas, folder, stack), target)


def _null_sink(folder: Path, stack: ExitStack) -> NullTarget:
    port = free_port()
    argv = [sys.executable, "-m", "tests.bench.ingest.null_sink", str(port)]
    child = Child("null sink", argv, log=folder / "null_sink.log")
    stack.callback(child.stop)
    child.start()
    child.wait_ready(lambda: http_status(port, "/ping") == http.client.NO_CONTENT, deadline_s=30.0)
    return NullTarget(port)


def _influx(folder: Path, stack: ExitStack) -> InfluxTarget:
    database = InfluxProcess(folder / "influx", port=free_port(), log=folder / "influx.log")
    stack.callback(database.stop)
    database.start()
    address, password = parse_url("influx", database.url, ("http",)), Secret(secrets.token_hex())
    with closing(InfluxWriter(InfluxEndpoint(address, "", "", Secret("")))) as anonymous:
        create_first_admin(runner(anonymous), ADMIN, password)
    return InfluxTarget(address, ADMIN, password)


def _broker(areas: tuple[str, ...], folder: Path, stack: ExitStack) -> dict[str, Login]:
    passwords = {name: secrets.token_urlsafe(24) for name in (WORKER_USER, *areas)}
    broker = BrokerProcess(
        folder / "broker", passwords.items(), port=free_port(), log=folder / "mosquitto.log",
        max_inflight_messages=MAX_INFLIGHT_MESSAGES,
    )  # fmt: skip
    stack.callback(broker.child.stop, 5.0)
    broker.start()
    ports = dict.fromkeys(areas, broker.port) | {WORKER_USER: broker.worker_port}
    return {name: Login(LOOPBACK, ports[name], name, word) for name, word in passwords.items()}
