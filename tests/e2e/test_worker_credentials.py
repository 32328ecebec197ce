"""Secrets that are renewed while the worker runs, and a session that the broker lost."""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stack import Stack
from tests.support.mqtt_probe import wait_until
from tests.support.processes import LocalBroker, Login

pytestmark = pytest.mark.e2e

IDENTITY = "371602/olt/olt-a"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A worker that reads its secrets from files."""
    made = Stack(tmp_path)
    if not isinstance(made.broker, LocalBroker):
        made.close()
        pytest.skip("the broker's password file must be the tests' own")
    yield made
    made.close()


def _page(stack: Stack) -> dict[str, Any]:
    url = f"http://127.0.0.1:{stack.http_port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            page: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            page = json.load(error)
    return page


def _metric(stack: Stack, name: str) -> float:
    url = f"http://127.0.0.1:{stack.http_port}/metrics"
    with urllib.request.urlopen(url, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    (value,) = (line.rsplit(" ", 1)[1] for line in lines if line.startswith(name + "{"))
    return float(value)


def test_a_renewed_broker_password_is_taken_without_a_restart(stack: Stack, tmp_path: Path) -> None:
    broker = stack.broker
    assert isinstance(broker, LocalBroker)
    file = tmp_path / "mqtt_password"
    file.write_text(broker.worker.password)
    stack.settings = {"GIGACITY_MQTT_PASSWORD": "", "GIGACITY_MQTT_PASSWORD_FILE": str(file)}
    stack.start_worker("worker-of-a-file")

    renewed = Login(broker.worker.username, secrets.token_urlsafe(24))
    broker.set_worker(renewed)
    wait_until(lambda: str(file) in _page(stack)["reasons"].get("session", ""), "it names the file")
    file.write_text(renewed.password)
    wait_until(lambda: _page(stack)["ready"], "the worker is back", timeout_s=20)
    assert _page(stack)["warnings"] == {}


def test_a_renewed_database_password_is_taken_without_a_restart(
    stack: Stack, tmp_path: Path
) -> None:
    influx = stack.influx
    if influx.flavour != "1":
        pytest.skip("sets the password by InfluxQL")
    env = influx.env("worker")
    file = tmp_path / "influx_password"
    file.write_text(env["GIGACITY_INFLUX_PASSWORD"])
    stack.settings = {"GIGACITY_INFLUX_PASSWORD": "", "GIGACITY_INFLUX_PASSWORD_FILE": str(file)}
    stack.start_worker("worker-of-a-file")
    renewed = secrets.token_urlsafe(24)
    influx.query(f"SET PASSWORD FOR \"{env['GIGACITY_INFLUX_USERNAME']}\" = '{renewed}'", "")
    with stack.client(IDENTITY):
        pass  # It says that it is there, and that it leaves.
    wait_until(
        lambda: str(file) in _page(stack)["reasons"].get("database", ""), "it names the file"
    )
    file.write_text(renewed)
    stack.drain(received=1)
    wait_until(lambda: _page(stack)["ready"], "the worker is back", timeout_s=20)


def test_a_session_that_the_broker_lost_is_told_of_and_counted(stack: Stack) -> None:
    stack.start_worker()
    assert _metric(stack, "gigacity_worker_sessions_lost_total") == 0
    stack.stop_worker()
    stack.broker.stop()
    (stack.folder / "broker" / "data" / "mosquitto.db").unlink()
    stack.broker.start()
    stack.start_worker()
    assert "no longer had the session" in _page(stack)["warnings"]["session_queue"]
    assert _metric(stack, "gigacity_worker_sessions_lost_total") == 1
