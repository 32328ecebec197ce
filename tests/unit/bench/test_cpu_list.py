"""CPU lists: read as people and the kernel write them, refused with the setting's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.errors import ConfigError
from tests.bench.ingest.cpu_list import MOST_CPUS, format_cpu_list, parse_cpu_list


@pytest.mark.parametrize(
    ("text", "cpus"),
    [
        ("0", {0}),
        ("0,2-3", {0, 2, 3}),
        (" 5 , 1-1 ", {1, 5}),
        ("2-4,3", {2, 3, 4}),
        ("8191", {8191}),
    ],
    ids=["one", "ranges", "blanks", "overlap", "last"],
)
def test_a_list_is_numbers_and_ranges(text: str, cpus: set[int]) -> None:
    assert parse_cpu_list("--cpus", text) == cpus


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ",",
        "0,",
        "0,,2",
        "x",
        "-1",
        "0-",
        "1-2-3",
        "3-2",
        "8192",
        "0-99999",
        "0x1",
        "٣",
        "+1",
    ],
)
def test_what_is_no_list_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigError, match=f"^--cpus '{text.replace('+', '[+]')}': "):
        parse_cpu_list("--cpus", text)


@given(st.frozensets(st.integers(0, MOST_CPUS - 1), min_size=1, max_size=40))
def test_what_is_written_is_read_again(cpus: frozenset[int]) -> None:
    assert parse_cpu_list("--cpus", format_cpu_list(cpus)) == cpus


def test_neighbours_are_written_as_ranges() -> None:
    assert format_cpu_list([3, 0, 2, 7, 3, 8, 9]) == "0,2-3,7-9"
    assert format_cpu_list([]) == ""
