"""The stock reader and ours against a real Mosquitto: messages a second and CPU a message."""

import contextlib
import json
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gigacity_deploy.sockets import free_port
from tests.bench.publish_reader_run import connect, make_client
from tests.support.mqtt_probe import wait_until

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]

ROUNDS = 5
SHAPES = {"pon, 4,300 bytes": (4300, 15_000), "device, 200 bytes": (200, 60_000)}
PROTOCOLS = {"5": paho.MQTTv5, "3.1.1": paho.MQTTv311}


@pytest.fixture
def broker_port(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    config = tmp_path / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
        "max_inflight_messages 0\nset_tcp_nodelay true\n"
    )
    process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", config], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_listening(port), "the broker listens")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def is_listening(port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    return False


def subscribe(port: int, protocol: int, client_id: str) -> None:
    """Leave a session behind that collects messages."""
    client = make_client("stock", client_id, protocol)
    granted: list[bool] = []
    client.on_subscribe = lambda *_: granted.append(True)
    connect(client, port, protocol)
    client.subscribe("gigacity/v1/#", 1)
    while not granted:
        client.loop(0.05)
    client.disconnect()
    client.loop(0.1)


def fill(port: int, protocol: int, client_ids: list[str], size: int, count: int) -> None:
    """Sessions that are away, with ``count`` messages in the queue of each."""
    for client_id in client_ids:
        subscribe(port, protocol, client_id)
    publisher = paho.Client(CallbackAPIVersion.VERSION2)
    publisher.max_inflight_messages = 1000
    publisher.connect("127.0.0.1", port)
    publisher.loop_start()
    for number in range(count):
        info = publisher.publish(f"gigacity/v1/371602/olt/olt-{number % 2600}/pon", b"x" * size, 1)
    info.wait_for_publish(120)
    publisher.disconnect()
    publisher.loop_stop()


def drain(reader: str, port: int, protocol: int, client_id: str, count: int) -> dict[str, Any]:
    arguments = [reader, str(port), str(protocol), client_id, str(count)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.publish_reader_run", *arguments],
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("version", PROTOCOLS)
@pytest.mark.parametrize("shape", SHAPES)
def test_messages_and_cpu(broker_port: int, shape: str, version: str) -> None:
    """Medians of interleaved rounds; every message of the queue arrives at both."""
    size, count = SHAPES[shape]
    protocol = PROTOCOLS[version]
    results: dict[str, list[dict[str, Any]]] = {"stock": [], "quick": []}
    for number in range(ROUNDS):
        ids = {reader: f"{reader}-{number}" for reader in results}
        fill(broker_port, protocol, list(ids.values()), size, count)
        for reader, client_id in ids.items():
            results[reader].append(drain(reader, broker_port, protocol, client_id, count))
    assert all(r["messages"] == count for rounds in results.values() for r in rounds)

    median = {
        reader: {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
        for reader, rounds in results.items()
    }
    stock, quick = median["stock"], median["quick"]
    rate, cpu = quick["per_s"] / stock["per_s"], stock["cpu_us"] / quick["cpu_us"]
    sys.stdout.write(
        f"\nMQTT {version}, {shape}: stock {stock['per_s']:,.0f}/s {stock['cpu_us']:.1f} us,"
        f" quick {quick['per_s']:,.0f}/s {quick['cpu_us']:.1f} us:"
        f" messages/s x {rate:.1f}, CPU a message / {cpu:.1f}\n"
    )
