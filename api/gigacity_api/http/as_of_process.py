"""The process that answers questions of the past, as the one that serves sees it.

A past instant is a whole start of the service: seconds of computing, which here would take turns
with the event loop and with the evaluator. It is begun by the first question, keeps city and
recomputations between questions, and is ended when nobody has asked for a while.

Each question is a socket of its own, handed over on the process's standard input; when that ends,
so does the process, however this one ended.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import Response
from starlette.datastructures import MutableHeaders

from gigacity_api.errors import RecomputationBusyError, RecomputationCalledOffError
from gigacity_api.http.asgi_frames import receive_message, send_message
from gigacity_api.http.envelope import REQUEST_ID

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

_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""Sums of columns gain nothing by threads, and each takes memory."""

_PASSED_ON = (
    "type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string",
    "root_path", "headers", "client", "server",
)  # fmt: skip

_log = structlog.get_logger("gigacity_api.as_of")


class AsOfProcess:
    """Begins, asks and ends one process; used from one event loop."""

    def __init__(self, module: str, given: bytes) -> None:
        """No process yet.

        Args:
            module: is run in it.
            given: what it reads first: settings, secrets among them, which no list of processes
                and no environment shows.
        """
        self._command = [sys.executable, "-I", "-m", module]
        self._given = given
        self._child: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._open = 0
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """Of the process that runs."""
        return None if self._child is None or self._child.poll() is not None else self._child.pid

    def start(self) -> None:
        """Nothing: the first question begins it."""

    def stop(self) -> None:
        """End it at once; nothing of it is kept."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def stop_stuck(self, pid: int | None) -> None:
        """End the process that did not hear a question, unless another has taken its place."""
        if pid is not None and pid == self.pid:
            _log.warning("process of the past is stuck", pid=pid)
            self.stop()

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
            reader, writer = await asyncio.open_connection(sock=self._connected())
            try:
                yield reader, writer
            finally:
                writer.transport.abort()
        finally:
            self._open -= 1
            if not self._open:
                self._idle = asyncio.get_running_loop().call_later(IDLE_S, self.stop)

    def _connected(self) -> socket.socket:
        try:
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    self._hand_over(theirs)
                except OSError:
                    ours.close()
                    raise
        except OSError as error:
            raise RecomputationCalledOffError(
                f"the process of the past takes no question: {error}; try again"
            ) from error
        return ours

    def _hand_over(self, question: socket.socket) -> None:
        if self.pid is None:
            self._begin()
        assert self._control is not None  # noqa: S101 - it has begun
        socket.send_fds(self._control, [b"?"], [question.fileno()])

    def _begin(self) -> None:
        self.stop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(  # noqa: S603 - our own program, no shell
                self._command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=_ENVIRONMENT,
                start_new_session=True,
            )  # fmt: skip
        ours.sendall(self._given)
        ours.setblocking(False)
        self._control = ours
        _log.info("process of the past begun", pid=self._child.pid)


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
            leaving = asyncio.create_task(_leave_with(receive, writer))
            try:
                await self._ask(scope, reader, writer)
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
        raise RecomputationCalledOffError(
            "the caller is gone, or the process that answers has ended; try again"
        )

    async def _ask(
        self, scope: "Scope", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Ask, and wait until the question is heard.

        Raises:
            TimeoutError: the process is stuck, and was ended.
        """
        pid = self._process.pid
        try:
            async with asyncio.timeout(TAKEN_WITHIN_S):
                await send_message(writer, _question(scope))
                await receive_message(reader)
        except TimeoutError:
            self._process.stop_stuck(pid)
            raise


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
    """What the process must know of a request; it has the id that its caller is told."""
    found = {name: scope[name] for name in _PASSED_ON if name in scope}
    name = REQUEST_ID.lower().encode()
    headers = [header for header in scope["headers"] if header[0] != name]
    found["headers"] = [*headers, (name, scope["state"]["request_id"].encode())]
    return found
