"""Wakes a selector from another thread or from a signal handler."""

import contextlib
import socket


class Waker:
    """A pair of sockets: ``wake`` makes ``fileno`` readable until ``clear``."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        """What the selector watches."""
        return self._reader.fileno()

    def wake(self) -> None:
        """Never blocks or fails; safe in any thread and in a signal handler, closed or not."""
        with contextlib.suppress(OSError):
            # A full buffer means that a wake-up is already due. And a signal may come between
            # ``close`` and the end of the process: there is nobody left to wake, and an exception
            # in the handler would end an orderly process with a failure.
            self._writer.send(b"\0")

    def clear(self) -> None:
        """Take the wake-ups that have come."""
        with contextlib.suppress(BlockingIOError):
            while len(self._reader.recv(4096)) == 4096:
                continue

    def close(self) -> None:
        """Give both sockets back."""
        self._reader.close()
        self._writer.close()
