"""A broker that ends a session, and says why."""

import json
import queue
import socket
import sqlite3
import threading
import time

import pytest

from gigacity_contract.access import Address, Secret
from gigacity_contract.safety import SafetyEvent
from gigacity_notify.broker import BrokerLink
from tests.support.http_double import socket_service
from tests.support.mqtt_probe import wait_until
from tests.support.notices import logged

CONNACK = bytes.fromhex("2003000000")
DISCONNECT = bytes.fromhex("e0028e00")
"""Session taken over."""


def test_the_reason_of_an_end_is_said_once() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(CONNACK)
        connection.recv(65_536)
        connection.sendall(DISCONNECT)
        time.sleep(0.5)

    with socket_service(talk) as port, logged("gigacity_notify.broker") as lines:
        link = BrokerLink(
            Address("mqtt", "127.0.0.1", port), lambda _: None, client_id="n", username="u",
            password=Secret("p"),
        )  # fmt: skip
        assert link.standing.problem == f"there is no session at mqtt://127.0.0.1:{port}"
        link.start()
        try:
            wait_until(lambda: "ended" in link.standing.problem, "the end")
        finally:
            link.stop()
    (line,) = lines
    assert line["log_level"] == "warning"
    assert f"mqtt://127.0.0.1:{port} ended: Session taken over; " in line["problem"]


class FullDisk:
    """Keeps nothing until there is room."""

    def __init__(self) -> None:
        self.has_room = threading.Event()
        self.tried = threading.Semaphore(0)
        self.kept: list[SafetyEvent] = []

    def take(self, events: list[SafetyEvent]) -> None:
        self.tried.release()
        if not self.has_room.is_set():
            raise sqlite3.OperationalError("database or disk is full")
        self.kept += events


def _publish(mid: int, device: str) -> bytes:
    event = {"kind": "sos_button", "area": "371602", "community": "371602001001",
             "device": device, "ts": 1}  # fmt: skip
    topic = b"gigacity/safety/371602/371602001001/sos-1"
    body = len(topic).to_bytes(2, "big") + topic + mid.to_bytes(2, "big") + b"\0"
    body += json.dumps(event, separators=(",", ":")).encode()
    assert 128 <= len(body) < 16_384
    return bytes((0x32, len(body) & 127 | 128, len(body) >> 7)) + body


def test_what_cannot_be_kept_is_not_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gigacity_notify.broker.FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr("gigacity_notify.broker.LONGEST_PAUSE_S", 0.02)
    heard: queue.Queue[bytes] = queue.Queue()
    disk = FullDisk()

    def talk(connection: socket.socket) -> None:
        connection.sendall(CONNACK)
        subscribe = connection.recv(65_536)
        connection.sendall(b"\x90\x04" + subscribe[2:4] + b"\0\x01")
        connection.sendall(_publish(7, "sos-1") + _publish(8, "sos-2"))
        while found := connection.recv(65_536):
            heard.put(found)

    with socket_service(talk) as port, logged("gigacity_notify.broker") as lines:
        link = BrokerLink(
            Address("mqtt", "127.0.0.1", port), disk.take, client_id="n", username="u",
            password=Secret("p"),
        )  # fmt: skip
        link.start()
        try:
            for _ in range(4):
                assert disk.tried.acquire(timeout=10)
            assert heard.empty()
            disk.has_room.set()
            wait_until(lambda: len(disk.kept) == 2, "both events")
            found = b""
            while len(found) < 8:
                found += heard.get(timeout=10)
        finally:
            link.stop()
    assert found == bytes.fromhex("40020007") + bytes.fromhex("40020008")
    assert [event.device for event in disk.kept] == ["sos-1", "sos-2"]
    names = [line["event"] for line in lines if line["event"].startswith("notify.events")]
    assert names[:2] == ["notify.events_not_kept", "notify.events_kept"]


def test_the_end_waits_for_no_disk() -> None:
    disk = FullDisk()

    def talk(connection: socket.socket) -> None:
        connection.sendall(CONNACK)
        subscribe = connection.recv(65_536)
        connection.sendall(b"\x90\x04" + subscribe[2:4] + b"\0\x01" + _publish(7, "sos-1"))
        assert connection.recv(65_536)[:1] != b"\x40"

    with socket_service(talk) as port:
        link = BrokerLink(
            Address("mqtt", "127.0.0.1", port), disk.take, client_id="n", username="u",
            password=Secret("p"),
        )  # fmt: skip
        link.start()
        assert disk.tried.acquire(timeout=10)
        before_s = time.monotonic()
        link.stop()
    assert time.monotonic() - before_s < 0.9
