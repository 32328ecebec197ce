"""Another database than Debian's under the load test: InfluxDB 2.x or openGemini.

Neither is packaged: their programs are named by the caller, started here on loopback, provisioned
by ``gigacity provision`` and used with the credentials that it makes.
"""

import http.client
import json
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from gigacity_contract.errors import ConfigError
from gigacity_deploy.demo.plan import ADMIN_USER, DemoPlan, ProcessPlan
from gigacity_deploy.demo.system import Database
from gigacity_deploy.influxdb import DatabaseMemory, database_memory
from gigacity_deploy.private_files import write_private
from gigacity_deploy.processes import Child
from gigacity_deploy.servers import READY_S, InfluxProcess, check_port, http_status
from gigacity_deploy.sockets import LOOPBACK, free_port, listens

StoreName = Literal["influxdb1", "influxdb2", "opengemini"]
STORES: tuple[StoreName, ...] = get_args(StoreName)
PROGRAMS: Mapping[StoreName, str] = {
    "influxdb2": "GIGACITY_BENCH_INFLUXDB2",
    "opengemini": "GIGACITY_BENCH_OPENGEMINI",
}
"""Variables that name the program: ``influxd`` of 2.x, ``ts-server``."""
ORG = "gigacity"
_STOP_S = 60.0
_SECRETS = ("influx_admin", "influx_worker", "influx_api", "influx_grafana")


def parse_store(name: str) -> StoreName:
    """A store that the bench knows.

    Raises:
        ConfigError: it knows none of this name.
    """
    for known in STORES:
        if name == known:
            return known
    raise ConfigError(f"--store {name}: choose from {', '.join(STORES)}")


def program_of(store: StoreName, environ: Mapping[str, str]) -> str:
    """The program that the environment names.

    Raises:
        ConfigError: it names none, or one that cannot be run.
    """
    variable = PROGRAMS[store]
    program = environ.get(variable, "")
    if not os.access(program, os.X_OK):
        raise ConfigError(f"{variable}={program!r}: set it to the program of {store}")
    return program


@dataclass(frozen=True, kw_only=True)
class StorePlan(DemoPlan):
    """A demo's plan whose processes speak to another database."""

    store: StoreName

    @property
    def _tokens(self) -> Path:
        return self.folder / "tokens"

    def provision(self) -> ProcessPlan:
        """The one-shot that makes buckets or database, and tokens or users."""
        if self.store != "influxdb2":
            return super().provision()
        return self._gigacity(
            "provision",
            {
                **self._influx(),
                "GIGACITY_INFLUX_ADMIN_TOKEN_FILE": self._secret("influx_admin"),
                "GIGACITY_TOKENS_DIR": str(self._tokens),
            },
        )

    def _influx(self, role: str = "") -> dict[str, str]:
        if self.store != "influxdb2":
            return super()._influx(role)
        settings = super()._influx() | {"GIGACITY_INFLUX_ORG": ORG}
        if role:
            settings["GIGACITY_INFLUX_TOKEN_FILE"] = str(self._tokens / f"{role}.token")
        return settings


def plan_over(plan: DemoPlan, store: StoreName) -> DemoPlan:
    """The same plan over another store."""
    if store == "influxdb1":
        return plan
    if store == "opengemini":
        for name in _SECRETS:  # It asks for a capital, a small letter, a digit and a sign.
            strong = f"Aa1-{plan.secrets.value(name).reveal()}"
            write_private(plan.secrets.path(name), strong)
    return StorePlan(**{f.name: getattr(plan, f.name) for f in fields(plan)}, store=store)


