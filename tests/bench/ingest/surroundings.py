"""Broker and database of a bench: those that the caller names, or its own for the while."""

import os
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gigacity_contract.errors import ConfigError
from gigacity_contract.process.settings import Secret, parse_url, read_secret
from gigacity_deploy.servers import BrokerProcess, InfluxProcess
from gigacity_deploy.sockets import LOOPBACK, free_port
from gigacity_ingest.influx.writer import InfluxEndpoint, InfluxWriter
from gigacity_ingest.provisioning.influx1 import create_first_admin, runner
from tests.bench.ingest.affinity import running_on
from tests.bench.ingest.children import Child, python_module
from tests.bench.ingest.cpus import OPTION
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

    reader: Login
    publishers: Mapping[str, Login]
    """By area."""
    target: Target


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller asks for; an empty URL means: start one."""

    mqtt_url: str
    mqtt_username: str
    influx_url: str
    influx_username: str
    sink: SinkName
    areas: tuple[str, ...]
    folder: Path
    database_cpus: frozenset[int] = frozenset()
    """Of a database that is started; empty: those of everything else."""


def surround(
    wanted: Wanted, stack: ExitStack, environ: Mapping[str, str] = os.environ
) -> Surroundings:
    """Reach or start everything; the stack ends what was started.

    Raises:
        ConfigError: a setting is wrong, or what it names does not answer.
        ChildFailedError: a server did not start.
    """
    needs_influx = wanted.sink == "influx" and not wanted.influx_url
    wanted.folder.mkdir(parents=True, exist_ok=True)
    influx_url = _start_influx(wanted, stack) if needs_influx else wanted.influx_url
    if wanted.mqtt_url:
        login = _named_broker(wanted, environ)
        reader, publishers = login, dict.fromkeys(wanted.areas, login)
    else:
        logins = _start_broker(wanted, stack)
        reader, publishers = logins[WORKER_USER], logins
    return Surroundings(reader, publishers, _target(wanted, influx_url, stack, environ))


def _start_influx(wanted: Wanted, stack: ExitStack) -> str:
    database = InfluxProcess(
        wanted.folder / "influx", port=free_port(), log=wanted.folder / "influx.log"
    )
    stack.callback(database.stop)
    # It counts its CPUs once, at its start, and runs so many threads: be there before.
    with running_on(OPTION, wanted.database_cpus):
        database.start()
    return database.url


def _start_broker(wanted: Wanted, stack: ExitStack) -> dict[str, Login]:
    passwords = {name: secrets.token_urlsafe(24) for name in (WORKER_USER, *wanted.areas)}
    broker = BrokerProcess(
        wanted.folder / "broker",
        passwords.items(),
        port=free_port(),
        log=wanted.folder / "mosquitto.log",
        max_inflight_messages=MAX_INFLIGHT_MESSAGES,
    )
    stack.callback(broker.child.stop, 5.0)
    broker.start()
    return {
        name: Login(LOOPBACK, broker.port, name, password) for name, password in passwords.items()
    }


def _named_broker(wanted: Wanted, environ: Mapping[str, str]) -> Login:
    address = parse_url("GIGACITY_MQTT_URL", wanted.mqtt_url, ("mqtt",))
    password = read_secret("GIGACITY_MQTT_PASSWORD", environ)
    if bool(wanted.mqtt_username) != bool(password):
        raise ConfigError("set both GIGACITY_MQTT_USERNAME and GIGACITY_MQTT_PASSWORD, or none")
    return Login(address.host, address.port, wanted.mqtt_username, password.reveal())


def _target(
    wanted: Wanted, influx_url: str, stack: ExitStack, environ: Mapping[str, str]
) -> Target:
    if wanted.sink == "null":
        argv = python_module("tests.bench.ingest.null_sink")
        log = wanted.folder / "null_sink.log"
        return NullTarget(int(stack.enter_context(Child("null sink", argv, log=log)).first_line()))
    address = parse_url("GIGACITY_INFLUX_URL", influx_url, ("http",))
    if wanted.influx_url:
        password = read_secret("GIGACITY_INFLUX_PASSWORD", environ)
        if bool(wanted.influx_username) != bool(password):
            raise ConfigError(
                "set both GIGACITY_INFLUX_USERNAME and GIGACITY_INFLUX_PASSWORD, or none"
            )
        target = InfluxTarget(address, wanted.influx_username, password)
    else:
        password = Secret(secrets.token_urlsafe(24))
        with InfluxWriter(InfluxEndpoint(address, "", "", Secret(""))) as anonymous:
            create_first_admin(runner(anonymous), ADMIN, password)
        target = InfluxTarget(address, ADMIN, password)
    target.check()
    return target
