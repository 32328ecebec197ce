"""A child process that takes sockets on its standard input: its beginning and its end.

Nothing here waits. One that ends before it works is not begun again at once: what keeps it from
starting will keep the next one, too, and each start is seconds of computing.
"""

import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import structlog

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
"""Between the starts of a process that ends before it works; each is twice the one before."""

_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""Sums of columns gain nothing by threads, and each takes memory."""

_log = structlog.get_logger("gigacity_api.as_of")


class ChildHandle:
    """One process at a time; used from one thread."""

    def __init__(self, module: str, given: bytes) -> None:
        """No process yet; ``module`` will be run in it, and ``given`` is what it reads first."""
        self._command = [sys.executable, "-I", "-m", module]
        self._given = given
        self._child: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._does_work = False
        self._pause_s = self._not_before_s = 0.0

    @property
    def pid(self) -> int | None:
        """Of the process that runs and takes sockets."""
        if self._control is None or self._child is None or self._child.poll() is not None:
            return None
        return self._child.pid

    def works(self) -> None:
        """It has done what it is for: when it ends, another may begin at once."""
        self._does_work, self._pause_s = True, 0.0

    def wait_s(self) -> float:
        """How long none must begin yet; 0 while one runs."""
        if self.pid is not None:
            return 0.0
        child = self._child
        self.end()
        if child is not None and not self._does_work:
            self._pause_s = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, 2 * self._pause_s))
            self._not_before_s = time.monotonic() + self._pause_s
            how = {"ended_with": child.returncode, "pause_s": self._pause_s}
            _log.error("process of the past does not start", **how)
        return max(0.0, self._not_before_s - time.monotonic()) if self._pause_s else 0.0

    def hand_over(self, question: socket.socket) -> None:
        """Give it a socket; where none runs, begin one.

        Raises:
            OSError: none can begin, or it takes no more.
        """
        if self.pid is None:
            self._begin()
        assert self._control is not None  # noqa: S101 - it has begun
        socket.send_fds(self._control, [b"?"], [question.fileno()])

    def end(self) -> None:
        """End it at once, however it is."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._child is not None:
            _kill(self._child)
            self._child = None

    def _begin(self) -> None:
        self.end()
        self._does_work = False
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._child = subprocess.Popen(  # noqa: S603 - our own program, no shell
                    self._command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL,
                    env=_ENVIRONMENT, start_new_session=True,
                )  # fmt: skip
            ours.sendall(self._given)
        except OSError:
            # It has ended at once, or cannot be told anything: either way it is no use.
            ours.close()
            if self._child is not None:
                _kill(self._child)
            raise
        ours.setblocking(False)
        self._control = ours
        _log.info("process of the past begun", pid=self._child.pid)


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """Kill it; a thread waits until it is gone, since a stuck one may take its time."""
    child.kill()
    with suppress(subprocess.TimeoutExpired):
        child.wait(0)
        return
    threading.Thread(target=child.wait, name="gigacity-api[reaper]", daemon=True).start()
