"""Mosquitto and InfluxDB 1.x as child processes: write their files, start, know when they answer.

Used by the demo and by the tests' fixtures. Both listen on loopback only.
"""

import getpass
import http.client
import os
import signal
from collections.abc import Iterable
from pathlib import Path

from gigacity_contract.errors import ConfigError
from gigacity_deploy.broker import (
    FIELD_ACCESS,
    MAX_INFLIGHT_MESSAGES,
    WORKER_ACCESS,
    WORKER_USER,
    BrokerConfig,
    Listener,
    access_list,
    mosquitto_conf,
)
from gigacity_deploy.foreign_access import ForeignAccess
from gigacity_deploy.influxdb import (
    WHOLE_CITY_OBJECTS,
    InfluxConfig,
    database_memory,
    influxdb_conf,
)
from gigacity_deploy.passwords import password_file
from gigacity_deploy.private_files import write_private
from gigacity_deploy.processes import Child, find_binary
from gigacity_deploy.sockets import LOOPBACK, free_port, holder, is_free, listens

READY_S = 30.0
BROKER_STOP_S = 30.0
"""An orderly end writes every queued message to disk."""


def check_port(name: str, port: int) -> None:
    """Say plainly that a port is taken, before a server does so in its own words.

    Raises:
        ConfigError: another process listens on it.
    """
    if not is_free(port):
        who = holder(port) or "another program"
        raise ConfigError(f"port {port}, wanted for {name}, is held by {who}: choose another")


class BrokerProcess:
    """Mosquitto in a folder of its own.

    Args:
        folder: of its configuration and data.
        users: user names with passwords; the worker's account is for the workers' listener, all
            others are the field's.
        port: of the field's listener.
        worker_port: of the workers' listener; 0: a free one.
        log: what it prints.
        max_inflight_messages: towards publishers.
        foreign: what the access lists need for sources of other formats.
    """

    def __init__(
        self,
        folder: Path,
        users: Iterable[tuple[str, str]],
        *,
        port: int,
        log: Path,
        worker_port: int = 0,
        max_inflight_messages: int = MAX_INFLIGHT_MESSAGES,
        foreign: ForeignAccess | None = None,
    ) -> None:
        access = foreign or ForeignAccess()
        self.folder = folder
        self.port = port
        self.worker_port = worker_port or free_port(port)
        self.url = f"mqtt://{LOOPBACK}:{port}"
        self.worker_url = f"mqtt://{LOOPBACK}:{self.worker_port}"
        self._binary = find_binary("mosquitto", package="mosquitto")
        self._passwords = folder / "passwords"
        data = folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        accounts = list(users)
        workers = [account for account in accounts if account[0] == WORKER_USER]
        others = [account for account in accounts if account[0] != WORKER_USER]
        config = BrokerConfig(
            field=Listener(
                host=LOOPBACK,
                port=port,
                password_file=write_private(self._passwords, password_file(others)),
                access_file=write_private(
                    folder / "access", access_list(FIELD_ACCESS, access.publishers)
                ),
            ),
            workers=Listener(
                host=LOOPBACK,
                port=self.worker_port,
                password_file=write_private(folder / "worker_passwords", password_file(workers)),
                access_file=write_private(
                    folder / "worker_access", access_list(WORKER_ACCESS, access.workers)
                ),
            ),
            data_folder=data,
            # As root it would become the user mosquitto, who cannot enter a private folder.
            run_as=getpass.getuser() if os.geteuid() == 0 else "",
            max_inflight_messages=max_inflight_messages,
        )
        conf = write_private(folder / "mosquitto.conf", mosquitto_conf(config))
        self.child = Child("mosquitto", [self._binary, "-c", str(conf)], log=log)

    def start(self) -> None:
        """Start it and wait until this very process listens.

        Raises:
            ConfigError: a port is held by somebody else.
            ChildError: it ended or did not listen in time.
        """
        ports = (self.port, self.worker_port)
        for port in ports:
            check_port("mosquitto", port)
        self.child.start()
        self.child.wait_ready(
            lambda: all(listens(self.child.pid, port) for port in ports), deadline_s=READY_S
        )

    def add_users(self, lines: str) -> None:
        """Append lines to the field's password file and let the broker read it again."""
        text = self._passwords.read_text(encoding="utf-8")
        write_private(self._passwords, text + lines)
        self.child.signal(signal.SIGHUP)

    def stop(self) -> int | None:
        """Stop it in an orderly way: queues and retained messages are on disk afterwards."""
        return self.child.stop(BROKER_STOP_S)


class InfluxProcess:
    """InfluxDB 1.x in a folder of its own, with authentication on.

    Args:
        folder: of its configuration and data.
        port: of its HTTP interface.
        log: what it prints.
        objects: ports and devices of the city that it is to hold.
        rpc_port: of its backup service, which nobody uses; 0: a free one.
        machine_bytes: memory of a machine that it has to itself; 0: this one's.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        log: Path,
        objects: int = WHOLE_CITY_OBJECTS,
        rpc_port: int = 0,
        machine_bytes: int = 0,
    ) -> None:
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"
        binary = find_binary("influxd", package="influxdb")
        folder.mkdir(parents=True, exist_ok=True)
        memory = database_memory(objects, machine_bytes or memory_of_machine())
        config = InfluxConfig(
            host=LOOPBACK,
            port=port,
            rpc_port=rpc_port or free_port(port),
            data_folder=folder,
            snapshot_bytes=memory.snapshot_bytes,
            cache_bytes=memory.cache_bytes,
        )
        conf = write_private(folder / "influxdb.conf", influxdb_conf(config))
        env = {k: v for k, v in os.environ.items() if not k.startswith("INFLUXDB_")}
        env["HOME"] = str(folder)  # It looks for a history and a configuration there.
        env = {**memory.environment(), **env}
        self.child = Child("influxd", [binary, "-config", str(conf)], log=log, env=env)

    def start(self) -> None:
        """Start it and wait until this very process answers.

        Raises:
            ConfigError: the port is held by somebody else.
            ChildError: it ended or did not answer in time.
        """
        check_port("influxd", self.port)
        self.child.start()
        self.child.wait_ready(self.answers, deadline_s=READY_S)

    def answers(self) -> bool:
        """Whether this very process answers a ping."""
        return listens(self.child.pid, self.port) and http_status(self.port, "/ping") == 204

    def stop(self) -> int | None:
        """Stop it in an orderly way."""
        return self.child.stop(30.0)


def memory_of_machine() -> int:
    """Physical memory, in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def http_status(port: int, path: str, *, timeout_s: float = 2.0) -> int:
    """Status of a GET on loopback; 0 if nothing answered."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
