"""A file that a person writes, nested ten thousand levels deep, is one fault with its name."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gigacity_api.keys import parse_keys
from gigacity_city.document import NotYAMLError, plain_document
from gigacity_city.load import load_city
from gigacity_contract.errors import ConfigError, GigacityError
from gigacity_ingest.mapping.loading import load_sources
from gigacity_notify.configuration import read_file
from gigacity_simulators.citygen.command import generate_city
from gigacity_simulators.scenarios.language import read_scenario
from tests.support.city import write_city
from tests.support.mappings import source_text

LEVELS = 10_000
PRODUCT = ("ingest", "api", "simulators", "dashboards", "deploy")
ROOT = Path(__file__).parents[2]

YAML = "version: 1\nx: " + "[" * LEVELS + "]" * LEVELS
JSON = '{"x":' * LEVELS + "1" + "}" * LEVELS


def _city(folder: Path) -> object:
    return load_city(write_city(folder, city=YAML))


def _city_of_generator(folder: Path) -> object:
    (folder / "city.yaml").write_text(YAML, encoding="utf-8")
    app = typer.Typer()
    app.command("generate-city")(generate_city)
    result = CliRunner().invoke(app, ["--base", str(folder / "city.yaml")])
    assert result.exception is not None
    raise result.exception


def _mapping(folder: Path) -> object:
    (folder / "a.yaml").write_text(YAML, encoding="utf-8")
    return load_sources(folder / "a.yaml")


def _expectation_of_mapping(folder: Path) -> object:
    (folder / "e.json").write_text(JSON, encoding="utf-8")
    case = "tests: [{source: here, topic: site/371602001001/a/up, payload: {t: 1},"
    text = f"{source_text('{temp_c: t}')}{case} expect: 'file:e.json'}}]\n"
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    return load_sources(folder / "a.yaml")


def _channels(folder: Path) -> object:
    (folder / "channels.yaml").write_text(YAML, encoding="utf-8")
    return read_file(folder / "channels.yaml")


def _scenario(_folder: Path) -> object:
    return read_scenario("faults.yaml", YAML)


def _map(folder: Path) -> object:
    (write_city(folder) / "map.geojson").write_text(JSON, encoding="utf-8")
    return load_city(folder)


def _keys(_folder: Path) -> object:
    return parse_keys(JSON, "keys.jsonl")


@pytest.mark.parametrize(
    ("read", "named"),
    [
        (_city, "city.yaml:"),
        (_city_of_generator, "city.yaml:"),
        (_mapping, "a.yaml:"),
        (_expectation_of_mapping, "a.yaml:"),
        (_channels, "channels.yaml:1:1: is nested deeper"),
        (_scenario, "faults.yaml:"),
        (_map, "map.geojson:"),
        (_keys, "keys.jsonl:1:"),
    ],
)
def test_it_is_refused_by_name(read: Callable[[Path], object], named: str, tmp_path: Path) -> None:
    with pytest.raises(GigacityError) as raised:
        read(tmp_path)
    assert named in str(raised.value)
    assert len(str(raised.value)) < 1_000


def test_yaml_is_read_in_one_place() -> None:
    reads = ("yaml.safe_load", "yaml.load", "yaml.compose", "yaml.parse")
    found = {
        str(path.relative_to(ROOT))
        for folder in PRODUCT
        for path in (ROOT / folder).rglob("*.py")
        if any(f"{read}(" in path.read_text(encoding="utf-8") for read in reads)
    }
    assert found == {"ingest/gigacity_city/document.py"}


MERGES = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 9)
)


@pytest.mark.parametrize("text", [MERGES, "a: &a {k: v}\nb: {<<: *a}\n"])
def test_nothing_is_merged(tmp_path: Path, text: str) -> None:
    """Half a kilobyte of merges of merges took 17 s, and a gigabyte."""
    started_s = time.process_time()
    with pytest.raises(NotYAMLError, match="write the pairs out"):
        plain_document(text)
    assert time.process_time() - started_s < 1
    file = tmp_path / "channels.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"channels.yaml:2:\d+: .*<<"):
        read_file(file)


def test_a_quoted_name_of_that_kind_is_one() -> None:
    assert plain_document("'<<': 1\na: &a [1]\nb: *a\n") == {"<<": 1, "a": [1], "b": [1]}
