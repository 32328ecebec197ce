"""``gigacity watch`` in a terminal of its own."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time


class WatchTerminal:
    """The command in a terminal of its own."""

    def __init__(self) -> None:
        self.master, self._slave = pty.openpty()
        self.before = termios.tcgetattr(self._slave)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gigacity_deploy", "watch"], stdin=self._slave,
            stdout=self._slave, stderr=self._slave, env={**os.environ, "TERM": "xterm"},
            # Tests that were started in the background inherit an interrupt that is ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one call, no lock
        )  # fmt: skip
        self.text = ""

    def until(self, wanted: str, *, timeout_s: float = 30.0) -> None:
        """Read until something is shown."""
        end_s = time.monotonic() + timeout_s
        while wanted not in self.text:
            left_s = end_s - time.monotonic()
            assert left_s > 0, f"{wanted!r} never came: {self.text[-2000:]!r}"
            if select.select([self.master], [], [], left_s)[0]:
                self.text += os.read(self.master, 65_536).decode(errors="replace")

    def close(self) -> None:
        """End it, if it still runs."""
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self._slave)

    def is_restored(self) -> bool:
        """Whether the terminal is as it was."""
        return termios.tcgetattr(self._slave) == self.before
