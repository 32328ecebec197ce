"""Waits for the session's socket, for the wish to write and for a wake-up, with one selector."""

import selectors
import socket
import ssl
from typing import Any

import structlog

from gigacity_ingest.adapters.waker import Waker

log = structlog.get_logger("mqtt")


class SessionSocket:
    """The socket of the present connection, if there is one.

    Args:
        waker: ends a wait from other threads.
    """

    def __init__(self, waker: Waker) -> None:
        self._waker = waker
        self._selector = selectors.DefaultSelector()
        self._selector.register(waker.fileno(), selectors.EVENT_READ)
        self._resting = selectors.DefaultSelector()
        """Of the waker alone: taking the socket out and in again costs more than a look."""
        self._resting.register(waker.fileno(), selectors.EVENT_READ)
        self._socket: Any = None
        self._events = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._socket is not None

    @property
    def certificate(self) -> bytes | None:
        """The broker's certificate (DER); None without TLS or connection."""
        if not isinstance(self._socket, ssl.SSLSocket):
            return None
        return self._socket.getpeercert(binary_form=True)

    def opened(self, sock: Any) -> None:
        """A connection was opened."""
        self._socket, self._events = sock, 0

    def closed(self, sock: Any) -> None:
        """The connection is about to be closed."""
        if self._events:
            self._selector.unregister(sock)
        self._socket, self._events = None, 0

    def wait(self, timeout_s: float, *, may_read: bool, wants_write: bool) -> bool:
        """Wait for the network or a wake-up; whether there is something to read.

        Args:
            timeout_s: at most.
            may_read: False leaves what comes unread.
            wants_write: something waits to be sent.
        """
        self._watch(may_read=may_read, wants_write=wants_write)
        has_pending = may_read and self._has_pending_bytes()
        is_readable = has_pending
        for key, events in self._selector.select(0.0 if has_pending else timeout_s):
            if key.fileobj is not self._socket:
                self._waker.clear()
            elif events & selectors.EVENT_READ:
                is_readable = True
        return is_readable

    def rest(self, timeout_s: float) -> None:
        """Wait for a wake-up alone, without a look at the network."""
        if self._resting.select(timeout_s):
            self._waker.clear()

    def _has_pending_bytes(self) -> bool:
        """Whether TLS holds bytes that it has already taken from the socket."""
        is_tls = isinstance(self._socket, ssl.SSLSocket)
        return is_tls and self._socket.pending() > 0

    def _watch(self, *, may_read: bool, wants_write: bool) -> None:
        """Tell the selector what this turn waits for."""
        if self._socket is None:
            return
        wanted = selectors.EVENT_READ if may_read else 0
        if wants_write:
            wanted |= selectors.EVENT_WRITE
        if wanted == self._events:
            return
        if not wanted:
            self._selector.unregister(self._socket)
        elif self._events:
            self._selector.modify(self._socket, wanted)
        else:
            self._selector.register(self._socket, wanted)
        self._events = wanted

    def shut_down(self) -> None:
        """Make the next read see the end of the connection, so that paho tidies up itself."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            log.debug("connection_was_gone")

    def close(self) -> None:
        """Give the selector back."""
        self._selector.close()
        self._resting.close()
