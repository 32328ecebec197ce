"""HTTP answers of which no part is taken for the whole."""

import http.client
import io
import socket
from typing import Any


class _WholeLines(io.BufferedReader):
    """A stream of lines, none of which may be cut short by its end."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """A line with its end, or as much of a longer one as was asked for.

        Raises:
            http.client.IncompleteRead: the stream ends before the line does.
        """
        line = super().readline(size)
        is_whole = line.endswith(b"\n") or len(line) == size
        if not is_whole:
            raise http.client.IncompleteRead(line)
        return line


class WholeResponse(http.client.HTTPResponse):
    """An answer whose head must be whole.

    The base class takes the end of the stream for the end of the head: a server that died behind
    ``HTTP/1.1 204`` would count as one that has answered.
    """

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = _WholeLines(sock.makefile("rb", buffering=0))
