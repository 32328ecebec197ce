"""The page that explains city files names everything that one may hold."""

import re
from pathlib import Path

import pytest

from gigacity_city.outline import read_outline
from gigacity_city.problems import Problems
from gigacity_city.schemas import SCHEMAS
from gigacity_city.tables import TableSchema
from gigacity_city.vocabulary import PARAMETERS, SMART_ITEMS, TARGETABLE, URBAN_CLASSES
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.technology import TECHNOLOGIES

README = (Path(__file__).parents[3] / "deploy" / "city" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.file)
def test_every_column_is_explained_under_its_table(schema: TableSchema) -> None:
    section = README.partition(f"### {schema.file}\n")[2].partition("\n#")[0]
    named = {
        name
        for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert named == set(schema.columns)


def test_every_word_of_the_vocabulary_is_named() -> None:
    words = {word for word in TARGETABLE if not word.startswith("device.online.")}
    words |= SMART_ITEMS | TECHNOLOGIES | set(CATALOGUE) | set(PARAMETERS)
    assert {word for word in words if f"`{word}`" not in README} == set()
    assert all(f"{number} " in README for number in URBAN_CLASSES)


def test_its_example_of_city_yaml_can_be_loaded() -> None:
    example = README.partition("```yaml\n")[2].partition("```")[0]
    problems = Problems()
    outline = read_outline(example, problems)
    problems.raise_if_any()
    assert [area.code for area in outline.areas] == ["371603", "371690"]
    assert {target.scope for target in outline.targets} == {"city", "area"}
