"""A TCP proxy that misbehaves on demand, so that faults of the network need no privileges.

It lives in one asyncio loop; ``behave`` and the rest are called there. A stalled link keeps its
bytes and delivers them later, as TCP would. Whatever is drawn at random comes from the seed.
"""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from random import Random
from typing import Literal

_CHUNK = 65_536
_LINGER_ZERO = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How the proxy treats its connections; the default is well."""

    refuses: bool = False
    """New connections are refused; those that exist go on."""
    is_silent: bool = False
    """A black hole: connections are accepted, and no byte passes either way."""
    latency_s: float = 0.0
    """Before each chunk, in each direction."""
    bytes_per_s: float = 0.0
    """In each direction of each connection; 0: no limit."""
    cut_after: tuple[int, int] | None = None
    """Each new connection ends in mid-stream after so many bytes, drawn between the two."""


GOOD = Conduct()


@dataclass(eq=False)
class _Link:
    """One connection: the client's side and the server's."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    left: int | None
    """Bytes until it is cut."""
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def reset(self) -> None:
        """End both sides at once, with a reset instead of an end of stream."""
        for side in (self.client, self.server):
            sock = side.get_extra_info("socket")
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
            side.transport.abort()

    def close(self) -> None:
        """End both sides; what was written before still arrives."""
        self.client.close()
        self.server.close()


class TcpProxy:
    """Passes connections to one server on loopback."""

    def __init__(self, server_port: int, *, seed: int = 0, host: str = "127.0.0.1") -> None:
        self.port = 0
        """Where it listens; the same after a refusal."""
        self.accepted = 0
        self.conduct = GOOD
        self._host = host
        self._server_port = server_port
        self._rng = Random(seed)  # noqa: S311 - repeatable
        self._changed = asyncio.Event()
        self._listener: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._flapping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen on a free port, or again on the one it had."""
        self._listener = await asyncio.start_server(self._serve, self._host, self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End everything."""
        await self.steady()
        await self._stop_listening()
        self.reset_all()

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._links)

    # --- misbehaving ----------------------------------------------------------------------------

    async def behave(self, conduct: Conduct = GOOD) -> None:
        """Change the treatment of all connections, at once."""
        self.conduct = conduct
        self._changed.set()
        self._changed = asyncio.Event()
        if conduct.refuses:
            await self._stop_listening()
        elif self._listener is None:
            await self.start()

    def reset_all(self) -> None:
        """Reset every connection."""
        for link in list(self._links):
            link.reset()

    def cut_all(self) -> None:
        """Close every connection in order, wherever its stream is."""
        for link in list(self._links):
            link.close()

    def half_close(self, towards: Literal["client", "server"]) -> None:
        """Let one side read the end of the stream, while its own bytes still pass."""
        for link in list(self._links):
            side = link.client if towards == "client" else link.server
            if side.can_write_eof() and not side.is_closing():
                side.write_eof()

    def flap(self, *, up_s: tuple[float, float], down_s: tuple[float, float]) -> None:
        """Go down and up again, for times and in ways that the seed gives, until ``steady``."""
        self._flapping = asyncio.get_running_loop().create_task(self._flap(up_s, down_s))

    async def steady(self) -> None:
        """End ``flap``; behave well."""
        if self._flapping is not None:
            self._flapping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flapping
            self._flapping = None
        await self.behave()

    async def _flap(self, up_s: tuple[float, float], down_s: tuple[float, float]) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(*up_s))
            await self.go_down()
            await asyncio.sleep(self._rng.uniform(*down_s))
            await self.behave()

    async def go_down(self) -> str:
        """Fail in one of the ways, which the seed gives; its name."""
        way = self._rng.choice(("refuse", "silent", "cut", "half", "slow", "truncate"))
        match way:
            case "refuse":
                await self.behave(Conduct(refuses=True))
                self.reset_all()
            case "silent":
                await self.behave(Conduct(is_silent=True))
            case "cut":
                self.cut_all()
                await self.behave(Conduct(refuses=True))
            case "half":
                self.half_close(self._rng.choice(("client", "server")))
            case "slow":
                await self.behave(Conduct(latency_s=0.05, bytes_per_s=20_000))
            case _:
                self.reset_all()
                await self.behave(Conduct(cut_after=(1, 20_000)))
        return way

    # --- passing --------------------------------------------------------------------------------

    async def _stop_listening(self) -> None:
        # Not wait_closed: it waits for connections, too, from Python 3.12 on.
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            upstream, server = await asyncio.open_connection(self._host, self._server_port)
        except OSError:
            # What listens nowhere refuses; a proxy can only reset.
            _Link(writer, writer, None).reset()
            return
        cut = self.conduct.cut_after
        link = _Link(writer, server, self._rng.randint(*cut) if cut else None)
        self._links.add(link)
        link.tasks = [
            asyncio.ensure_future(self._pass(link, reader, server)),
            asyncio.ensure_future(self._pass(link, upstream, writer)),
        ]
        try:
            await asyncio.gather(*link.tasks)
        finally:
            self._links.discard(link)
            link.close()

    async def _pass(
        self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One direction, until its end."""
        try:
            while data := await reader.read(self._chunk()):
                await self._delay(len(data))
                if link.left is not None:
                    data, link.left = data[: link.left], link.left - len(data)
                writer.write(data)
                await writer.drain()
                if link.left is not None and link.left <= 0:
                    link.close()
                    return
            if writer.can_write_eof() and not writer.is_closing():
                writer.write_eof()
        except (OSError, RuntimeError):
            # One side is gone; a RuntimeError is asyncio's way to say that it is closing.
            link.reset()

    def _chunk(self) -> int:
        rate = self.conduct.bytes_per_s
        return max(1, min(_CHUNK, int(rate / 10))) if rate else _CHUNK

    async def _delay(self, length: int) -> None:
        while self.conduct.is_silent:
            await self._changed.wait()
        rate = self.conduct.bytes_per_s
        wait_s = self.conduct.latency_s + (length / rate if rate else 0.0)
        if wait_s:
            await asyncio.sleep(wait_s)
