"""Child processes of a bench; each ends with it, whatever happens."""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from gigacity_contract.errors import GigacityError

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_STOP_S = 30.0


class ChildFailedError(GigacityError):
    """A child did not do what it was started for."""


def _die_with(parent: int) -> Callable[[], None]:
    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It died before the line above.
            os._exit(1)

    return arrange


class Child:
    """A process with its log; a context manager that ends it by its id."""

    def __init__(
        self, name: str, argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=None if env is None else dict(env),
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - no locks are taken in it
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def first_line(self) -> Any:
        """What it prints first, as JSON.

        Raises:
            ChildFailedError: it ended without.
        """
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            self._process.wait(_STOP_S)
            raise ChildFailedError(f"{self.name} did not start:\n{self.log_tail()}")
        return json.loads(line)

    def stop(self) -> None:
        """End of input and SIGTERM; SIGKILL if it takes too long."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def log_tail(self, lines: int = 12) -> str:
        """The last lines of what it wrote to standard error."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:]) or "(nothing in its log)"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def python_module(name: str, *arguments: str) -> list[str]:
    """Command line of a module of ours."""
    return [sys.executable, "-m", name, *arguments]
