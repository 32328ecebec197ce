"""Broker, database and worker as processes, with proxies between them, and the final account.

publishers -> Mosquitto <- TcpProxy <- worker -> TcpProxy -> HttpGate -> InfluxDB
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

from gigacity_deploy.processes import Child
from gigacity_deploy.sockets import free_port
from gigacity_ingest.dead_letters.folder import DeadLetterFolder
from tests.e2e.stack import gigacity_env
from tests.faults.api import Api
from tests.faults.load import Load
from tests.faults.loop import LoopThread
from tests.faults.watch import LedgerWatch
from tests.support.accounting import Source, entry_name
from tests.support.accounting_check import Account, account_for
from tests.support.city import write_city
from tests.support.mqtt_probe import wait_until
from tests.support.processes import LocalBroker, start_local_broker, start_local_influx
from tests.support.tcp_proxy import TcpProxy
from tests.support.tcp_proxy_http import HttpGate
from tests.support.tmpfs import Ballast, NoTmpfsError, small_tmpfs

STATE_BYTES = 64 * 2**20
DEAD_LETTER_MB = 256
"""So one publisher's share, 4 MB, is used up by a poison of one."""
READY_S = 60.0
SETTLE_S = 180.0
CLIENT_ID = "worker-of-faults"
_QUIET_S = 0.8


