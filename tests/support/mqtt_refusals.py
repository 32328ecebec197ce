"""Stands before a broker and refuses subscriptions in its place; everything else passes.

Mosquitto with an ``acl_file`` grants every subscription. A filter that is to be refused is sent on
under a name of the same length that nobody publishes to, and its code in the answer is changed.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

_SUBSCRIBE, _SUBACK, _NOT_AUTHORIZED = 8, 9, 0x87


class RefusingFront:
    """Listens on a free port before the broker at ``broker_port``, until ``close``."""

    def __init__(self, broker_port: int) -> None:
        self.refuses: set[str] = set()
        self.refusals = 0
        self._broker_port = broker_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End everything."""
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._broker_port))
                self._sockets += [client, server]
                refused: dict[bytes, list[int]] = {}
                self._pass(client, server, partial(self._ask, refused))
                self._pass(server, client, partial(self._answer, refused))

    def _pass(
        self, source: socket.socket, sink: socket.socket, change: Callable[[bytearray], None]
    ) -> None:
        def run() -> None:
            with suppress(OSError):
                for packet in _packets(source):
                    change(packet)
                    sink.sendall(packet)
            with suppress(OSError):
                sink.shutdown(socket.SHUT_WR)

        threading.Thread(target=run, daemon=True).start()

    def _ask(self, refused: dict[bytes, list[int]], packet: bytearray) -> None:
        """Note which filters of a SUBSCRIBE are refused, and make them harmless."""
        if packet[0] >> 4 != _SUBSCRIBE:
            return
        start = _body(packet)
        at, number, places = start + 3 + packet[start + 2], 0, []
        while at < len(packet):
            end = at + 2 + int.from_bytes(packet[at : at + 2])
            if packet[at + 2 : end].decode() in self.refuses:
                places.append(number)
                packet[at + 2 : at + 4] = b"__"
            at, number = end + 1, number + 1
        refused[bytes(packet[start : start + 2])] = places

    def _answer(self, refused: dict[bytes, list[int]], packet: bytearray) -> None:
        if packet[0] >> 4 != _SUBACK:
            return
        start = _body(packet)
        codes = start + 3 + packet[start + 2]
        for number in refused.pop(bytes(packet[start : start + 2]), []):
            packet[codes + number] = _NOT_AUTHORIZED
            self.refusals += 1


def _body(packet: bytearray) -> int:
    """Where the variable header begins."""
    at = 1
    while packet[at] & 0x80:
        at += 1
    return at + 1


def _packets(source: socket.socket) -> Iterator[bytearray]:
    """Whole control packets, until the end of the stream."""
    stream = source.makefile("rb")
    while head := bytearray(stream.read(1)):
        length = shift = 0
        while True:
            head += (byte := stream.read(1))
            if not byte:
                return
            length |= (byte[0] & 0x7F) << shift
            shift += 7
            if not byte[0] & 0x80:
                break
        body = stream.read(length)
        if len(body) < length:
            return
        yield head + body
