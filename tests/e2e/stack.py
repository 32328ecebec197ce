"""Broker, database and a worker process over the small test city, for tests of the whole path."""

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gigacity_contract.access import Secret
from gigacity_contract.process.settings import parse_url
from gigacity_deploy.processes import Child
from gigacity_deploy.servers import http_status
from gigacity_deploy.sockets import free_port, listens
from gigacity_simulators.clients.broker import Broker as Endpoint
from tests.support.city import write_city
from tests.support.field_client import FieldClient
from tests.support.fixtures import start_broker, start_influx
from tests.support.mqtt_probe import wait_until

READY_S = 30.0


def gigacity_env(**settings: str) -> dict[str, str]:
    """An environment without the caller's own settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIGACITY_")}
    return kept | settings


class Stack:
    """One broker, one database and one worker, which tests start and stop."""

    program = "gigacity_deploy"
    """Module that the worker is started as."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """Settings of the worker beside those that it needs to find the others."""
        self.folder = folder
        self.city = write_city(folder / "city")
        self.broker = start_broker(folder / "broker")
        self.influx = start_influx(folder / "influx")
        self.http_port = free_port()
        self.settings = settings
        self.client_id = "worker-of-the-test"
        self.worker = self._new_worker()

    @property
    def state_dir(self) -> Path:
        """The worker's folder."""
        return self.folder / self.client_id

    def _new_worker(self) -> Child:
        env = gigacity_env(
            **self.broker.worker_env(),
            **self.influx.env("worker"),
            GIGACITY_MQTT_CLIENT_ID=self.client_id,
            GIGACITY_STATE_DIR=str(self.state_dir),
            GIGACITY_CITY=str(self.city),
            GIGACITY_HTTP_LISTEN=f"127.0.0.1:{self.http_port}",
        )
        argv = [sys.executable, "-m", self.program, "ingest"]
        return Child("ingest", argv, log=self.folder / "ingest.log", env=env | self.settings)

    def start_worker(self, client_id: str = "") -> None:
        """Start the worker and wait until it is ready; another client id is another session."""
        if client_id:
            self.client_id = client_id
            self.worker = self._new_worker()
        self.worker.start()
        self.worker.wait_ready(
            lambda: (
                listens(self.worker.pid, self.http_port)
                and http_status(self.http_port, "/readyz") == 200
            ),
            deadline_s=READY_S,
        )

    def stop_worker(self) -> None:
        """An orderly end, which must succeed."""
        assert self.worker.stop(30) == 0, self.worker.log_tail()

    def close(self) -> None:
        """End everything."""
        self.worker.kill()
        self.broker.close()
        self.influx.close()

    def ledger(self) -> dict[str, Any]:
        """The worker's ledger."""
        url = f"http://127.0.0.1:{self.http_port}/ledger"
        with urllib.request.urlopen(url, timeout=10) as answer:
            ledger: dict[str, Any] = json.load(answer)
        return ledger

    def drain(self, received: int) -> dict[str, Any]:
        """Wait until so many messages came, all of them stored or dead letters; the ledger then."""

        def is_drained() -> bool:
            ledger = self.ledger()
            points = ledger["points"]
            on_the_way = points["in_flight"] + points["spooled"]
            messages = ledger["messages"]
            return messages["received"] >= received and not on_the_way + messages["unacknowledged"]

        wait_until(is_drained, f"the worker has stored {received} messages")
        time.sleep(self.influx.shows_after_s)
        return self.ledger()

    def client(self, identity: str) -> FieldClient:
        """A publisher of the field, which the broker knows."""
        login = self.broker.add_user(identity)
        address = parse_url("GIGACITY_MQTT_URL", self.broker.url, ("mqtt", "mqtts"))
        tls = ssl.create_default_context(cafile=str(self.broker.ca)) if self.broker.ca else None
        endpoint = Endpoint(address, tls, Secret(self.broker.field_secret))
        return FieldClient(endpoint, identity, password=login.password)

    def dead_letters(self) -> list[dict[str, Any]]:
        """What ``gigacity deadletters list`` says."""
        return self.dead_letter_command("list")

    def dead_letter_command(self, *words: str) -> list[dict[str, Any]]:
        """JSON lines of ``gigacity deadletters``."""
        command = [sys.executable, "-m", "gigacity_deploy", "deadletters", *words, "--json"]
        done = subprocess.run(
            [*command, "--state-dir", str(self.state_dir)],
            capture_output=True,
            text=True,
            check=True,
            env=gigacity_env(),
            timeout=60,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def presence(self, ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """Rows of the measurement ``presence``, newest session last, by id."""
        rows = self.influx.query("SELECT * FROM presence", "forever")
        return {name: [row for row in rows if row["id"] == name] for name in ids}
