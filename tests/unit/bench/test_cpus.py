"""The division of CPUs in a bench: lists, what can be divided, CPUs taken and given back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.errors import ConfigError
from tests.bench.ingest.cpus import (
    MOST_CPUS,
    Division,
    divide_cpus,
    format_cpu_list,
    parse_cpu_list,
    running_on,
)

FOUR = frozenset(range(4))


def divide(text: str, sink: str = "influx", usable: frozenset[int] = FOUR) -> Division:
    return divide_cpus(text, sink=sink, usable=usable)


@given(st.frozensets(st.integers(0, MOST_CPUS - 1), min_size=1, max_size=40))
def test_a_list_is_read_as_it_is_written(cpus: frozenset[int]) -> None:
    assert parse_cpu_list(format_cpu_list(cpus)) == cpus


def test_lists_are_those_of_the_kernel() -> None:
    assert format_cpu_list([3, 0, 2, 7, 3, 8, 9]) == "0,2-3,7-9"
    assert parse_cpu_list(" 0, 2-3 ") == {0, 2, 3}


@pytest.mark.parametrize("text", [",", "two", "-1", "3-2", "0-", "0;1", "8192", "0-99999", "1.5"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^--database-cpus '.*not a list of CPUs such as"):
        parse_cpu_list(text)


def test_the_others_get_what_the_database_leaves() -> None:
    found = divide("0,2-3")

    assert found == Division(frozenset({0, 2, 3}), frozenset({1}))
    assert str(found) == " on CPUs 0,2-3"
    assert str(divide("2")) == " on CPU 2"


def test_a_narrowed_process_divides_what_it_has() -> None:
    assert divide("3", usable=frozenset({1, 3})) == Division(frozenset({3}), frozenset({1}))


@pytest.mark.parametrize("sink", ["null", "influx"])
def test_without_the_option_nothing_is_divided(sink: str) -> None:
    assert divide("", sink) == Division()
    assert str(divide("", sink)) == ""


@pytest.mark.parametrize(
    ("text", "sink", "words"),
    [
        ("0,4-5", "influx", "may not use CPU 4-5, only 0-3"),
        ("0-3", "influx", r"leaves no CPU to broker and consumers.*\(0-3\)"),
        ("0", "null", "the null sink is no database"),
    ],
    ids=["not ours", "nothing left", "null sink"],
)
def test_what_cannot_be_done_is_refused(text: str, sink: str, words: str) -> None:
    with pytest.raises(ConfigError, match=f"^--database-cpus {text}: .*{words}"):
        divide(text, sink)


def test_what_is_started_stays_and_the_caller_gets_its_cpus_back() -> None:
    before = os.sched_getaffinity(0)
    one = frozenset({max(before)})

    with running_on(one):
        assert os.sched_getaffinity(0) == one
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert os.sched_getaffinity(0) == before
        status = Path(f"/proc/{child.pid}/status").read_text(encoding="utf-8")
        assert f"Cpus_allowed_list:\t{max(before)}\n" in status
    finally:
        child.communicate(b"\n", timeout=20)


def test_cpus_are_given_back_after_an_error_and_none_change_nothing() -> None:
    before = os.sched_getaffinity(0)

    with pytest.raises(KeyError), running_on(frozenset({min(before)})):
        raise KeyError
    assert os.sched_getaffinity(0) == before
    with running_on(frozenset()):
        assert os.sched_getaffinity(0) == before
