"""A webhook's other side, which answers at once: a process that notes when each call arrived.

``python -m tests.bench.calls.service``: prints its port; at the end of its input, the moment (epoch
ms) of every device's first message, as JSON, and how many messages and connections there were.
"""

import asyncio
import json
import sys
from typing import Any

from gigacity_contract.clock import SystemClock

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class _Counter:
    """What arrived."""

    def __init__(self) -> None:
        self.first_ms: dict[str, int] = {}
        self.messages = self.connections = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests of one connection."""
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                writer.write(_ANSWER)
                self._note(json.loads(body), SystemClock().now_ms())
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    def _note(self, message: Any, at_ms: int) -> None:
        self.messages += 1
        for notice in message["data"]["notices"]:
            if notice["act"] == "raise":
                self.first_ms.setdefault(notice["resource"], at_ms)


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def _serve() -> None:
    counter = _Counter()
    server = await asyncio.start_server(counter.talk, "127.0.0.1", 0)
    _say(server.sockets[0].getsockname()[1])
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    found = {"first_ms": counter.first_ms, "messages": counter.messages,
             "connections": counter.connections}  # fmt: skip
    _say(found)


if __name__ == "__main__":
    asyncio.run(_serve())
