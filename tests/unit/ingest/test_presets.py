"""``gigacity mapping preset``: a Telegraf configuration and a mapping that hold together."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gigacity_contract.errors import ConfigError
from gigacity_contract.payloads import Port
from gigacity_ingest.cli import app
from gigacity_ingest.mapping.port_indices import FORMULAS
from gigacity_ingest.presets.catalogue import PRESETS
from gigacity_ingest.presets.definition import OltPreset
from gigacity_ingest.presets.onu_counting import counting_script
from tests.support.olt_presets import StarlarkMetric

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
    *onus, table = first["table"]
    fields = [field for one in first["table"] for field in one["field"]]
    assert all(re.fullmatch(r"[0-9.]+", field["oid"]) for field in fields)
    # ONUs come first, so that the ports of the same poll take their counts along.
    assert [one["name"] for one in onus] == (["onu"] if preset.onus else [])
    assert len(read.get("processors", {}).get("starlark", ())) == len(onus)
    pattern = None if preset.onus is None else [preset.onus.index_pattern]
    assert first["tagpass"].get("index") == pattern
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
    targets = [column.target for column in preset.mapped]
    assert len(set(targets)) == len(targets)
    assert set(targets) <= set(Port.__struct_fields__)
    assert {"admin", "oper"} <= set(targets)
    assert all(column.source for column in preset.mapped)


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


def _metric(name: str, index: str, time: int, **fields: int) -> StarlarkMetric:
    return StarlarkMetric(name, index, dict(fields), time)


def test_onus_are_counted_by_port_and_poll() -> None:
    """A poll that lacks the ports is forgotten, and ports without ONUs say nothing of them."""
    table = PRESETS["huawei-ma5800"].onus
    assert table is not None
    script: dict[str, Any] = {}
    exec(counting_script(table), script)  # noqa: S102 - ours
    apply = script["apply"]
    for time, states in ((1, [(1, -1)] * 9), (2, [(1, -1), (1, 13), (2, 13), (2, 1), (2, -1)])):
        for number, (state, cause) in enumerate(states):
            metric = _metric("onu", f"77.{number}", time, onuState=state, onuCause=cause)
            assert apply(metric) is None
    other, port = _metric("pon", "78", 2, a=1), _metric("pon", "77", 2, a=1)
    assert apply(other) is other
    assert apply(port) is port
    assert other.fields == {"a": 1}
    counts = {"onusOnline": 2, "onusWithoutPower": 1, "onusWithoutLight": 1}
    assert port.fields == {"a": 1, **counts}, "the port itself says how many there are"
    again = _metric("pon", "77", 3)
    assert apply(again).fields == {}, "what was counted is of one poll"


def test_a_state_that_says_why_needs_no_other_column() -> None:
    table = PRESETS["zte-c300"].onus
    assert table is not None
    script: dict[str, Any] = {}
    exec(counting_script(table), script)  # noqa: S102 - ours
    for number, state in enumerate((4, 4, 5, 2, 7, 1)):
        script["apply"](_metric("onu", f"9.{number}", 1, onuState=state))
    port = script["apply"](_metric("pon", "9", 1))
    assert port.fields == {
        "onusSeen": 6, "onusOnline": 2, "onusWithoutPower": 1, "onusWithoutLight": 1,
    }  # fmt: skip


def test_an_index_of_port_and_onu_in_one_is_told_apart_and_unknown_causes_are_not_counted() -> None:
    table = PRESETS["fiberhome-an5516"].onus
    assert table is not None
    script: dict[str, Any] = {}
    exec(counting_script(table), script)  # noqa: S102 - ours
    port_index = (11 << 25) + (4 << 19)
    for number, state in enumerate((1, 1, 2, 0, 3), start=1):
        script["apply"](_metric("onu", str(port_index + (number << 8)), 1, onuState=state))
    port = script["apply"](_metric("pon", str(port_index), 1))
    other = script["apply"](_metric("pon", str((11 << 25) + (5 << 19)), 1))
    assert port.fields == {"onusOnline": 2, "onusWithoutPower": 1}
    assert other.fields == {}
