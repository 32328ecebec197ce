"""No acknowledged message is lost, whatever is killed or stopped in the middle of a stream."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gigacity_contract.clock import SystemClock
from tests.e2e.stack import Stack
from tests.support.city import AREA_A
from tests.support.mqtt_probe import wait_until
from tests.support.tcp_proxy_http import HttpGate

pytestmark = pytest.mark.e2e

IDENTITY = f"{AREA_A}/olt/olt-a"
PORTS = 16


class Stream:
    """Publishes PON reports of 16 ports in a thread; each has a time of its own."""

    def __init__(
        self, stack: Stack, messages: int, per_second: int, *, seconds_ago: int = 60
    ) -> None:
        self._first_ms = SystemClock().now_ms() - seconds_ago * 1000
        login = stack.broker.add_user(IDENTITY)
        self.messages = messages
        self._pause_s = 1 / per_second
        self._acknowledged = 0
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id="stream", protocol=paho.MQTTv5)
        client.username_pw_set(login.username, login.password)
        if stack.broker.ca:
            client.tls_set(ca_certs=str(stack.broker.ca))
        client.reconnect_delay_set(1, 1)
        client.max_queued_messages_set(0)
        client.on_publish = self._count
        client.connect(stack.broker.host, stack.broker.port)
        self._client = client
        self._thread = threading.Thread(target=self._run)

    def _count(self, *_: Any) -> None:
        self._acknowledged += 1

    def start(self) -> "Stream":
        self._client.loop_start()
        self._thread.start()
        return self

    def _run(self) -> None:
        for number in range(self.messages):
            ports = [
                {"slot": 1, "port": p, "tech": "xgs-pon", "admin": "up", "oper": "up",
                 "rx_bytes": number}
                for p in range(PORTS)
            ]  # fmt: skip
            body = json.dumps({"ts": self._first_ms + number, "seq": number, "ports": ports})
            self._client.publish(f"gigacity/v1/{IDENTITY}/pon", body, qos=1)
            time.sleep(self._pause_s)

    def finish(self) -> None:
        """Wait until the broker has acknowledged every message."""
        self._thread.join()
        wait_until(lambda: self._acknowledged == self.messages, "the broker has every message")
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path)
    yield made
    made.close()


def _stored(stack: Stack) -> int:
    # With a condition on it openGemini counts a point once, however often it was written.
    q = "SELECT count(rx_bytes) AS n FROM pon_port WHERE rx_bytes >= 0"
    rows = stack.influx.query(q, "raw")
    return int(rows[0]["n"]) if rows else 0


def _readiness(stack: Stack) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{stack.http_port}/readyz") as answer:
            return answer.status, json.load(answer)["reasons"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["reasons"]


def test_the_database_is_killed_and_comes_back(stack: Stack) -> None:
    stack.start_worker()
    stream = Stream(stack, messages=600, per_second=200).start()
    time.sleep(0.5)
    stack.influx.kill()
    wait_until(lambda: _readiness(stack)[0] == 503, "the worker says that it is not ready")
    assert "database" in _readiness(stack)[1]
    time.sleep(1.0)
    stack.influx.start()
    stream.finish()
    ledger = stack.drain(received=stream.messages)

    assert _stored(stack) == stream.messages * PORTS
    assert ledger["balanced"]
    assert ledger["points"]["dead_lettered"] == 0
    wait_until(lambda: _readiness(stack)[0] == 200, "the worker is ready again")


def test_the_database_takes_writes_and_dies_in_the_middle_of_each_answer(stack: Stack) -> None:
    direct_url = stack.influx.url
    gate = HttpGate(urlsplit(direct_url).port or 0)
    gate.start()
    stack.influx.url = f"http://127.0.0.1:{gate.port}"
    try:
        stack.start_worker("worker-behind-the-gate")
        gate.loses_answers, gate.arriving_bytes = True, len("HTTP/1.1 204 No")
        stream = Stream(stack, messages=400, per_second=200).start()
        wait_until(lambda: gate.tally.lost_answers > 3, "answers are cut off")
        wait_until(lambda: "database" in _readiness(stack)[1], "the worker says so")
        gate.loses_answers = False
        stream.finish()
        ledger = stack.drain(received=stream.messages)
        wait_until(lambda: _stored(stack) == stream.messages * PORTS, "every point is stored once")
    finally:
        gate.close()
        stack.influx.url = direct_url

    written = gate.tally.points["raw"]
    assert written > stream.messages * PORTS, "points were written again, over themselves"
    assert (ledger["balanced"], ledger["points"]["dead_lettered"]) == (True, 0)


def test_the_worker_is_killed_twice_while_the_database_is_away(stack: Stack) -> None:
    stack.start_worker()
    stream = Stream(stack, messages=600, per_second=200).start()
    time.sleep(0.4)
    stack.worker.kill()
    stack.influx.kill()
    stack.worker.start()
    time.sleep(1.0)
    stack.worker.kill()
    stack.influx.start()
    stack.start_worker()
    stream.finish()
    wait_until(
        lambda: _stored(stack) == stream.messages * PORTS, "every acknowledged point is stored"
    )

    assert stack.ledger()["balanced"]


def test_the_broker_restarts(stack: Stack) -> None:
    stack.start_worker()
    stream = Stream(stack, messages=600, per_second=200).start()
    time.sleep(0.8)
    stack.broker.stop()
    wait_until(lambda: "session" in _readiness(stack)[1], "the worker says what it has lost")
    stack.broker.start()
    stream.finish()
    wait_until(
        lambda: _stored(stack) == stream.messages * PORTS, "every acknowledged point is stored"
    )
    ledger = stack.drain(received=1)

    assert ledger["balanced"]
    # A restarted Mosquitto now and then sends new messages before those that it sends again.
    assert ledger["sequence_gaps"] <= ledger["sequence_reordered"], (
        "what was passed over came later"
    )


def test_an_orderly_end_acknowledges_what_was_read_and_leaves_the_rest(stack: Stack) -> None:
    stack.start_worker()
    stream = Stream(stack, messages=600, per_second=600).start()
    time.sleep(0.4)
    stack.stop_worker()
    last = json.loads(stack.worker.log_tail().splitlines()[-1])
    assert (last["unacknowledged"], last["balanced"]) == (0, True)
    stack.start_worker()
    stream.finish()
    wait_until(
        lambda: _stored(stack) == stream.messages * PORTS, "every acknowledged point is stored"
    )
    received = stack.drain(received=1)["messages"]["received"]

    assert last["acknowledged"] + received == stream.messages, "nothing was read twice"
