"""Paths into JSON documents."""

import pytest

from gigacity_ingest.formats.paths import MAX_STEPS, field_path, find

DOCUMENT = {"a": {"b.c": [1, {"d": None}]}, "0": "zero"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".", DOCUMENT),
        ("0", "zero"),
        (r"a.b\.c.0", 1),
        (r"a.b\.c.1.d", None),
        (r"a.b\.c.2", None),
        (r"a.b\.c.x", None),
        ("a.b.c", None),
        ("0.a", None),
    ],
)
def test_a_path_finds_what_stands_there(text: str, expected: object) -> None:
    assert find(DOCUMENT, field_path(text)) == expected


@pytest.mark.parametrize("text", ["", "a..b", ".a", "a.", ".".join("a" * (MAX_STEPS + 1))])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="step"):
        field_path(text)
