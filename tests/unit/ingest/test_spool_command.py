"""``gigacity spool``: what it prints and how it exits."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gigacity_contract.errors import ConfigError
from gigacity_ingest.commands.spool import app
from tests.support.spooling import confirm_next, make_record, open_small


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder whose spool holds four records, one of them confirmed."""
    spool = open_small(tmp_path / "spool")
    for number in range(1, 5):
        spool.append(make_record(number))
    confirm_next(spool)
    spool.close()
    return tmp_path


def damage(state: Path) -> None:
    (segment,) = (state / "spool").glob("*.segment")
    with segment.open("r+b") as file:
        file.seek(1000)
        file.write(b"\xde\xad")


def test_status_as_json(state: Path) -> None:
    result = run("status", "--state-dir", state, "--json")

    shown = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (shown["records"], shown["points"], shown["oldest_ms"]) == (3, 9, 1_000_002)
    assert (shown["in_use_by"], shown["ok"], shown["problems"]) == (None, True, [])


def test_a_table_for_people(state: Path) -> None:
    result = run("verify", "--state-dir", state)

    assert result.exit_code == 0
    assert "0000000001.segment" in result.stdout
    assert "all of it can be read" in result.stdout


def test_it_looks_at_a_spool_in_use(state: Path) -> None:
    """It takes no lock, and an append that is under way is no damage."""
    spool = open_small(state / "spool")
    spool.append(make_record(5))
    newest = max((state / "spool").glob("*.segment"))
    with newest.open("r+b") as file:
        file.seek(spool.status().disk_bytes)
        file.write(b"GSP1 half a record")

    result = run("status", "--state-dir", state, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["records"] == 4
    assert isinstance(json.loads(result.stdout)["in_use_by"], int)
    spool.append(make_record(6))


def test_damage_is_named_and_nothing_is_changed(state: Path) -> None:
    damage(state)
    (segment,) = (state / "spool").glob("*.segment")
    before = segment.read_bytes()

    result = run("verify", "--state-dir", state, "--json")

    shown = json.loads(result.stdout)
    assert result.exit_code == 1
    assert not shown["ok"]
    assert "are damaged" in shown["problems"][0]
    assert shown["segments"][0]["damaged_bytes"] > 400
    assert segment.read_bytes() == before
    assert not (state / "spool" / "damaged").exists()


def test_kept_damage_stays_a_problem_until_somebody_looked(state: Path) -> None:
    damage(state)
    open_small(state / "spool").close()

    assert run("status", "--state-dir", state).exit_code == 1
    text = run("status", "--state-dir", state).stdout.replace("\n", " ")
    assert "look at them, then remove them" in text


def test_a_worker_that_never_spooled(tmp_path: Path) -> None:
    result = run("status", "--state-dir", tmp_path, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["records"] == 0


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    result = run("verify", "--state-dir", tmp_path / "other")

    assert isinstance(result.exception, ConfigError)
    assert "GIGACITY_STATE_DIR" in str(result.exception)
