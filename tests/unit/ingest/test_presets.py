"""``gigacity mapping preset``: a Telegraf configuration and a mapping that hold together."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gigacity_contract.errors import ConfigError
from gigacity_contract.payloads import Port
from gigacity_ingest.cli import app
from gigacity_ingest.mapping.port_indices import FORMULAS
from gigacity_ingest.presets.catalogue import PRESETS
from gigacity_ingest.presets.definition import OltPreset

ALL = pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))


def _run(name: str, folder: Path, *args: str) -> Result:
    given = ["mapping", "preset", name, "--area", "371602", "--out", str(folder), *args]
    return CliRunner().invoke(app, given)


@ALL
@pytest.mark.parametrize("data_format", ["json", "influx"])
def test_the_mapping_passes_the_check_with_its_own_tests(
    preset: OltPreset, data_format: str, tmp_path: Path
) -> None:
    assert _run(preset.name, tmp_path, "--format", data_format).exit_code == 0

    checked = CliRunner().invoke(app, ["mapping", "check", str(tmp_path)])
    count = len(preset.examples)
    assert checked.stdout == f"1 source(s): {preset.name}; {count} of {count} test(s) pass\n"


@ALL
def test_the_configuration_polls_numeric_oids_and_holds_no_secret(
    preset: OltPreset, tmp_path: Path
) -> None:
    _run(preset.name, tmp_path, "--agent", "olt-9=udp://192.0.2.9:161", "--agent", "tcp://[::1]")
    read = tomllib.loads((tmp_path / f"{preset.name}.conf").read_text(encoding="utf-8"))

    first, second = read["inputs"]["snmp"]
    assert (first["agents"], first["tags"]) == (["udp://192.0.2.9:161"], {"olt": "olt-9"})
    assert (second["agents"], "tags" in second) == (["tcp://[::1]"], False)
    (table,) = first["table"]
    assert all(re.fullmatch(r"[0-9.]+", field["oid"]) for field in table["field"])
    names = [field["name"] for field in table["field"]]
    assert names == ["ifName", *(column.name for column in preset.columns)]
    assert [field["name"] for field in table["field"] if field.get("is_tag")] == ["ifName"]
    (output,) = read["outputs"]["mqtt"]
    assert output["password"] == "${MQTT_PASSWORD}"
    assert output["tls_ca"] == "${MQTT_CA}"
    assert first["community"] == "${SNMP_COMMUNITY}"


@ALL
def test_each_fact_names_its_source_and_each_field_is_a_ports(preset: OltPreset) -> None:
    assert preset.formula in FORMULAS
    targets = [column.target for column in preset.columns]
    assert len(set(targets)) == len(targets)
    assert set(targets) <= set(Port.__struct_fields__)
    assert {"admin", "oper"} <= set(targets)
    assert all(column.source for column in preset.columns)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--agent", 'udp://h:1"]\n[x]'], "--agent"),
        (["--agent", "olt/9=udp://h:1"], "--agent"),
        (["--broker", "http://broker"], "--broker"),
        (["--format", "xml"], "known are json, influx"),
        (["--area", "3716"], "6 digits"),
        (["--user", "a/b"], "--user a/b"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    args: list[str], said: str, tmp_path: Path
) -> None:
    result = _run("zte-c300", tmp_path, *args)

    assert isinstance(result.exception, ConfigError)
    assert said in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_none_is_told_the_names() -> None:
    result = _run("cisco", Path("nowhere"))
    assert isinstance(result.exception, ConfigError)
    assert "huawei-ma5800, zte-c300" in str(result.exception)


def test_files_that_are_there_stay_unless_told_otherwise(tmp_path: Path) -> None:
    _run("zte-c600", tmp_path)
    path = tmp_path / "zte-c600.yaml"
    path.write_text("mine", encoding="utf-8")

    assert "--force" in str(_run("zte-c600", tmp_path).exception)
    assert path.read_text(encoding="utf-8") == "mine"
    assert _run("zte-c600", tmp_path, "--force").exit_code == 0
    assert path.read_text(encoding="utf-8") != "mine"
