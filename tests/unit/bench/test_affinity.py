"""CPUs of a thread: taken for a while, inherited, given back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gigacity_contract.errors import ConfigError
from tests.bench.ingest.affinity import running_on, usable_cpus
from tests.bench.ingest.cpu_list import MOST_CPUS

NO_SUCH_CPU = MOST_CPUS - 1


def test_what_is_started_stays_and_the_caller_gets_its_cpus_back() -> None:
    before = os.sched_getaffinity(0)
    one = frozenset({max(before)})

    with running_on("--cpus", one):
        assert usable_cpus("--cpus") == one
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert os.sched_getaffinity(0) == before
        assert f"Cpus_allowed_list:\t{max(before)}\n" in Path(
            f"/proc/{child.pid}/status"
        ).read_text(encoding="utf-8")
    finally:
        child.communicate(b"\n", timeout=20)


def test_cpus_are_given_back_after_an_error() -> None:
    before = os.sched_getaffinity(0)

    with pytest.raises(KeyError), running_on("--cpus", frozenset({min(before)})):
        raise KeyError

    assert os.sched_getaffinity(0) == before


def test_no_cpus_change_nothing() -> None:
    before = os.sched_getaffinity(0)
    with running_on("--cpus", frozenset()):
        assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize("with_own", [False, True], ids=["none is there", "one is missing"])
def test_a_cpu_that_is_not_there_is_refused_and_nothing_changes(*, with_own: bool) -> None:
    before = os.sched_getaffinity(0)
    wanted = frozenset({NO_SUCH_CPU} | (before if with_own else set()))

    with (
        pytest.raises(ConfigError, match=f"^--cpus .*{NO_SUCH_CPU}"),
        running_on("--cpus", wanted),
    ):
        pytest.fail("it ran")

    assert os.sched_getaffinity(0) == before


def test_a_system_without_a_choice_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity")
    with pytest.raises(ConfigError, match=r"^--cpus: this system does not let a process choose"):
        usable_cpus("--cpus")
