"""The bytes of the accounting publisher: MQTT 5 as far as a publisher at QoS 1 needs it."""

import asyncio
from collections.abc import Callable, Iterator


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return len(raw).to_bytes(2, "big") + raw


def packet(kind: int, body: bytes) -> bytes:
    length, left = bytearray(), len(body)
    while left > 127:
        length.append(left & 127 | 128)
        left >>= 7
    return bytes([kind]) + bytes([*length, left]) + body


class Connection(asyncio.Protocol):
    """One connection's bytes."""

    def __init__(self, on_ack: Callable[[int, int], None], on_lost: Callable[[], None]) -> None:
        self.connected: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.lost = asyncio.Event()
        self.transport: asyncio.Transport | None = None
        self._on_ack = on_ack
        self._on_lost = on_lost
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()
        if not self.connected.done():
            self.connected.set_result(-1)
        self._on_lost()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for kind, body in self._packets():
            if kind == 0x20:
                self.connected.set_result(body[1])
            elif kind == 0x40:
                code = body[2] if len(body) > 2 else 0
                self._on_ack(int.from_bytes(body[:2], "big"), code)

    def _packets(self) -> Iterator[tuple[int, bytes]]:
        # Nothing that a broker sends to a publisher needs a length of more than two bytes.
        while len(self._buffer) >= 2:
            length, at = self._buffer[1], 2
            if length & 128:
                if len(self._buffer) < 3:
                    return
                length, at = length & 127 | self._buffer[2] << 7, 3
            if len(self._buffer) < at + length:
                return
            kind, body = self._buffer[0] & 0xF0, self._buffer[at : at + length]
            self._buffer = self._buffer[at + length :]
            yield kind, body