class StoreProcess:
    """The database of a plan, in a folder of its own.

    Args:
        plan: names port, city's size and the administrator's secret.
        program: the server's.
        log: what it prints.
        machine_bytes: memory that its settings count with.
    """

    def __init__(self, plan: StorePlan, program: str, log: Path, *, machine_bytes: int) -> None:
        self._plan = plan
        self._port = plan.ports.influx
        self._data = plan.folder / plan.store
        self._data.mkdir(parents=True, exist_ok=True)
        memory = database_memory(plan.objects, machine_bytes)
        env = {k: v for k, v in os.environ.items() if not k.startswith("INFLUXD_")}
        env |= memory.environment() | {"HOME": str(self._data)}
        if plan.store == "influxdb2":
            argv = [program, *self._options_2(memory)]
        else:
            example = Path(program).with_name("openGemini.singlenode.conf")
            conf = self._data / "openGemini.conf"
            write_private(conf, self._opengemini_conf(example.read_text(encoding="utf-8")))
            argv = [program, "-config", str(conf)]
        self.child = Child("database", argv, log=log, env=env)

    def start(self) -> None:
        """Start it, wait until it answers, and make the first administrator where it needs one.

        Raises:
            ConfigError: the port is held by somebody else.
            ChildError: it ended or did not answer in time.
        """
        check_port("database", self._port)
        self.child.start()
        self.child.wait_ready(self._answers, deadline_s=READY_S)
        if self._plan.store == "influxdb2":
            self._set_up()

    def stop(self) -> int | None:
        """Stop it in an orderly way; 2.x ends so on an interrupt alone."""
        if self._plan.store == "influxdb2":
            self.child.signal(signal.SIGINT)
            self.child.wait(_STOP_S)
        return self.child.stop(_STOP_S)

    def _answers(self) -> bool:
        return listens(self.child.pid, self._port) and http_status(self._port, "/ping") == 204

    def _options_2(self, memory: DatabaseMemory) -> list[str]:
        return [
            f"--http-bind-address={LOOPBACK}:{self._port}",
            f"--bolt-path={self._data}/influxd.bolt",
            f"--sqlite-path={self._data}/influxd.sqlite",
            f"--engine-path={self._data}/engine",
            f"--storage-cache-snapshot-memory-size={memory.snapshot_bytes}",
            f"--storage-cache-max-memory-size={memory.cache_bytes}",
            "--reporting-disabled",
            "--log-level=warn",
        ]

    def _set_up(self) -> None:
        secret = self._plan.secrets.value("influx_admin").reveal()
        body = {"username": ADMIN_USER, "password": secret, "org": ORG, "bucket": "unused",
                "token": secret}  # fmt: skip
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=30)
        try:
            connection.request("POST", "/api/v2/setup", json.dumps(body))
            status = connection.getresponse().status
        finally:
            connection.close()
        if status not in {201, 422}:  # 422: an earlier run set it up.
            raise ConfigError(f"the database cannot be set up: status {status}")

    def _opengemini_conf(self, example: str) -> str:
        """Its own example for one node, with our folder, ports of loopback, and authentication."""
        ports = {"8086": str(self._port)}
        text = re.sub(r"/tmp/openGemini", str(self._data), example)  # noqa: S108 - the example's

        def place(found: re.Match[str]) -> str:
            port = ports.setdefault(found[1], str(free_port(*map(int, ports.values()))))
            return f"{LOOPBACK}:{port}"

        text = re.sub(r"127\.0\.0\.1:(\d+)", place, text)
        text = text.replace("[http]\n", "[http]\n  auth-enabled = true\n", 1)
        text = text.replace("flight-enabled = true", "flight-enabled = false")
        return f"report-enable = false\n{text}" if "report-enable" not in text else text


def database_of(
    plan: DemoPlan, store: StoreName, logs: Path, environ: Mapping[str, str], machine_bytes: int
) -> Database:
    """The database of a plan, not started, set for a machine of so much memory.

    Raises:
        ConfigError: the store's program is missing.
    """
    if isinstance(plan, StorePlan):
        program, log = program_of(store, environ), logs / "database.log"
        return StoreProcess(plan, program, log, machine_bytes=machine_bytes)
    return InfluxProcess(
        plan.folder / "influxdb",
        port=plan.ports.influx,
        log=logs / "influxd.log",
        objects=plan.objects,
        rpc_port=plan.ports.influx_rpc,
        machine_bytes=machine_bytes,
    )
