"""Broker, database, workers that own areas of the small test city, and a field that publishes."""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.process.settings import parse_url
from gigacity_deploy.processes import Child
from gigacity_deploy.servers import http_status
from gigacity_deploy.sockets import free_port, listens
from gigacity_simulators.clients.broker import Broker as Endpoint
from tests.e2e.stack import gigacity_env
from tests.support.city import write_city
from tests.support.field_client import FieldClient
from tests.support.fixtures import start_broker, start_influx
from tests.support.mqtt_probe import wait_until

READY_S = 60.0
Role = Literal["admin", "worker", "api", "grafana"]


@dataclass
class Member:
    """One worker: its process, the settings it was started with, and the port of its page."""

    child: Child
    env: dict[str, str]
    http_port: int


class Fleet:
    """One broker, one database, and workers by client id, which tests start and stop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.city = write_city(folder / "city")
        self.broker = start_broker(folder / "broker")
        self.influx = start_influx(folder / "influx")
        self.members: dict[str, Member] = {}
        self.settings: dict[str, str] = {}
        """Of every worker and command, beside those that they need to find the others."""

    def env(self, name: str, areas: str = "", role: Role = "worker") -> dict[str, str]:
        """Settings of a worker, and of a command in its place."""
        return gigacity_env(
            **self.broker.worker_env(),
            **self.influx.env(role),
            GIGACITY_MQTT_CLIENT_ID=name,
            GIGACITY_MQTT_AREAS=areas,
            GIGACITY_STATE_DIR=str(self.folder / name),
            GIGACITY_CITY=str(self.city),
            GIGACITY_REPORT_INTERVAL_S="1",
            **self.settings,
        )

    def start(self, name: str, *areas: str, **settings: str) -> None:
        """Start a worker, and wait until it is ready."""
        self.launch(name, *areas, **settings)
        self.wait_ready(name)

    def launch(self, name: str, *areas: str, **settings: str) -> None:
        """Start a worker."""
        http_port = free_port()
        env = self.env(name, ",".join(areas)) | settings
        env["GIGACITY_HTTP_LISTEN"] = f"127.0.0.1:{http_port}"
        argv = [sys.executable, "-m", "gigacity_deploy", "ingest"]
        child = Child(name, argv, log=self.folder / f"{name}.log", env=env)
        self.members[name] = Member(child, env, http_port)
        child.start()

    def wait_ready(self, name: str) -> None:
        """Until a worker is ready."""
        member = self.members[name]
        member.child.wait_ready(
            lambda: (
                listens(member.child.pid, member.http_port)
                and http_status(member.http_port, "/readyz") == 200
            ),
            deadline_s=READY_S,
        )

    def stop(self, name: str) -> None:
        """An orderly end of a worker, which must succeed; its session stays."""
        child = self.members[name].child
        assert child.stop(60) == 0, child.log_tail()

    def drain(self, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """Give up the areas of a worker that was stopped."""
        return self._run(self.members[name].env, "ingest", "drain", *words)

    def doctor(self) -> dict[str, Any]:
        """What ``gigacity doctor`` finds, with credentials that may read."""
        done = self._run(self.env("doctor", role="api"), "doctor", "--json")
        found: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == (0 if found["ok"] else 1)
        return found

    def wait_owned(self) -> None:
        """Until the doctor finds exactly one owner for every area."""
        wait_until(lambda: self.doctor()["ok"], "the doctor finds nothing", timeout_s=30)

    def _run(self, env: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "gigacity_deploy", *words],
            capture_output=True,
            text=True,
            check=False,
            env=env,
            timeout=90,
        )

    def close(self) -> None:
        """End everything."""
        for member in self.members.values():
            member.child.kill()
        self.broker.close()
        self.influx.close()

    def page(self, name: str, path: str) -> Any:
        """A page of a worker, as JSON; also with status 503."""
        url = f"http://127.0.0.1:{self.members[name].http_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def assert_balanced(self, name: str) -> None:
        """Nothing of a worker is on its way, both ledgers balance, and nothing was refused."""

        def is_idle() -> bool:
            ledger = self.page(name, "/ledger")
            on_the_way = ledger["points"]["in_flight"] + ledger["points"]["spooled"]
            return not on_the_way + ledger["messages"]["unacknowledged"]

        wait_until(is_idle, f"nothing of {name} is on its way")
        ledger = self.page(name, "/ledger")
        assert (ledger["balanced"], ledger["points"]["dead_lettered"]) == (True, 0)

    def client(self, identity: str) -> FieldClient:
        """A publisher of the field, which the broker knows."""
        login = self.broker.add_user(identity)
        address = parse_url("GIGACITY_MQTT_URL", self.broker.url, ("mqtt", "mqtts"))
        endpoint = Endpoint(address, None, Secret(self.broker.field_secret))
        return FieldClient(endpoint, identity, password=login.password)

    def broker_knows(self, client_id: str) -> bool:
        """Whether the broker holds a session of this client id, which no worker uses now."""
        found: list[bool] = []
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5,
            manual_ack=True,
        )  # fmt: skip
        client.username_pw_set(self.broker.worker.username, self.broker.worker.password)
        client.on_connect = lambda _c, _d, flags, _code, _p: found.append(flags.session_present)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 3600
        address = parse_url("GIGACITY_MQTT_URL", self.broker.worker_url, ("mqtt", "mqtts"))
        client.connect(address.host, address.port, clean_start=False, properties=properties)
        wait_until(lambda: bool(client.loop(0.1) or found), "the broker answers")
        ending = None
        if not found[0]:
            ending = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
            ending.SessionExpiryInterval = 0
        client.disconnect(properties=ending)
        client.loop(0.1)
        return found[0]

    def stored(self) -> set[tuple[str, int]]:
        """(OLT, ts) of every stored point."""
        rows = self.influx.query("SELECT rx_bytes, olt FROM pon_port", "raw")
        return {(row["olt"], row["time"]) for row in rows}


class Publishers:
    """One thread an OLT; each message waits for its PUBACK and has a time of its own."""

    def __init__(self, fleet: Fleet, identities: list[str]) -> None:
        self.acknowledged: set[tuple[str, int]] = set()
        self._stop = threading.Event()
        self.failures: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._run, args=(fleet.client(name), name.split("/")[-1]))
            for name in identities
        ]

    def start(self) -> "Publishers":
        """Publish until ``finish``."""
        for thread in self._threads:
            thread.start()
        return self

    def _run(self, client: FieldClient, olt: str) -> None:
        clock, last_ms, seq = SystemClock(), 0, 0
        try:
            with client:
                while not self._stop.is_set():
                    ts = last_ms = max(last_ms + 1, clock.now_ms())
                    seq += 1
                    port = {
                        "slot": 1, "port": 1, "tech": "xgs-pon", "admin": "up", "oper": "up",
                        "rx_bytes": seq,
                    }  # fmt: skip
                    report = {"ts": ts, "seq": seq, "ports": [port]}
                    client.publish(json.dumps(report).encode())
                    self.acknowledged.add((olt, ts))
                    time.sleep(0.002)
        except BaseException as error:  # noqa: BLE001 - shown by ``finish``
            self.failures.append(error)

    def finish(self) -> set[tuple[str, int]]:
        """Stop; (OLT, ts) of every message that the broker took over."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert not self.failures
        return self.acknowledged


def wait_stored(fleet: Fleet, acknowledged: set[tuple[str, int]]) -> None:
    """Wait until everything that was acknowledged to the field is stored."""
    wait_until(
        lambda: fleet.stored() >= acknowledged,
        f"{len(acknowledged)} acknowledged messages are stored",
        timeout_s=30,
        every_s=0.5,
    )
