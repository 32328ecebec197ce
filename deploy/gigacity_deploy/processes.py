"""Child processes: start one, wait until it is ready, stop it by its pid, read the end of its log.

A child has a process group of its own, so that a Ctrl-C at the terminal reaches its parent alone,
and dies with its parent even when that is killed (``PR_SET_PDEATHSIG``). Start children from the
main thread: Linux ties that signal to the thread that started them.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from gigacity_contract.errors import ConfigError, GigacityError

_PR_SET_PDEATHSIG = 1
_POLL_S = 0.05
_LIBC = ctypes.CDLL(None, use_errno=True)

SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin")
"""Where Debian keeps servers; not on every user's PATH."""


class ChildError(GigacityError):
    """A child could not be started, was not ready in time, or ended by itself."""


def find_binary(name: str, *, package: str) -> str:
    """Path of a server's program.

    Raises:
        ConfigError: it is not installed; the message says what to do.
    """
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS))
    found = shutil.which(name, path=path)
    if found is None:
        raise ConfigError(
            f"{name} is not installed: run ./deploy/demo or ./deploy/test, which install what is"
            f" missing, or: apt-get install {package}"
        )
    return found


def _die_with(parent: int) -> Callable[[], None]:
    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It died before the line above.
            os._exit(1)

    return arrange


class Child:
    """One child process with its log file."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._argv = list(argv)
        self._env = None if env is None else dict(env)
        self._cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None
        self._is_wanted = False

    def start(self) -> None:
        """Start it (again); the log is appended to.

        Raises:
            ChildError: the program cannot be executed.
        """
        self._is_wanted = True
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - argv is built by us, no shell
                    self._argv,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._env,
                    cwd=self._cwd,
                    start_new_session=True,
                    preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - no locks are taken in it
                )
        except OSError as error:
            raise ChildError(f"{self.name} cannot be started: {error}") from error

    @property
    def pid(self) -> int:
        """Its process id; 0 before the first start."""
        return self._process.pid if self._process else 0

    @property
    def exit_code(self) -> int | None:
        """None while it runs or before it was started; negative: the signal that ended it."""
        return self._process.poll() if self._process else None

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def has_failed(self) -> bool:
        """Whether it ended although nobody stopped it."""
        return self._is_wanted and self._process is not None and self._process.poll() is not None

    def failure(self) -> str:
        """What to tell a person about a child that ended by itself."""
        code = self.exit_code
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return (
            f"{self.name} ended by itself ({how})."
            f" The end of its log ({self.log}):\n{self.log_tail()}"
        )

    def wait_ready(self, is_ready: Callable[[], bool], *, deadline_s: float) -> None:
        """Poll until it is ready.

        Raises:
            ChildError: it ended, or the deadline passed; with the end of its log.
        """
        give_up = time.monotonic() + deadline_s
        while not is_ready():
            if not self.is_running:
                raise ChildError(self.failure())
            if time.monotonic() > give_up:
                raise ChildError(
                    f"{self.name} was not ready within {deadline_s:g} s."
                    f" The end of its log ({self.log}):\n{self.log_tail()}"
                )
            time.sleep(_POLL_S)

    def wait(self, timeout_s: float) -> int | None:
        """Wait for its end; None if it still runs then."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it alone; nothing happens if it has ended."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def ask_to_stop(self) -> None:
        """Send SIGTERM without waiting; its end is then no failure."""
        self._is_wanted = False
        self.signal(signal.SIGTERM)

    def stop(self, grace_s: float = 10.0) -> int | None:
        """SIGTERM, then SIGKILL after the grace; its exit code, None if it never ran."""
        self.ask_to_stop()
        if self.wait(grace_s) is None:
            self.kill()
        return self.exit_code

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        self._is_wanted = False
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-lines:]) or "(empty)"
