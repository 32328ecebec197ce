"""Broker and database of a bench: those that the caller names, or its own for the while."""

import os
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gigacity_contract.cpu_list import format_cpu_list
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.settings import Secret, parse_url, read_secret
from gigacity_ingest.bench.children import Child, python_module
from gigacity_ingest.bench.database import InfluxTarget, NullTarget, Target
from gigacity_ingest.bench.wire import Login
from gigacity_ingest.influx.writer import InfluxEndpoint, InfluxWriter
from gigacity_ingest.provisioning.influx1 import create_first_admin, runner

Told = dict[str, dict[str, Any]]
"""What ``gigacity servers`` prints."""
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
    told: Told = {}
    if not wanted.mqtt_url or needs_influx:
        told = _start_servers(wanted, stack, with_influx=needs_influx)
    if wanted.mqtt_url:
        login = _named_broker(wanted, environ)
        reader, publishers = login, dict.fromkeys(wanted.areas, login)
    else:
        reader = _login(told, WORKER_USER)
        publishers = {area: _login(told, area) for area in wanted.areas}
    return Surroundings(reader, publishers, _target(wanted, told, stack, environ))


def _start_servers(wanted: Wanted, stack: ExitStack, *, with_influx: bool) -> Told:
    users = [item for name in (WORKER_USER, *wanted.areas) for item in ("--user", name)]
    cpus = ("--influx-cpus", format_cpu_list(wanted.database_cpus)) if wanted.database_cpus else ()
    # The servers' configuration is another package's; its command is the interface.
    argv = python_module(
        "gigacity_deploy", "servers", "--folder", str(wanted.folder / "servers"),
        "--influx" if with_influx else "--no-influx",
        "--max-inflight-messages", str(MAX_INFLIGHT_MESSAGES), *cpus, *users,
    )  # fmt: skip
    child = stack.enter_context(Child("gigacity servers", argv, log=wanted.folder / "servers.log"))
    return dict(child.first_line())


def _login(told: Told, user: str) -> Login:
    address = parse_url("mqtt", told["mqtt"]["url"], ("mqtt",))
    return Login(address.host, address.port, user, told["mqtt"]["passwords"][user])


def _named_broker(wanted: Wanted, environ: Mapping[str, str]) -> Login:
    address = parse_url("GIGACITY_MQTT_URL", wanted.mqtt_url, ("mqtt",))
    password = read_secret("GIGACITY_MQTT_PASSWORD", environ)
    if bool(wanted.mqtt_username) != bool(password):
        raise ConfigError("set both GIGACITY_MQTT_USERNAME and GIGACITY_MQTT_PASSWORD, or none")
    return Login(address.host, address.port, wanted.mqtt_username, password.reveal())


def _target(wanted: Wanted, told: Told, stack: ExitStack, environ: Mapping[str, str]) -> Target:
    if wanted.sink == "null":
        argv = python_module("gigacity_ingest.bench.null_sink")
        log = wanted.folder / "null_sink.log"
        return NullTarget(int(stack.enter_context(Child("null sink", argv, log=log)).first_line()))
    if wanted.influx_url:
        address = parse_url("GIGACITY_INFLUX_URL", wanted.influx_url, ("http",))
        password = read_secret("GIGACITY_INFLUX_PASSWORD", environ)
        if bool(wanted.influx_username) != bool(password):
            raise ConfigError(
                "set both GIGACITY_INFLUX_USERNAME and GIGACITY_INFLUX_PASSWORD, or none"
            )
        target = InfluxTarget(address, wanted.influx_username, password)
    else:
        address = parse_url("influx", told["influx"]["url"], ("http",))
        password = Secret(secrets.token_urlsafe(24))
        with InfluxWriter(InfluxEndpoint(address, "", "", Secret(""))) as anonymous:
            create_first_admin(runner(anonymous), ADMIN, password)
        target = InfluxTarget(address, ADMIN, password)
    target.check()
    return target
