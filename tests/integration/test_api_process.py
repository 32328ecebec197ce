"""The command ``gigacity api`` as a process: it gets ready, answers, and ends in order."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gigacity_api.keys import hash_key
from gigacity_deploy.sockets import free_port
from tests.support.city import write_city
from tests.support.mqtt_probe import wait_until
from tests.support.processes_influx import InfluxServer
from tests.support.watch_terminal import WatchTerminal

pytestmark = pytest.mark.integration

KEY = "gck_process_test"


@dataclass
class Api:
    """A running process."""

    process: subprocess.Popen[bytes]
    port: int

    def get(self, path: str, key: str = "") -> tuple[int, Any]:
        """Status and body of a request; status 0 while nobody listens."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())
        except OSError:
            return 0, None


def start(database: InfluxServer, folder: Path, *arguments: str) -> Api:
    """Start the command with a grid of one second."""
    keys = folder / "keys.jsonl"
    line = {"name": "test", "sha256": hash_key(KEY), "scopes": ["read"]}
    keys.write_text(json.dumps(line) + "\n")
    port = free_port()
    environ = {k: v for k, v in os.environ.items() if not k.startswith("GIGACITY_")}
    environ |= database.env("api") | {
        "GIGACITY_CITY": str(write_city(folder / "city")),
        "GIGACITY_STATE_DIR": str(folder / "state"),
        "GIGACITY_API_KEYS_FILE": str(keys),
        "GIGACITY_HTTP_LISTEN": f"127.0.0.1:{port}",
        "GIGACITY_EVALUATE_TICK_S": "1",
        "GIGACITY_EVALUATE_ALLOWED_LATENESS_S": "0",
    }
    command = [sys.executable, "-m", "gigacity_deploy", "api", *arguments]
    return Api(subprocess.Popen(command, env=environ), port)


@pytest.fixture
def api(database: InfluxServer, tmp_path: Path) -> Iterator[Api]:
    running = start(database, tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


def test_it_gets_ready_answers_and_ends_in_order(api: Api) -> None:
    wait_until(lambda: api.get("/readyz")[0] == 200, "the API is ready", timeout_s=30)
    status, card = api.get("/api/v1/scorecard", KEY)
    assert (status, card["city"]["code"]) == (200, "371600")
    assert api.get("/api/v1/scorecard")[0] == 401

    api.process.send_signal(signal.SIGTERM)
    assert api.process.wait(timeout=20) == 0


def test_a_replica_serves_what_the_evaluating_process_published(
    api: Api, database: InfluxServer, tmp_path: Path
) -> None:
    wait_until(lambda: api.get("/readyz")[0] == 200, "the API is ready", timeout_s=30)
    folder = tmp_path / "replica"
    folder.mkdir()
    replica = start(database, folder, "--no-evaluate")
    try:
        wait_until(lambda: replica.get("/readyz")[0] == 200, "the replica is", timeout_s=30)
        _, page = replica.get("/api/v1/indicators?scope=city", KEY)
        assert {item["denominator"] for item in page["items"]} >= {24, 320, 60}
    finally:
        replica.process.kill()
        replica.process.wait()


def test_a_terminal_watches_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """``gigacity watch`` over a real API: the scoreboard comes up, and ``q`` ends it."""
    wait_until(lambda: api.get("/readyz")[0] == 200, "the API is ready", timeout_s=30)
    monkeypatch.setenv("GIGACITY_API_URL", f"http://127.0.0.1:{api.port}")
    monkeypatch.setenv("GIGACITY_API_KEY", KEY)
    terminal = WatchTerminal()
    try:
        terminal.until("target")
        terminal.until("ago")
        os.write(terminal.master, b"aq")
        terminal.until("\x1b[?1049l")
        assert terminal.process.wait(10) == 0
        assert terminal.is_restored()
    finally:
        terminal.close()
