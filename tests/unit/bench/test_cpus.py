"""The division of CPUs in a bench: what is asked for, or an error that names the option."""

import pytest

from gigacity_contract.errors import ConfigError
from tests.bench.ingest.cpus import Division, divide_cpus

FOUR = frozenset(range(4))


def divide(
    text: str, sink: str = "influx", influx_url: str = "", usable: frozenset[int] = FOUR
) -> Division:
    return divide_cpus(text, sink=sink, influx_url=influx_url, usable=lambda _name: usable)


def test_the_others_get_what_the_database_leaves() -> None:
    found = divide("0,2-3")

    assert found == Division(frozenset({0, 2, 3}), frozenset({1}))
    assert str(found) == " on CPUs 0,2-3"
    assert str(divide("2")) == " on CPU 2"


def test_a_narrowed_process_divides_what_it_has() -> None:
    assert divide("3", usable=frozenset({1, 3})) == Division(frozenset({3}), frozenset({1}))


@pytest.mark.parametrize(("sink", "url"), [("null", ""), ("influx", "http://db:8086")])
def test_without_the_option_nothing_is_divided_or_asked(sink: str, url: str) -> None:
    found = divide_cpus("", sink=sink, influx_url=url, usable=lambda _name: pytest.fail("asked"))

    assert found == Division()
    assert str(found) == ""


@pytest.mark.parametrize(
    ("text", "sink", "influx_url", "words"),
    [
        ("two", "influx", "", "not a list of CPUs such as 0 or 0,2-3"),
        ("0,4-5", "influx", "", "may not use CPU 4-5, only 0-3"),
        ("0-3", "influx", "", r"leaves no CPU to broker and consumers.*\(0-3\)"),
        ("0", "null", "", "the null sink is no database"),
        ("0", "influx", "http://db:8086", r"leave out one of --influx-url \(GIGACITY_INFLUX_URL\)"),
    ],
    ids=["malformed", "not ours", "nothing left", "null sink", "a database that is there"],
)
def test_what_cannot_be_done_is_refused(text: str, sink: str, influx_url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=f"^--database-cpus '?{text}'?: .*{words}"):
        divide(text, sink, influx_url)
