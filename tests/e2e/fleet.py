"""Broker, database and supervised workers over the small test city, and a field that publishes."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from gigacity_contract.clock import SystemClock
from gigacity_contract.process.settings import Secret, parse_url
from gigacity_deploy.processes import Child
from gigacity_deploy.servers import http_status
from gigacity_deploy.sockets import free_port, listens
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.supervisor.pages import fetch_page
from gigacity_ingest.supervisor.session_editor import SessionEditor
from gigacity_ingest.supervisor.steps import Step
from gigacity_simulators.clients.broker import Broker as Endpoint
from tests.e2e.stack import gigacity_env
from tests.support.city import write_city
from tests.support.field_client import FieldClient
from tests.support.fixtures import start_broker, start_influx
from tests.support.mqtt_probe import wait_until

READY_S = 60.0
CLIENT_ID = "fleet"


class Fleet:
    """One broker, one database and a supervisor, which tests start with any number of workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.city = write_city(folder / "city")
        self.broker = start_broker(folder / "broker")
        self.influx = start_influx(folder / "influx")
        self.state_dir = folder / "state"
        self.http_port = free_port()
        self.log = folder / "ingest.log"
        self.supervisor: Child | None = None
        self.client_id = CLIENT_ID

    def env(self) -> dict[str, str]:
        """Settings of the supervisor and of every command that looks at it."""
        return gigacity_env(
            **self.broker.worker_env(),
            **self.influx.env("worker"),
            GIGACITY_MQTT_CLIENT_ID=self.client_id,
            GIGACITY_STATE_DIR=str(self.state_dir),
            GIGACITY_CITY=str(self.city),
            GIGACITY_HTTP_LISTEN=f"127.0.0.1:{self.http_port}",
        )

    def start(self, workers: int, **settings: str) -> None:
        """Start a supervisor, and wait until all its workers are ready and nothing leaves."""
        self.launch(workers, **settings)
        self.wait_ready()

    def launch(self, workers: int, **settings: str) -> None:
        """Start a supervisor."""
        argv = [sys.executable, "-m", "gigacity_deploy", "ingest", "--workers", str(workers)]
        env = self.env() | settings
        self.supervisor = Child(f"{workers} workers", argv, log=self.log, env=env)
        self.supervisor.start()

    def wait_ready(self) -> None:
        """Every worker of the plan is ready, and no session is on the move."""
        child = self.supervisor
        assert child is not None
        child.wait_ready(
            lambda: (
                listens(child.pid, self.http_port)
                and http_status(self.http_port, "/readyz") == 200
                and not self.page("/readyz").get("leaving")
            ),
            deadline_s=READY_S,
        )

    def stop(self) -> None:
        """An orderly end, which must succeed."""
        assert self.supervisor is not None
        assert self.supervisor.stop(60) == 0, self.supervisor.log_tail()

    def close(self) -> None:
        """End everything."""
        if self.supervisor is not None:
            self.supervisor.kill()
        self.broker.close()
        self.influx.close()

    def page(self, path: str) -> Any:
        """A page of the supervisor, as JSON; also with status 503."""
        answer = fetch_page(self.http_port, path)
        assert answer is not None, f"{path}: no answer"
        return json.loads(answer[1])

    def worker_pids(self) -> dict[str, int]:
        """Process ids of the workers that run now, by client id."""
        pids = {}
        for line in self.log.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry.get("event") == "worker_started":
                pids[entry["worker"]] = entry["pid"]
        return {name: pid for name, pid in pids.items() if is_alive(pid)}

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run ``gigacity`` with these words."""
        return subprocess.run(
            [sys.executable, "-m", "gigacity_deploy", *words],
            capture_output=True,
            text=True,
            check=False,
            env=self.env(),
            timeout=90,
        )

    def sessions(self) -> dict[str, Any]:
        """What ``gigacity ingest sessions`` says."""
        answer: dict[str, Any] = json.loads(self.command("ingest", "sessions", "--json").stdout)
        return answer

    def client(self, identity: str) -> FieldClient:
        """A publisher of the field, which the broker knows."""
        login = self.broker.add_user(identity)
        address = parse_url("GIGACITY_MQTT_URL", self.broker.url, ("mqtt", "mqtts"))
        endpoint = Endpoint(address, None, Secret(self.broker.field_secret))
        return FieldClient(endpoint, identity, password=login.password)

    def broker_knows(self, client_id: str) -> bool:
        """Whether the broker holds a session of this client id, which no worker uses now."""
        endpoint = MQTTEndpoint(
            parse_url("GIGACITY_MQTT_URL", self.broker.url, ("mqtt", "mqtts")),
            client_id,
            (),
            Secret(self.broker.worker.password),
            username=self.broker.worker.username,
            ca_file=str(self.broker.ca or ""),
        )
        editor = SessionEditor(lambda _: endpoint, clock=SystemClock(), should_stop=lambda: False)
        return editor.apply(Step(client_id), expects_session=True)

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


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not collected does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_stored(fleet: Fleet, acknowledged: set[tuple[str, int]]) -> None:
    """Wait until everything that was acknowledged to the field is stored."""
    wait_until(
        lambda: fleet.stored() >= acknowledged,
        f"{len(acknowledged)} acknowledged messages are stored",
        timeout_s=30,
        every_s=0.5,
    )
