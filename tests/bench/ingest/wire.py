"""Just enough MQTT 3.1.1 to make a session, end it, and fill a queue quickly.

Blocking, one socket, not for anything that must survive a fault: whatever is unexpected raises.
"""

import socket
import struct
from collections.abc import Iterable
from typing import NamedTuple

from gigacity_contract.errors import GigacityError

_TIMEOUT_S = 60.0
_WINDOW = 500
"""Unacknowledged messages; far below the 65,535 packet ids."""
_CONNACK, _PUBACK, _SUBACK = 0x20, 0x40, 0x90


class WireError(GigacityError):
    """The broker did not do what it was asked for."""


class Login(NamedTuple):
    """Where and as whom; an empty user name connects without."""

    host: str
    port: int
    username: str
    password: str


def _text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(raw)) + raw


def _packet(kind: int, body: bytes) -> bytes:
    size, header = len(body), bytearray([kind])
    while True:
        size, byte = size // 128, size % 128
        header.append(byte | (128 if size else 0))
        if not size:
            return bytes(header) + body


def publish_packet(topic: str, payload: bytes, mid: int) -> bytes:
    """A PUBLISH of QoS 1."""
    return _packet(0x32, _text(topic) + struct.pack("!H", mid) + payload)


class Wire:
    """One connection; a context manager that disconnects in an orderly way.

    Raises:
        WireError: the broker cannot be reached, or refuses.
    """

    def __init__(self, login: Login, client_id: str, *, is_clean: bool = True) -> None:
        try:
            self._sock = socket.create_connection((login.host, login.port), timeout=_TIMEOUT_S)
        except OSError as error:
            raise WireError(f"no broker at {login.host}:{login.port}: {error}") from error
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        flags = (0x02 if is_clean else 0) | (0xC0 if login.username else 0)
        body = _text("MQTT") + bytes([4, flags]) + struct.pack("!H", 0) + _text(client_id)
        if login.username:
            body += _text(login.username) + _text(login.password)
        self._sock.sendall(_packet(0x10, body))
        code = self._expect(_CONNACK, 4)[3]
        if code:
            self._sock.close()
            raise WireError(
                f"the broker refuses {login.username or 'nobody'} (return code {code});"
                " set GIGACITY_MQTT_USERNAME and GIGACITY_MQTT_PASSWORD"
            )

    @property
    def socket(self) -> socket.socket:
        """The connection, for who sends and receives at a pace of his own."""
        return self._sock

    def subscribe(self, topic_filters: Iterable[str]) -> None:
        """Subscribe with QoS 1.

        Raises:
            WireError: refused.
        """
        filters = list(topic_filters)
        body = struct.pack("!H", 1) + b"".join(_text(f) + b"\x01" for f in filters)
        self._sock.sendall(_packet(0x82, body))
        granted = self._expect(_SUBACK, 4 + len(filters))[4:]
        if granted != b"\x01" * len(filters):
            raise WireError(f"the broker refuses to subscribe {', '.join(filters)}")

    def publish(self, messages: Iterable[tuple[str, bytes]]) -> int:
        """Publish with QoS 1 and wait for every acknowledgement; how many there were.

        Raises:
            WireError: the broker ended the connection, which is how it refuses a topic of 3.1.1.
        """
        count = 0
        window: list[bytes] = []
        for topic, payload in messages:
            window.append(publish_packet(topic, payload, len(window) + 1))
            if len(window) == _WINDOW:
                count += self._send(window)
        return count + self._send(window)

    def _send(self, window: list[bytes]) -> int:
        count = len(window)
        self._sock.sendall(b"".join(window))
        window.clear()
        if count:
            acks = self._receive(4 * count)
            if set(acks[::4]) != {_PUBACK}:
                raise WireError("the broker answered a message with something else than PUBACK")
        return count

    def _expect(self, kind: int, size: int) -> bytes:
        packet = self._receive(size)
        if packet[0] != kind:
            raise WireError(f"the broker sent packet {packet[0]:#x} instead of {kind:#x}")
        return packet

    def _receive(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            try:
                part = self._sock.recv(size - len(found))
            except OSError as error:
                raise WireError(f"no answer from the broker: {error}") from error
            if not part:
                raise WireError("the broker closed the connection: is the user allowed to do this?")
            found += part
        return bytes(found)

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._sock.sendall(b"\xe0\x00")
        except OSError:
            return
        finally:
            self._sock.close()


def make_session(login: Login, client_id: str, topic_filters: Iterable[str]) -> None:
    """Leave a persistent session behind, empty, with these subscriptions."""
    end_session(login, client_id)
    with Wire(login, client_id, is_clean=False) as wire:
        wire.subscribe(topic_filters)


def end_session(login: Login, client_id: str) -> None:
    """Forget the session and whatever waits in it."""
    with Wire(login, client_id):
        pass
