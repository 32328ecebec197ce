"""The process that answers questions of the past, as the one that serves sees it.

A past instant is a whole start of the service: seconds of computing, which here would take turns
with the event loop and with the evaluator. It is begun by the first question, keeps city and
recomputations between questions, and is ended when nobody has asked for a while.

Each question is a socket of its own, handed over on the process's standard input; when that ends,
so does the process, however this one ended. One that does not start is begun again with growing
pauses, and whoever asks meanwhile is told so.
"""

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog
from anyio import to_thread
from fastapi import Response
from starlette.datastructures import MutableHeaders

from gigacity_api.errors import RecomputationBusyError, RecomputationCalledOffError
from gigacity_api.http.asgi_frames import receive_message, send_message
from gigacity_api.http.callers import AUTHORIZATION, named
from gigacity_api.http.child_handle import ChildHandle
from gigacity_api.http.envelope import REQUEST_ID
from gigacity_api.http.shares import CALLER

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

IDLE_S = 300.0
"""After the last answer it is kept for so long: beginning takes seconds, waiting memory."""

MOST_OPEN = 150
"""Questions that are being answered, sending included. Each takes a file beside its caller's, and
callers alone may take four fifths of the files that a process may open."""

TAKEN_WITHIN_S = 60.0
"""It hears a question at once, but for its start, which takes seconds; whoever does not is stuck,
and would keep everybody waiting."""

_ENDING_S = 0.1
"""Its sockets close a moment before it has ended."""

_PASSED_ON = (
    "type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string",
    "root_path", "headers", "client", "server",
)  # fmt: skip

_log = structlog.get_logger("gigacity_api.as_of")


class AsOfProcess:
    """Begins, asks and ends one process; used from one event loop."""

    def __init__(
        self, module: str, given: bytes, prepare: Callable[[], None] = lambda: None
    ) -> None:
        """No process yet.

        Args:
            module: is run in it.
            given: what it reads first: settings, secrets among them, which no list of processes
                and no environment shows.
            prepare: is called in a thread before it begins; puts right what it will read.
        """
        self._child = ChildHandle(module, given)
        self._prepare = prepare
        self._preparing = asyncio.Lock()
        self._open = 0
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """Of the process that runs."""
        return self._child.pid

    def start(self) -> None:
        """Nothing: the first question begins it."""

    def stop(self) -> None:
        """End it at once; nothing of it is kept."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        self._child.end()

    def heard(self, pid: int | None) -> None:
        """A process has heard a question: it works."""
        if pid == self.pid:
            self._child.works()

    def stop_stuck(self, pid: int | None) -> None:
        """End the process that did not hear a question, unless another has taken its place."""
        if pid is not None and pid == self.pid:
            _log.warning("process of the past is stuck", pid=pid)
            self.stop()

    def check_start(self) -> None:
        """Whether a process may begin, if none runs.

        Raises:
            RecomputationCalledOffError: the last one ended before it heard a question.
        """
        wait_s = self._child.wait_s()
        if wait_s > 0:
            raise RecomputationCalledOffError(
                "the process that answers questions of the past does not start; it is tried again"
                f" in {math.ceil(wait_s)} s, and the log of the service says why"
            )

    def answer(self) -> Response:
        """The answer of a request, which is made while it is sent."""
        return _Relayed(self)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection to it; whoever leaves it calls off what was asked.

        Raises:
            RecomputationBusyError: too many are being answered.
            RecomputationCalledOffError: it takes no more questions.
        """
        if self._open >= MOST_OPEN:
            raise RecomputationBusyError(f"{MOST_OPEN} questions of the past are being answered")
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        self._open += 1
        try:
            await self._prepared()
            reader, writer = await asyncio.open_connection(sock=self._connected())
            try:
                yield reader, writer
            finally:
                writer.transport.abort()
        finally:
            self._open -= 1
            if not self._open:
                self._idle = asyncio.get_running_loop().call_later(IDLE_S, self.stop)

    async def _prepared(self) -> None:
        async with self._preparing:
            if self.pid is None:
                self.check_start()
                await to_thread.run_sync(self._prepare)

    def _connected(self) -> socket.socket:
        try:
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    self._child.hand_over(theirs)
                except OSError:
                    ours.close()
                    raise
        except OSError as error:
            raise RecomputationCalledOffError(
                f"the process that answers questions of the past takes none: {error}; try again"
            ) from error
        return ours


class _Relayed(Response):
    """An answer that comes from the process, message by message."""

    def __init__(self, process: AsOfProcess) -> None:
        super().__init__()
        self._process = process

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Ask and pass the answer on.

        Raises:
            RecomputationBusyError: as ``AsOfProcess.connection``.
            RecomputationCalledOffError: the caller went away, or the process ended.
        """
        async with self._process.connection() as (reader, writer):
            is_heard, leaving = False, asyncio.create_task(_leave_with(receive, writer))
            try:
                is_heard = await self._ask(scope, reader, writer)
                while (message := await receive_message(reader)) is not None:
                    if message["type"] == "http.response.start":
                        message["headers"] = _passed_on(message["headers"])
                    await send(message)
                    if message["type"] == "http.response.body" and not message.get("more_body"):
                        return
            except (ConnectionError, TimeoutError):
                pass
            finally:
                leaving.cancel()
        if not is_heard:
            await asyncio.sleep(_ENDING_S)
            self._process.check_start()
        raise RecomputationCalledOffError(
            "the caller is gone, or the process that answers has ended; try again"
        )

    async def _ask(
        self, scope: "Scope", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Ask, and wait until the question is heard; whether it is.

        Raises:
            TimeoutError: the process is stuck, and was ended.
        """
        pid = self._process.pid
        try:
            async with asyncio.timeout(TAKEN_WITHIN_S):
                await send_message(writer, _question(scope))
                is_heard = await receive_message(reader) is not None
        except TimeoutError:
            self._process.stop_stuck(pid)
            raise
        if is_heard:
            self._process.heard(pid)
        return is_heard


async def _leave_with(receive: "Receive", writer: asyncio.StreamWriter) -> None:
    """Hang up when the caller does."""
    while (await receive())["type"] != "http.disconnect":
        pass
    writer.transport.abort()


def _passed_on(headers: list[list[bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers of an answer: what comes unpacked may be packed here, which then says so itself."""
    found = MutableHeaders(raw=[(name, value) for name, value in headers])
    if "content-encoding" not in found and "vary" in found:
        varies = [name for name in found["vary"].split(", ") if name != "Accept-Encoding"]
        del found["vary"]
        if varies:
            found["vary"] = ", ".join(varies)
    return found.raw


def _question(scope: "Scope") -> dict[str, Any]:
    """What the process must know of a request: the id that its caller is told, and who that is."""
    found = {name: scope[name] for name in _PASSED_ON if name in scope}
    name = REQUEST_ID.lower().encode()
    headers = [header for header in scope["headers"] if header[0] not in {name, AUTHORIZATION}]
    request_id = (name, scope["state"]["request_id"].encode())
    found["headers"] = [*headers, request_id, named(CALLER.get())]
    return found
