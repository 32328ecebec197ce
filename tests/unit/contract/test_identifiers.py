"""Codes and ids: whole matches, ASCII digits, no newline at the end."""

import pytest
from hypothesis import given

from gigacity_contract.identifiers import is_area, is_community, is_id
from gigacity_contract.line_protocol import escape_tag
from tests.support.payload_strategies import ids


@pytest.mark.parametrize("text", ["a", "0", "olt-1", "A.b_c-d", "x" * 64])
def test_ids(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text", ["", "-a", ".a", "_a", "a b", "a/b", "a\n", "ä", "x" * 65, "a+", "#"]
)
def test_no_ids(text: str) -> None:
    assert not is_id(text)


def test_codes_are_ascii_digits_of_their_length() -> None:
    assert is_area("371602")
    assert is_community("371602001001")
    for text in ("37160", "3716020", "371602\n", "３７１６０２", "37160a"):
        assert not is_area(text)
    for text in ("371602", "3716020010012", "371602001001\n"):
        assert not is_community(text)


@given(ids)
def test_an_id_never_needs_escaping(text: str) -> None:
    assert escape_tag(text) == text
