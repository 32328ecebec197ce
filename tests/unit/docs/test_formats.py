"""The page of foreign formats names every one of them, its dialect and its words."""

import re
from pathlib import Path

import pytest

from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.times import TimeRule

ROOT = Path(__file__).parents[3]
PAGES = {"en": ROOT / "docs/formats.md", "zh": ROOT / "docs/zh/formats.md"}


def _rows(language: str) -> dict[str, str]:
    lines = PAGES[language].read_text(encoding="utf-8").splitlines()
    return {found[1]: line for line in lines if (found := re.match(r"\| `(\w+)` \| ", line))}


@pytest.mark.parametrize("language", PAGES)
def test_every_format_has_a_row_and_no_other_has(language: str) -> None:
    rows = _rows(language)

    assert set(rows) == set(FORMATS)
    for name, row in FORMATS.items():
        assert getattr(row, language) in rows[name]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_keys_of_a_dialect_are_those_on_the_page(name: str) -> None:
    with pytest.raises(ValueError, match="surprise") as caught:
        FORMATS[name].make({"surprise": 1}, TimeRule())
    known = set(re.findall(r"\w+", str(caught.value).partition("known: ")[2]))
    cell = _rows("en")[name].split(" | ")[4]

    assert set(re.findall(r"`(\w+)`:", cell) + re.findall(r"`(\w+)`, `\w+`:", cell)) == known
