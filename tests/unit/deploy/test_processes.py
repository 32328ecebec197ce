"""Children are started, watched and ended; none outlives its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gigacity_contract.errors import ConfigError
from gigacity_deploy.processes import Child, ChildError, find_binary
from gigacity_deploy.sockets import free_port, holder, is_free, listens
from tests.support.mqtt_probe import wait_until

LISTENER = """
import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(); time.sleep(60)
"""


def _child(tmp_path: Path, code: str, *args: str) -> Child:
    return Child("helper", [sys.executable, "-c", code, *args], log=tmp_path / "helper.log")


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_port_belongs_to_the_child_that_listens_and_to_nobody_else(tmp_path: Path) -> None:
    port = free_port()
    child = _child(tmp_path, LISTENER, str(port))
    assert not listens(os.getpid(), port)
    child.start()
    try:
        child.wait_ready(lambda: listens(child.pid, port), deadline_s=20)
        assert not listens(os.getpid(), port)
        assert not is_free(port)
        assert f"(pid {child.pid})" in holder(port)
    finally:
        child.kill()
    assert is_free(port)


def test_a_child_that_ends_by_itself_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    child = _child(tmp_path, "import sys; print('the reason'); sys.exit(3)")
    child.start()
    with pytest.raises(ChildError, match=r"(?s)helper ended by itself \(exit code 3\).*the reason"):
        child.wait_ready(lambda: False, deadline_s=20)
    assert child.has_failed


def test_a_child_that_is_never_ready_is_reported(tmp_path: Path) -> None:
    child = _child(tmp_path, "import time; time.sleep(60)")
    child.start()
    with pytest.raises(ChildError, match=r"not ready within 0\.1 s"):
        child.wait_ready(lambda: False, deadline_s=0.1)
    child.kill()


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        " print('up', flush=True); time.sleep(60)"
    )
    child = _child(tmp_path, code)
    child.start()
    child.wait_ready(lambda: "up" in child.log_tail(), deadline_s=20)
    assert child.stop(grace_s=0.2) == -signal.SIGKILL
    assert not child.has_failed


def test_a_program_that_does_not_exist_is_said_plainly(tmp_path: Path) -> None:
    child = Child("ghost", ["/nonexistent/ghost"], log=tmp_path / "log")
    with pytest.raises(ChildError, match="ghost cannot be started"):
        child.start()


def test_a_missing_server_names_its_package_and_the_script() -> None:
    with pytest.raises(ConfigError, match=r"\./deploy/demo.*apt-get install ghostd"):
        find_binary("gigacity-no-such-server", package="ghostd")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda n: n.name)
def test_a_child_dies_with_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    code = (
        "import sys, time; from pathlib import Path; from gigacity_deploy.processes import Child\n"
        "c = Child('c', [sys.executable, '-c', 'import time; time.sleep(60)'],"
        " log=Path(sys.argv[1]))\n"
        "c.start(); print(c.pid, flush=True); time.sleep(60)"
    )
    argv = [sys.executable, "-c", code, str(tmp_path / "log")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child_pid = int(parent.stdout.readline())
        parent.send_signal(number)
        parent.wait(20)
    _wait_gone(lambda: _is_gone(child_pid))


def _wait_gone(is_gone: Callable[[], bool]) -> None:
    wait_until(is_gone, "the child ends with its parent")


def test_a_port_that_is_spoken_for_is_not_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds it yet, so the kernel may offer it."""
    offered = iter((41000, 41000, 41001))

    class Probe:
        def __enter__(self) -> "Probe":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def bind(self, _address: object) -> None:
            pass

        def getsockname(self) -> tuple[str, int]:
            return "127.0.0.1", next(offered)

    monkeypatch.setattr("gigacity_deploy.sockets.socket.socket", Probe)

    assert free_port(41000) == 41001
