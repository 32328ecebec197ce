"""Connections of the API: HTTP/1.1 by h11, whose parser holds a bound, with deadlines.

uvicorn has no deadline for headers, none for bodies and none for clients that do not read, and its
faster parser (httptools) keeps headers without end; h11 costs 0.1 ms a request more.
"""

import asyncio
import contextlib
import json
import socket
import sys
from enum import Enum
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from gigacity_api.http.problem_types import (
    BAD_REQUEST,
    HEADERS_TOO_LARGE,
    REQUEST_TIMEOUT,
    ProblemType,
)
from gigacity_api.http.serving.connections import MAX_HEAD_BYTES, ConnectionTable
from gigacity_api.http.serving.turns import Turns


class _Phase(Enum):
    """What a connection waits for."""

    HEAD = "head"
    BODY = "body"
    IDLE = "idle"
    """The next request: uvicorn's keep-alive timer runs."""
    ANSWER = "answer"


class BoundedProtocol(H11Protocol):
    """One connection; every phase in which its client is to do something has a deadline."""

    def __init__(
        self,
        table: ConnectionTable,
        turns: Turns,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._table = table
        self._turns = turns
        self._address = ""
        self._is_admitted = False
        self._phase = _Phase.IDLE
        self._read_deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None

    # ---- asyncio's protocol ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or be closed without a word: words would cost what is to be saved."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self._is_admitted = self._table.admit(self._address)
        if not self._is_admitted:
            transport.abort()
            return
        self._let_the_kernel_give_up()
        self._enter(_Phase.HEAD)
        if self._table.is_crowded:
            first = self._table.longest_waiting()
            if isinstance(first, BoundedProtocol):
                first.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        for deadline in (self._read_deadline, self._write_deadline):
            if deadline is not None:
                deadline.cancel()
        if self._is_admitted:
            self._is_admitted = False
            self._table.leave(self._address, self)

    def data_received(self, data: bytes) -> None:
        """Take it, what may begin a request in its turn."""
        if self._phase in {_Phase.BODY, _Phase.ANSWER}:
            self._take(data)
        elif not self._turns.hear(data, self._take_waiting):
            self.flow.pause_reading()

    def _take_waiting(self, data: bytes) -> None:
        self.flow.resume_reading()
        self._take(data)

    def _take(self, data: bytes) -> None:
        """Parse it in pieces: h11 looks at its bound only where a head is not yet whole."""
        for first in range(0, len(data), MAX_HEAD_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[first : first + MAX_HEAD_BYTES])
        self._look()

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        if self._write_deadline is None:
            self._write_deadline = self.loop.call_later(
                self._table.limits.write_s, self.transport.abort
            )

    def resume_writing(self) -> None:
        """It has read."""
        super().resume_writing()
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None

    # ---- uvicorn's ---------------------------------------------------------------------------

    def on_response_complete(self) -> None:
        """An answer has been sent."""
        super().on_response_complete()
        self._look()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - a text of uvicorn
        """What h11 refuses."""
        error = sys.exc_info()[1]
        is_large = getattr(error, "error_status_hint", 0) == HEADERS_TOO_LARGE.status
        self._refuse(HEADERS_TOO_LARGE if is_large else BAD_REQUEST)

    # ---- deadlines ---------------------------------------------------------------------------

    def _look(self) -> None:
        """See what the connection waits for now."""
        if self.transport.is_closing():
            return
        theirs, begun = self.conn.their_state, bool(self.conn.trailing_data[0])
        if theirs is h11.SEND_BODY:
            self._enter(_Phase.BODY)
        elif theirs is h11.IDLE and (begun or self._phase is _Phase.HEAD):
            self._enter(_Phase.HEAD)
        else:
            self._enter(_Phase.IDLE if theirs is h11.IDLE else _Phase.ANSWER)

    def _enter(self, phase: _Phase) -> None:
        """Set the deadline of a phase; one that goes on keeps its own."""
        if phase is self._phase:
            return
        self._phase = phase
        if self._read_deadline is not None:
            self._read_deadline.cancel()
            self._read_deadline = None
        # Who dribbles a body waits as well as who dribbles a head: nobody may hold every place.
        if phase is not _Phase.ANSWER:
            self._table.waits(self)
        else:
            self._table.works(self)
        limits = self._table.limits
        seconds = {_Phase.HEAD: limits.head_s, _Phase.BODY: limits.body_s}.get(phase)
        if seconds is not None:
            self._read_deadline = self.loop.call_later(seconds, self._on_late)

    def _on_late(self) -> None:
        """The client took too long."""
        if self._phase is _Phase.HEAD:
            self._refuse(REQUEST_TIMEOUT)
        else:
            # An answer may be under way: whoever waits for the body is told that it will not come.
            self.transport.abort()

    def _refuse(self, kind: ProblemType) -> None:
        """Answer a problem before there is a request, and close."""
        body = json.dumps(
            {"type": kind.type, "title": kind.title, "status": kind.status, "detail": kind.meaning}
        ).encode()
        head = (
            f"HTTP/1.1 {kind.status} {kind.title}\r\nContent-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        with contextlib.suppress(h11.LocalProtocolError):
            self.conn.send_failed()
        self.transport.write(head.encode() + body)
        self.transport.close()
        # A client that reads nothing would keep a closing connection open.
        self._write_deadline = self._write_deadline or self.loop.call_later(
            self._table.limits.write_s, self.transport.abort
        )

    def timeout_keep_alive_handler(self) -> None:
        """Nothing came after the last answer."""
        super().timeout_keep_alive_handler()
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _let_the_kernel_give_up(self) -> None:
        """What is sent and not acknowledged ends the connection, whatever is done above it."""
        connection = self.transport.get_extra_info("socket")
        if hasattr(socket, "TCP_USER_TIMEOUT") and connection is not None:
            with contextlib.suppress(OSError):
                connection.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT,
                    int(self._table.limits.write_s * 1000),
                )  # fmt: skip
