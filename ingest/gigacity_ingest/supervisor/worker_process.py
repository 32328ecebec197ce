"""One worker as a child process, which dies with its supervisor.

Start children from the main thread: Linux ties the parent's death signal to the thread.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum

from gigacity_contract.clock import Clock
from gigacity_ingest.pipeline.backoff import Backoff

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
COMMAND = (sys.executable, "-m", "gigacity_ingest", "ingest")
STABLE_S = 60.0
"""A worker that lived so long starts a new series of delays when it ends."""


class Mode(Enum):
    """What a worker was started for."""

    RUN = "run"
    RETIRE = "retire"
    """Drain its session and end it; exit code 0 says that it is done."""


class RestartPolicy:
    """When a worker that ended by itself may start again."""

    def __init__(self) -> None:
        self._backoff = Backoff(first_s=0.5, cap_s=30.0)
        self._started_s = 0.0
        self.next_start_s = 0.0

    def started(self, now_s: float) -> None:
        """It starts now."""
        self._started_s = now_s

    def age_s(self, now_s: float) -> float:
        """Since its last start."""
        return now_s - self._started_s

    def ended(self, now_s: float) -> float:
        """It ended; the delay until the next start."""
        if self.age_s(now_s) >= STABLE_S:
            self._backoff.reset()
        delay_s = self._backoff.next_s()
        self.next_start_s = now_s + delay_s
        return delay_s


def _die_with(parent: int) -> Callable[[], None]:
    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # Until it handles it: a worker that is still starting loads the newest city anyway.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if os.getppid() != parent:  # It died before the line above.
            os._exit(1)

    return arrange


class WorkerProcess:
    """A started worker.

    Args:
        mode: what for.
        env: its whole environment.
        http_port: of its page, on loopback.
        grace_s: from the request to stop until it is killed.
        clock: for the grace.
    """

    def __init__(
        self, mode: Mode, *, env: Mapping[str, str], http_port: int, grace_s: float, clock: Clock
    ) -> None:
        self.mode = mode
        self.http_port = http_port
        self.is_stopping = False
        self._grace_s = grace_s
        self._clock = clock
        self._kill_s = 0.0
        self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            COMMAND,
            stdin=subprocess.DEVNULL,
            env=dict(env),
            # A group of its own, so that Ctrl-C at the terminal reaches the supervisor alone.
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - no locks are taken in it
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code; None while it runs. Kills it when its grace is over."""
        code = self._process.poll()
        if code is None and self.is_stopping and self._clock.monotonic_s() >= self._kill_s:
            self.kill()
        return code

    def stop(self) -> None:
        """Ask it to drain what it has read and to end; once."""
        if self.is_stopping:
            return
        self.is_stopping = True
        self._kill_s = self._clock.monotonic_s() + self._grace_s
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def reload_city(self) -> None:
        """Let it load its city again."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGHUP)
