"""Whatever people see exists in both languages, and is used."""

import re
from pathlib import Path

import pytest

import gigacity_api.site
from gigacity_api.indicators.entries import Subject
from gigacity_api.indicators.registry import INDICATORS
from gigacity_api.site.words import COUNTED, UNITS, VERDICTS, WORDS, Words

FOLDER = Path(gigacity_api.site.__file__).parent
SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in [
        *FOLDER.glob("*.py"),
        *FOLDER.glob("templates/*"),
        *FOLDER.parent.glob("http/*.py"),
    ]
    if path.name != "words.py"
)


NAMES = (
    "JSON-LD", "CSV", "XLSX", "JSON", "Atom", "DCAT", "Gigacity", "feed.atom", "catalog.jsonld",
    "/api/v1/indicators/", "/evidence", "&amp;",
)  # fmt: skip
"""Of formats, files and addresses: alike in every language."""


@pytest.mark.parametrize("key", WORDS)
def test_a_text_is_in_both_languages_with_the_same_blanks(key: str) -> None:
    zh, en = WORDS[key]
    assert zh
    assert en
    assert set(re.findall(r"\{(\w+)\}", zh)) == set(re.findall(r"\{(\w+)\}", en))
    if key not in {"other_language", "colon", "comma", "semicolon", "stop", "open", "close"}:
        assert not re.search("[\u4e00-\u9fff]", en)


def test_every_text_is_used() -> None:
    unused = [key for key in WORDS if not re.search(rf"\b{key}\b", SOURCES)]
    assert unused == []


def test_every_unit_verdict_and_subject_has_words() -> None:
    assert {indicator.unit for indicator in INDICATORS.values()} <= set(UNITS)
    assert set(COUNTED) == set(Subject)
    assert set(VERDICTS) == {"met", "missed", "undetermined", "no_target"}
    assert len({sign for sign, _ in VERDICTS.values()}) == 4


def test_a_text_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AttributeError, match="no text 'nonsense'"):
        _ = Words("zh").nonsense


@pytest.mark.parametrize("path", sorted(FOLDER.glob("templates/*.html")), ids=lambda p: p.name)
def test_no_template_has_words_of_its_own(path: Path) -> None:
    """Letters outside of tags and braces would be one language's."""
    source = path.read_text(encoding="utf-8")
    text = re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>", " ", source, flags=re.DOTALL)
    for name in NAMES:
        text = text.replace(name, "")
    assert re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", text) == []
