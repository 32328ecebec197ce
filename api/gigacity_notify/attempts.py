"""The edge: attempts that end in time, whatever they wait for.

A socket's own limit is for one read; an answer that comes byte by byte, or a handshake, never
exceeds it. So one thread watches over all attempts, and shuts the sockets of one that is late:
every wait on them ends then.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator


class Attempt:
    """One attempt and its sockets."""

    def __init__(self, until_s: float) -> None:
        self.until_s = until_s
        """By the monotonic clock."""
        self._lock = threading.Lock()
        self._is_over = self.is_late = False
        self._twins: list[socket.socket] = []

    @property
    def left_s(self) -> float:
        """How long it may still take.

        Raises:
            TimeoutError: no longer.
        """
        left_s = self.until_s - time.monotonic()
        if left_s <= 0 or self.is_late:
            raise TimeoutError
        return left_s

    def connect(self, host: str, port: int, read_s: float) -> socket.socket:
        """Connect to the first address of a host that answers, and watch over the socket.

        Raises:
            OSError: none does, or not in time.
        """
        problem: OSError = OSError("the name has no address")
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                found = socket.create_connection((str(address[0]), port), min(read_s, self.left_s))
            except OSError as error:
                problem = error
                continue
            found.settimeout(read_s)
            self.watch(found)
            return found
        raise problem

    def watch(self, found: socket.socket) -> None:
        """Shut this socket, too, when the attempt is late."""
        # A twin of its own: the socket itself may be sealed meanwhile, or closed and its number
        # be another's.
        twin = socket.socket(fileno=os.dup(found.fileno()))
        with self._lock:
            self._twins.append(twin)
            if self.is_late:
                _shut(twin)

    def be_late(self) -> None:
        """End it."""
        with self._lock:
            if not self._is_over:
                self.is_late = True
                for twin in self._twins:
                    _shut(twin)

    def leave(self) -> None:
        """It is over: nothing is shut any more."""
        with self._lock:
            self._is_over = True
            for twin in self._twins:
                twin.close()
            self._twins.clear()


def _shut(twin: socket.socket) -> None:
    with contextlib.suppress(OSError):
        twin.shutdown(socket.SHUT_RDWR)


class AttemptWatch:
    """Watches over the attempts of all channels, in one thread while there are any."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._attempts: set[Attempt] = set()
        self._thread: threading.Thread | None = None
        self._wakes_s = 0.0

    @contextlib.contextmanager
    def within(self, whole_s: float) -> Iterator[Attempt]:
        """An attempt that may take so long.

        Raises:
            TimeoutError: it was late, in place of whatever its sockets' end looked like.
        """
        attempt = self.begin(whole_s)
        try:
            yield attempt
        except Exception as error:
            # Half an answer may look like a refusal.
            if attempt.is_late:
                raise TimeoutError from error
            raise
        finally:
            self.end(attempt)

    def begin(self, whole_s: float) -> Attempt:
        """Begin one; whoever does must end it."""
        attempt = Attempt(time.monotonic() + whole_s)
        with self._changed:
            self._attempts.add(attempt)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="attempts", daemon=True)
                self._thread.start()
            elif attempt.until_s < self._wakes_s:
                self._changed.notify()
        return attempt

    def end(self, attempt: Attempt) -> None:
        """It is over."""
        with self._changed:
            self._attempts.discard(attempt)
        attempt.leave()

    def close(self) -> None:
        """End the thread; attempts that are under way go on."""
        with self._changed:
            self._attempts.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        with self._changed:
            while self._attempts:
                now_s = time.monotonic()
                for attempt in [a for a in self._attempts if a.until_s <= now_s]:
                    self._attempts.discard(attempt)
                    attempt.be_late()
                self._wakes_s = min((a.until_s for a in self._attempts), default=now_s)
                self._changed.wait(self._wakes_s - now_s)
            self._thread = None
