"""The page of the mapping language: every key, count, unit and formula; every example runs."""

import re
from pathlib import Path

import pytest

from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.mapping.counts import MAX_NAME, MAX_UNMAPPED, UNMAPPED, FieldOutcome
from gigacity_ingest.mapping.keys import KEYS
from gigacity_ingest.mapping.language import MAX_SOURCES
from gigacity_ingest.mapping.loading import check_mappings
from gigacity_ingest.mapping.port_indices import FORMULAS
from gigacity_ingest.mapping.problems import MappingError
from gigacity_ingest.mapping.units import UNITS

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "docs/samples/mapping"
PAGE = (ROOT / "docs/mapping.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(version: 1\n.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def _section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _rows(text: str) -> list[list[str]]:
    rows = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows]


def test_the_page_has_every_key_and_no_other() -> None:
    told = {
        (place.strip("`"), key.strip("`"), must == "yes")
        for place, key, must, _ in _rows(_section("Every key"))
        if place.startswith("`")
    }
    known = {
        (place, key, key in keys.required) for place, keys in KEYS.items() for key in keys.known
    }
    assert told == known


def test_the_page_has_every_count() -> None:
    text = _section("What is counted")
    outcomes = {*map(str, FieldOutcome), UNMAPPED}
    assert {outcome for outcome in outcomes if f"`{outcome}`" not in text} == set()
    assert f"{MAX_UNMAPPED} names of {MAX_NAME} characters" in text
    assert f"at most {MAX_SOURCES}" in PAGE


def test_the_page_has_every_formula() -> None:
    told = {row[0].strip("`") for row in _rows(_section("Ports of OLTs"))} - {"formula", "---"}
    assert {name for name in told if "---" not in name} == set(FORMULAS)


def test_units_on_the_page_are_known() -> None:
    table = _section("From a property to a field").partition("| unit of the field")[2]
    rows = [row for row in _rows("| unit of the field" + table) if row[0].startswith("`")]
    names = {name for row in rows for name in re.findall(r"`([^`]+)`", " ".join(row))}
    known = {name for units in UNITS.values() for name in (*units,)} | set(UNITS)
    assert names <= known
    fields = {name for row in rows for name in re.findall(r"`([^`]+)`", row[0])}
    # Fields of these are given as they are.
    assert set(UNITS) - fields == {"1", "dB(A)", "dBm", "%/m"}


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_does_what_it_says(number: int, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLES[number], encoding="utf-8")
    loaded = check_mappings([path])
    assert loaded.failures == []
    assert loaded.cases >= 1
    assert {source.format for source in loaded.sources} <= set(FORMATS)


def test_there_are_three_walks_and_an_example_of_everything() -> None:
    assert len(EXAMPLES) == 4
    used = set(re.findall(r"[\w]+(?=:)", EXAMPLES[0]))
    places = ("source", "identity", "kind", "field", "test", "owner", "time")
    keys = {key for place in places for key in KEYS[place].known}
    elsewhere = {
        "dialect", "answers", "sequence", "worker", "unit", "format", "area", "community", "offset",
        "slot", "retained", "received",
    }  # fmt: skip
    assert keys - used <= elsewhere


def test_the_sample_is_sound_and_pointed_at_in_both_languages() -> None:
    loaded = check_mappings([SAMPLE])
    assert [source.name for source in loaded.sources] == ["site"]
    assert (loaded.cases, loaded.failures) == (2, [])
    for page in ("docs/mapping.md", "docs/zh/mapping.md", "deploy/sources/README.md"):
        assert "samples/mapping/site.yaml" in (ROOT / page).read_text(encoding="utf-8")


def test_a_folder_of_something_else_is_one_fault_for_each_file() -> None:
    with pytest.raises(MappingError) as raised:
        check_mappings([ROOT / "docs", SAMPLE])
    (problem,) = raised.value.problems
    assert str(problem).startswith("asyncapi.yaml:3:1: is no mapping file, since it has no 'sou")
