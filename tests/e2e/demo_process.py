"""``gigacity demo`` as a process that tests start, read and end."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.stack import gigacity_env
from tests.support.mqtt_probe import wait_until

READY_S = 90.0
STOP_S = 60.0


def _is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class DemoProcess:
    """One demo with its output in a file."""

    def __init__(self, folder: Path, *options: str, programs: Path | None = None) -> None:
        self._output = folder / "demo.out"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        env = gigacity_env(TMPDIR=str(self.temporary), NO_COLOR="1", COLUMNS="150")
        if programs is not None:
            env["PATH"] = f"{programs}{os.pathsep}{env['PATH']}"
        argv: Sequence[str] = (sys.executable, "-m", "gigacity_deploy", "demo", *options)
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                argv, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env,
                start_new_session=True,
            )  # fmt: skip

    @property
    def output(self) -> str:
        """What it has written so far."""
        return self._output.read_text(encoding="utf-8")

    def find(self, pattern: str) -> str:
        """The first group of the pattern in the output, waited for."""
        wait_until(
            lambda: re.search(pattern, self.output) is not None or not self.is_running,
            f"the demo says {pattern}",
            timeout_s=READY_S,
        )
        found = re.search(pattern, self.output)
        assert found is not None, self.output
        return found[1]

    def find_all(self, pattern: str) -> tuple[str, ...]:
        """Every group of the pattern in the output so far, whose lines may be folded."""
        found = re.search(pattern, " ".join(self.output.replace("│", " ").split()))
        assert found is not None, self.output
        return found.groups()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def children(self) -> dict[str, int]:
        """Pids of its children by the word that names them."""
        named = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and self._is_child(int(entry.name)):
                words = (entry / "cmdline").read_text().split("\0")
                is_ours = "gigacity_deploy" in words
                name = words[words.index("gigacity_deploy") + 1] if is_ours else words[0]
                named[Path(name).name] = int(entry.name)
        return named

    def _is_child(self, pid: int) -> bool:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return False
        return int(stat.rpartition(")")[2].split()[1]) == self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the demo alone."""
        self._process.send_signal(number)

    def wait(self, timeout_s: float = STOP_S) -> int:
        """Wait for its end; its exit code."""
        return self._process.wait(timeout_s)

    def stop(self) -> None:
        """End it, whatever it does."""
        if self.is_running:
            self.send(signal.SIGTERM)
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def wait_gone(pids: Sequence[int]) -> None:
    """Wait until none of the processes lives."""
    wait_until(lambda: not any(map(_is_alive, pids)), f"processes {pids} end")


def entries(folder: Path) -> list[str]:
    """Names in a folder."""
    return sorted(os.listdir(folder))  # noqa: PTH208 - names are wanted