class Rig:
    """Everything that a fault needs to reach; build it with ``open_rig``."""

    def __init__(self, folder: Path, *, seed: int, state_dir: Path, disk: Ballast | None) -> None:
        self.folder = folder
        self.state_dir = state_dir
        self.disk = disk
        """Fills the worker's disk; None where no small one could be mounted."""
        self.loop = LoopThread()
        self.broker: LocalBroker = start_local_broker(folder / "broker")
        self.influx = start_local_influx(folder / "influx")
        self.gate = HttpGate(int(self.influx.url.rsplit(":", 1)[1]))
        self.gate.uncounted = b"=hostile"
        self.gate.start()
        self.to_broker = TcpProxy(self.broker.worker_port, seed=seed)
        self.to_influx = TcpProxy(self.gate.port, seed=seed + 1)
        for proxy in (self.to_broker, self.to_influx):
            self.loop.run(proxy.start())
        self.http_port = free_port()
        self.city = write_city(folder / "city")
        self.api = Api(folder, gigacity_env(**self.influx.env("api"), GIGACITY_CITY=str(self.city)))
        self.worker = self.build_worker()
        self.watch = LedgerWatch(self)
        self.watch.start()

    def build_worker(self, **more: str) -> Child:
        """The worker's process, not started; further environment variables as named."""
        env = gigacity_env(
            **self.broker.worker_env(),
            **self.influx.env("worker"),
            GIGACITY_MQTT_CLIENT_ID=CLIENT_ID,
            GIGACITY_STATE_DIR=str(self.state_dir),
            GIGACITY_CITY=str(self.city),
            GIGACITY_DEADLETTER_BUDGET_MB=str(DEAD_LETTER_MB),
            GIGACITY_HTTP_LISTEN=f"127.0.0.1:{self.http_port}",
        )
        env["GIGACITY_MQTT_URL"] = f"mqtt://127.0.0.1:{self.to_broker.port}"
        env["GIGACITY_INFLUX_URL"] = f"http://127.0.0.1:{self.to_influx.port}"
        argv = [sys.executable, "-m", "gigacity_deploy", "ingest"]
        return Child("ingest", argv, log=self.folder / "ingest.log", env=env | more)

    def start_worker(self) -> None:
        """Start it and wait until it is ready."""
        self.worker.start()
        self.worker.wait_ready(self.is_ready, deadline_s=READY_S)

    def load(self, sources: Sequence[Source], *, every_s: float, behind_ms: int = 0) -> Load:
        """Publishers of these sources, which begin at once."""
        return Load(
            sources, broker=self.broker, loop=self.loop, every_s=every_s, behind_ms=behind_ms
        )

    def stop_broker(self) -> int | None:
        """SIGTERM; its exit code."""
        assert self.broker.process is not None
        return self.broker.process.stop()

    # --- looking --------------------------------------------------------------------------------

    def get(self, path: str) -> tuple[int, dict[str, Any]] | None:
        """Status and JSON of one of the worker's pages; None if it does not answer."""
        url = f"http://127.0.0.1:{self.http_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except (OSError, HTTPException, ValueError):
            return None

    def is_ready(self) -> bool:
        """Whether the worker says so."""
        answer = self.get("/readyz")
        return answer is not None and answer[0] == 200

    def city_version(self) -> str:
        """The version of the city in the worker's force; empty if it does not answer."""
        answer = self.get("/readyz")
        return str(answer[1].get("city_version", "")) if answer else ""

    def reasons(self) -> dict[str, Any]:
        """Why the worker is not ready."""
        answer = self.get("/readyz")
        return answer[1].get("reasons", {}) if answer else {}

    def ledger(self) -> dict[str, Any]:
        """The worker's ledger; empty if it does not answer, or has only just begun."""
        answer = self.get("/ledger")
        return answer[1] if answer and answer[0] == 200 else {}

    # --- the end of a test or a run -------------------------------------------------------------

    def heal(self) -> None:
        """End every fault: all servers run, all proxies behave."""
        for proxy in (self.to_broker, self.to_influx):
            self.loop.run(proxy.steady())
        self.gate.refusal, self.gate.loses_answers = None, False
        if self.disk is not None:
            self.disk.free()
        if not self.worker.is_running:
            self.worker.start()

    def settle(self, *loads: Load) -> Account:
        """Let the loads end, wait until the worker has nothing left, and account for them."""
        self.heal()
        for load in loads:
            load.finish()
        return self.account(*loads)

    def account(self, *loads: Load) -> Account:
        """Account for loads that have ended, once the worker has nothing left."""
        wait_until(self._is_idle, "the worker has nothing left", timeout_s=SETTLE_S, every_s=0.2)
        sources = [source for load in loads for source in load.sources]
        return account_for(sources, self.influx, self.letters())

    def _is_idle(self) -> bool:
        """Whether all that came is settled, and nothing came for a while.

        Ready first: a ledger read before the session is back shows a worker that only seems idle,
        and the pages that it is read from are up to half a second old.
        """
        if not self.is_ready():
            return False
        time.sleep(_QUIET_S)
        before = self.ledger()
        time.sleep(_QUIET_S)
        after = self.ledger()
        if not before or not after:
            return False
        points, messages = after["points"], after["messages"]
        on_the_way = points["in_flight"] + points["spooled"] + messages["unacknowledged"]
        return (
            not on_the_way
            and before["messages"]["received"] == messages["received"]
            and self.is_ready()
        )

    def letters(self) -> set[tuple[str, bytes]]:
        """Topic and payload of messages that are dead letters, or the name of a bundle's entry."""
        store = DeadLetterFolder(self.state_dir / "deadletters")
        found = set()
        for letter, _, is_resolved, _ in store.unique():
            if letter.extent == "message" and not is_resolved:
                found.add((letter.topic, letter.payload))
            elif letter.extent == "entry" and letter.topic.endswith("/bundle") and not is_resolved:
                entry = json.loads(letter.payload)
                found.add((letter.topic, entry_name(entry["device"], entry["ts"])))
        return found

    def dead_letters(self, *words: str) -> list[dict[str, Any]]:
        """JSON lines of ``gigacity deadletters``."""
        command = [sys.executable, "-m", "gigacity_deploy", "deadletters", *words, "--json"]
        done = subprocess.run(
            [*command, "--state-dir", str(self.state_dir)],
            capture_output=True,
            text=True,
            check=True,
            env=gigacity_env(**self.influx.env("worker"), GIGACITY_CITY=str(self.city)),
            timeout=300,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def close(self) -> None:
        """End everything."""
        self.watch.stop()
        self.worker.kill()
        self.api.child.kill()
        self.broker.close()
        self.influx.close()
        for proxy in (self.to_broker, self.to_influx):
            self.loop.run(proxy.close())
        self.gate.close()
        self.loop.close()


@contextmanager
def open_rig(folder: Path, *, seed: int) -> Iterator[Rig]:
    """A rig whose worker keeps its state on a small disk of its own, where that can be had."""
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / "state"
    with ExitStack() as stack:
        disk: Ballast | None = None
        if os.geteuid() == 0:
            try:
                disk = Ballast(stack.enter_context(small_tmpfs(state, STATE_BYTES)))
            except NoTmpfsError:
                disk = None
        rig = Rig(folder, seed=seed, state_dir=state, disk=disk)
        stack.callback(rig.close)
        yield rig
