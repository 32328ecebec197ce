"""``gigacity mapping suggest``: discovery in, a mapping that loads out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gigacity_contract.errors import ConfigError
from gigacity_ingest.cli import app

METER = {
    "dev_cla": "energy",
    "unit_of_meas": "kWh",
    "stat_t": "meters/m-7/state",
    "val_tpl": "{{ value_json.e }}",
    "dev": {"ids": "m-7"},
}
LINES = f"homeassistant/sensor/m-7/config {json.dumps(METER)}\nother/topic 1\n".encode()


def _run(*args: str, stdin: bytes = LINES) -> Result:
    return CliRunner().invoke(app, ["mapping", "suggest", "-", *args], input=stdin)


def test_what_is_proposed_passes_the_check(tmp_path: Path) -> None:
    result = _run("--area", "371602")
    path = tmp_path / "proposed.yaml"
    path.write_text(result.stdout, encoding="utf-8")

    assert result.exit_code == 0
    checked = CliRunner().invoke(app, ["mapping", "check", str(path)])
    assert checked.stdout == "1 source(s): discovered-1; 0 of 0 test(s) pass\n"


def test_programs_are_told_the_same() -> None:
    told = json.loads(_run("--area", "371602", "--json").stdout)

    assert told["foreign_ids"] == [{"source": "discovered-1", "foreign_id": "m-7"}]
    assert told["mapping"] == _run("--area", "371602").stdout
    assert told["notes"] == []


@pytest.mark.parametrize(
    "stdin", [b"", b"other/topic 1", b"ha/sensor/x/config {", b"\xff/config \xff"]
)
def test_nothing_to_propose_is_told_by_the_exit_code(stdin: bytes) -> None:
    result = _run("--area", "371602", stdin=stdin)
    assert (result.exit_code, "sources: []" in result.stdout) == (1, True)


def test_an_area_that_is_none_is_refused() -> None:
    assert isinstance(_run("--area", "3716").exception, ConfigError)


def test_messages_of_a_format_are_proposed_for_as_well() -> None:
    line = b'dtu/m-1/up {"smoke": "alarm", "battery": 97}\n'
    result = _run("--area", "371602", "--decoder", "json", stdin=line)

    assert (result.exit_code, "kind: smoke_detector" in result.stdout) == (0, True)


def test_an_unknown_decoder_is_refused_with_those_that_are_known() -> None:
    refused = _run("--area", "371602", "--decoder", "jason").exception
    assert "sparkplug_b" in str(refused)
