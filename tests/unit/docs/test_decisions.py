"""Decisions: one number each, the one that its title says."""

from pathlib import Path

import pytest

PAGES = sorted(Path("docs/decisions").glob("[0-9]*.md"))


def test_no_two_decisions_have_one_number() -> None:
    numbers = [page.name[:4] for page in PAGES]
    assert numbers == sorted(set(numbers))
    assert numbers


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_begins_with_its_number(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert "\nArea: " in text
    assert "Status: " in text
