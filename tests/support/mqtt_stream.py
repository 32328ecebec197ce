"""Drives an MQTT client over a socket pair with bytes that a test made up, without a broker."""

import select
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from paho.mqtt.enums import MQTTErrorCode

from gigacity_ingest.fast_path.publish_scanner import StockClient


def encode_length(length: int) -> bytes:
    """A remaining length as MQTT writes it."""
    out = bytearray()
    while True:
        length, byte = divmod(length, 128)
        out.append(byte | 128 if length else byte)
        if not length:
            return bytes(out)


def encode_packet(first: int, content: bytes) -> bytes:
    """A packet with its header."""
    return bytes([first]) + encode_length(len(content)) + content


def encode_publish(
    topic: bytes, payload: bytes, flags: int, mid: int, properties: bytes, is_v5: bool
) -> bytes:
    """A PUBLISH; ``flags`` are the lower four bits of its first byte."""
    content = len(topic).to_bytes(2) + topic
    if flags & 6:
        content += mid.to_bytes(2)
    if is_v5:
        content += encode_length(len(properties)) + properties
    return encode_packet(0x30 | flags, content + payload)


@dataclass
class Heard:
    """What a client made of a stream."""

    messages: list[tuple[Any, ...]] = field(default_factory=list)
    sent: bytes = b""
    code: int = 0
    error: str = ""
    is_open: bool = True


def hear(client: StockClient, chunks: Iterable[bytes]) -> Heard:
    """Give a client the chunks, one receive each, as a connection would."""
    heard = Heard()
    client.deliver = lambda *message: heard.messages.append(message)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    client._sock = ours
    # A refusal of 3.1.1 makes paho connect again with 3.1; there is nothing to connect to.
    client.reconnect = lambda: MQTTErrorCode.MQTT_ERR_CONN_REFUSED  # type: ignore[method-assign]
    send = client._sock_send

    def record(buf: bytes | bytearray) -> int:
        size = send(buf)
        heard.sent += buf[:size]
        return size

    client._sock_send = record  # type: ignore[method-assign] # the peer may be gone before it reads
    try:
        for chunk in chunks:
            if client.socket() is None:
                break
            theirs.sendall(chunk)
            _read_all(client, heard)
    finally:
        heard.is_open = client.socket() is not None
        client._sock_close()
        ours.close()
        theirs.close()
    return heard


def _read_all(client: StockClient, heard: Heard) -> None:
    while (sock := client.socket()) is not None and select.select([sock], [], [], 0)[0]:
        try:
            code = client.loop_read()
        except Exception as error:  # noqa: BLE001 - whatever a reader raises is what is compared
            heard.error = repr(error)
            client._sock_close()
            return
        if code:
            heard.code = int(code)
            return
