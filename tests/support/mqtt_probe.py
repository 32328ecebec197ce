"""The smallest MQTT client: does the broker let this user in? And polling with a deadline."""

import socket
import time
from collections.abc import Callable


def _text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def can_connect(host: str, port: int, username: str, password: str, *, client_id: str = "") -> bool:
    """Whether a CONNECT (MQTT 3.1.1, clean session) with this login is accepted."""
    body = (
        _text("MQTT") + b"\x04\xc2\x00\x0a" + _text(client_id) + _text(username) + _text(password)
    )
    length = len(body)
    assert length < 128 * 128
    encoded = bytes([length]) if length < 128 else bytes([length % 128 | 0x80, length // 128])
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(b"\x10" + encoded + body)
            answer = connection.recv(4)
            connection.sendall(b"\xe0\x00")
    except OSError:
        return False
    return answer[:2] == b"\x20\x02" and answer[3:4] == b"\x00"


def wait_until(
    condition: Callable[[], bool], what: str, *, timeout_s: float = 15.0, every_s: float = 0.05
) -> None:
    """Poll until the condition holds.

    Raises:
        AssertionError: the deadline passed; says what was waited for.
    """
    give_up = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < give_up, f"not within {timeout_s:g} s: {what}"
        time.sleep(every_s)
