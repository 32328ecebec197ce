"""A page in two languages says the same: headings, commands, examples, names and figures.

What the words mean a test cannot judge; that neither page has a section, command, setting or
number that the other lacks, it can.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAIRS = {
    "README.md": "docs/zh/README.md",
    "docs/README.md": "docs/zh/index.md",
    "docs/integrators.md": "docs/zh/integrators.md",
    "docs/formats.md": "docs/zh/formats.md",
    "docs/mapping.md": "docs/zh/mapping.md",
    "docs/operators.md": "docs/zh/operators.md",
    "docs/officers.md": "docs/zh/officers.md",
    "docs/alarms.md": "docs/zh/alarms.md",
    "docs/notifications.md": "docs/zh/notifications.md",
    "docs/figures.md": "docs/zh/figures.md",
}
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.\-/])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![A-Za-z\d])")


def _read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _sections(text: str) -> list[tuple[int, str]]:
    """Level and body of each section, in order, without fenced blocks."""
    bare = FENCE.sub("", text)
    parts = re.split(r"^(#+) [^\n]*$", bare, flags=re.MULTILINE)
    return [(len(mark), body) for mark, body in zip(parts[1::2], parts[2::2], strict=True)]


def _blocks(text: str) -> list[str]:
    """Fenced blocks; pictures carry words of their language and are compared by their lines."""
    return [
        f"mermaid of {block.count(chr(10))} lines" if block.startswith("```mermaid") else block
        for block in FENCE.findall(text)
    ]


def _code(body: str) -> Counter[str]:
    return Counter(re.findall(r"`([^`\n]+)`", body))


def _numbers(body: str) -> Counter[str]:
    prose = re.sub(r"`[^`\n]+`|\]\([^)]*\)", " ", body)
    return Counter(NUMBER.findall(prose))


@pytest.mark.parametrize(("english", "chinese"), PAIRS.items(), ids=PAIRS.keys())
def test_both_languages_have_the_same_sections_examples_names_and_figures(
    english: str, chinese: str
) -> None:
    ours, theirs = _read(english), _read(chinese)

    assert [level for level, _ in _sections(theirs)] == [level for level, _ in _sections(ours)]
    assert _blocks(theirs) == _blocks(ours)
    for (_, en), (_, zh) in zip(_sections(ours), _sections(theirs), strict=True):
        assert _code(zh) == _code(en)
        assert _numbers(zh) == _numbers(en)


@pytest.mark.parametrize("page", sorted({*PAIRS, *PAIRS.values()}))
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", FENCE.sub("", _read(page)))
    gone = [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]

    assert gone == []
