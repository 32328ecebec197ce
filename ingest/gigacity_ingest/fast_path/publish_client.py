"""Chooses the MQTT reader: the quick one if paho is what it was written for, else the stock one.

The check looks at version and private names, then rehearses a short conversation in memory.
"""

import inspect
from importlib.metadata import version
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from gigacity_ingest.fast_path.publish_scanner import Deliver, ScanningClient, StockClient

SUPPORTED_VERSION = "2.2."
_PRIVATE_METHODS = {
    "_sock_recv": ["self", "bufsize"],
    "_sock_close": ["self"],
    "_packet_read": ["self"],
    "_packet_queue": ["self", "command", "packet", "mid", "qos", "info"],
    "_loop_rc_handle": ["self", "rc"],
    "_easy_log": ["self", "level", "fmt", "args"],
}
_PRIVATE_FIELDS = (
    "_sock", "_protocol", "_in_packet", "_msgtime_mutex", "_last_bytes_received", "_ping_t",
)  # fmt: skip
log = structlog.get_logger("mqtt")


def build_client(deliver: Deliver, **options: Any) -> StockClient:
    """A client that gives every message to ``deliver``.

    Args:
        deliver: see ``PublishClient``.
        options: of ``paho.Client``, the callback version aside; give ``manual_ack=True``.
    """
    problem = paho_problem()
    if options.get("transport", "tcp") != "tcp":
        problem = f"transport {options['transport']}"
    if problem is not None:
        log.warning("stock_mqtt_reader", reason=problem, effect="reading costs more")
    client_type = ScanningClient if problem is None else StockClient
    client = client_type(CallbackAPIVersion.VERSION2, **options)
    client.deliver = deliver
    return client


def paho_problem() -> str | None:
    """Why the quick reader must not be used here; None if it may."""
    installed = version("paho-mqtt")
    if not installed.startswith(SUPPORTED_VERSION):
        return f"paho-mqtt {installed} is not {SUPPORTED_VERSION}x"
    for name, expected in _PRIVATE_METHODS.items():
        method = getattr(paho.Client, name, None)
        if method is None or list(inspect.signature(method).parameters) != expected:
            return f"paho.Client.{name} is missing or takes other arguments"
    probe = vars(StockClient(CallbackAPIVersion.VERSION2))
    for name in _PRIVATE_FIELDS:
        if name not in probe:
            return f"paho.Client.{name} is missing"
    try:
        return _rehearse(paho.MQTTv5, b"\x00") or _rehearse(paho.MQTTv311, b"")
    except Exception as error:  # noqa: BLE001 - whatever happens, the answer is the stock reader
        return f"the rehearsal failed: {error!r}"


class _Rehearsal:
    """A socket whose other side has said its part already."""

    def __init__(self, parts: list[bytes]) -> None:
        self.parts = parts
        self.sent = b""
        self.is_closed = False

    def recv(self, _size: int) -> bytes:
        return self.parts.pop(0) if self.parts else b""

    def send(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    def close(self) -> None:
        self.is_closed = True


def _rehearse(protocol: Any, no_properties: bytes) -> str | None:
    """One conversation over every path; what went otherwise than expected, if anything."""
    heard: list[tuple[Any, ...]] = []
    client = ScanningClient(CallbackAPIVersion.VERSION2, protocol=protocol, manual_ack=True)
    client.deliver = lambda *message: heard.append(message)
    publish = _packet(0x32, b"\x00\x01a\x00\x07" + no_properties + b"one")
    other = _packet(0x31, b"\x00\x01b" + (no_properties and b"\x02\x01\x00") + b"two")
    sock = _Rehearsal([publish + other + b"\xd0\x00" + other + publish[:5], publish[5:], b""])
    client._sock = sock  # type: ignore[assignment] # noqa: SLF001 - a rehearsal needs no network.
    client._ping_t = 1.0  # noqa: SLF001 - a ping is under way; its answer is paho's to read.
    codes = [client.loop_read() for _ in range(2)]
    client.ack_many([7, 8])
    codes.append(client.loop_read())
    message, zero = (7, b"a", b"one", 1, False, False), (0, b"b", b"two", 0, True, False)
    if heard != [message, zero, zero, message]:
        return f"the rehearsal delivered {heard}"
    if codes != [0, 0, MQTTErrorCode.MQTT_ERR_CONN_LOST] or not sock.is_closed:
        return f"the rehearsal ended with {codes}"
    if client._ping_t:  # noqa: SLF001 - as above.
        return "paho did not read the answer to its ping"
    if sock.sent != b"\x40\x02\x00\x07\x40\x02\x00\x08":
        return f"the rehearsal acknowledged with {sock.sent!r}"
    return None


def _packet(first: int, content: bytes) -> bytes:
    return bytes([first, len(content)]) + content
