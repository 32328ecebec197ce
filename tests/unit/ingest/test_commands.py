"""The command lines: help, faults, exit codes, and what the README promises."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_contract.errors import ConfigError
from gigacity_ingest import cli
from gigacity_ingest.dead_letters.counts import DeadLetterCounts
from gigacity_ingest.dead_letters.store import DeadLetterStore
from gigacity_ingest.decode.dead_letter import DeadLetter
from tests.support.city import write_city
from tests.support.recordings import recorded
from tests.support.replay import Replay, Respond
from tests.unit.ingest.messages import NOW_MS, PON_TOPIC

README = Path(__file__).parents[3] / "ingest" / "README.md"
DONE = Respond(200, {}, b'{"results":[{"statement_id":0}]}')
V1 = Respond(204, {"X-Influxdb-Version": "1.6.7~rc0"})


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os  # noqa: PLC0415 - used here alone.

    for name in [n for n in os.environ if n.startswith("GIGACITY_")]:
        monkeypatch.delenv(name)


def _run(*words: str, env: dict[str, str] | None = None) -> Any:
    return CliRunner().invoke(cli.app, list(words), env=env)


@pytest.mark.parametrize(
    "words", [["ingest"], ["provision"], ["deadletters", "list"], ["deadletters", "replay"]]
)
def test_help_shows_an_example(words: list[str]) -> None:
    result = _run(*words, "--help")

    assert result.exit_code == 0
    assert "Example" in result.output


def _settings(command: str) -> dict[str, list[str]]:
    """Variable to flags of a command."""
    group: Any = typer.main.get_command(cli.app)
    return {p.envvar: list(p.opts) for p in group.commands[command].params if p.envvar}


def test_every_setting_is_a_variable_and_a_flag_of_the_same_name() -> None:
    for variable, flags in (_settings("ingest") | _settings("provision")).items():
        assert flags == ["--" + variable.removeprefix("GIGACITY_").lower().replace("_", "-")]


def test_every_reason_is_in_the_readme() -> None:
    readme = README.read_text(encoding="utf-8")

    assert [r for r in RejectionReason if f"`{r}`" not in readme] == []


def test_a_city_without_that_area_is_a_wrong_call(tmp_path: Path) -> None:
    city = write_city(tmp_path / "city")
    result = _run("ingest", "--city", str(city), "--mqtt-areas", "999999")

    assert isinstance(result.exception, ConfigError)


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    store = DeadLetterStore(tmp_path / "w" / "deadletters", budget_bytes=10**6)
    dead_letters = [
        DeadLetter(
            reason=RejectionReason.NOT_JSON, extent=Extent.MESSAGE, error="malformed",
            topic=PON_TOPIC,
            payload=payload, received_ms=NOW_MS,
        )
        for payload in (b"junk", b"junk", b"\xff")
    ]  # fmt: skip
    store.append(dead_letters)
    store.close()
    return tmp_path / "w"


def test_dead_letters_are_listed_once_each(state_dir: Path) -> None:
    result = _run("deadletters", "list", "--state-dir", str(state_dir), "--json")
    first, second = [json.loads(line) for line in result.output.splitlines()]

    assert (first["times"], second["times"]) == (2, 1)
    assert (first["reason"], first["extent"], first["topic"]) == ("not_json", "message", PON_TOPIC)
    plain = _run("deadletters", "list", "--state-dir", str(state_dir))
    assert first["id"] in plain.output
    assert "malformed" in plain.output


def test_one_dead_letter_is_shown_with_its_bytes(state_dir: Path) -> None:
    listed = _run("deadletters", "list", "--state-dir", str(state_dir), "--json")
    second = json.loads(listed.output.splitlines()[1])["id"]

    shown = _run("deadletters", "show", second[:6], "--state-dir", str(state_dir))
    assert "\\xff" in shown.output
    as_json = _run("deadletters", "show", second, "--state-dir", str(state_dir), "--json")
    assert json.loads(as_json.output)["payload"] == "/w=="
    unknown = _run("deadletters", "show", "zz", "--state-dir", str(state_dir))
    assert isinstance(unknown.exception, ConfigError)


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_dead_letters_are_exported_and_may_then_leave_the_store(
    state_dir: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / name
    before = [stored.dead_letter for stored in _store(state_dir).unique()]
    done = _run("deadletters", "export", str(target), "--state-dir", str(state_dir), "--settle")
    data = target.read_bytes()
    lines = (gzip.decompress(data) if name.endswith(".gz") else data).splitlines()

    assert done.exit_code == 0
    assert [msgspec.json.decode(line, type=DeadLetter) for line in lines] == before
    assert all(stored.is_resolved for stored in _store(state_dir).unique())


def test_counted_dead_letters_are_listed_exported_and_settled(
    state_dir: Path, tmp_path: Path
) -> None:
    (whole,) = {stored.dead_letter for stored in _store(state_dir).unique()} - {
        next(_store(state_dir).unique()).dead_letter
    }
    DeadLetterCounts(state_dir / "deadletters").add([whole] * 3)
    words = ("--state-dir", str(state_dir), "--json")

    def listed(*more: str) -> list[tuple[int, bool]]:
        lines = _run("deadletters", "list", *words, *more).output.splitlines()
        rows = [json.loads(line) for line in lines]
        return [(row["times"], row["resolved"]) for row in rows if row["kept"] == "count"]

    assert listed() == [(3, False)]
    target = tmp_path / "out.jsonl"
    done = _run("deadletters", "export", str(target), *words[:2], "--settle")
    assert "3 more are only counted: 1 lines of counts" in done.output
    last = json.loads(target.read_bytes().splitlines()[-1])
    assert (last["publisher"], last["reason"], last["count"]) == (
        "371602/olt/olt-a", "not_json", 3,
    )  # fmt: skip
    assert (listed(), listed("--all")) == ([], [(3, True)])


def test_an_export_overwrites_nothing_and_settles_nothing_if_it_fails(
    state_dir: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.jsonl"
    target.write_bytes(b"mine")
    done = _run("deadletters", "export", str(target), "--state-dir", str(state_dir), "--settle")

    assert isinstance(done.exception, ConfigError)
    assert target.read_bytes() == b"mine"
    assert not any(stored.is_resolved for stored in _store(state_dir).unique())


def _store(state_dir: Path) -> DeadLetterStore:
    return DeadLetterStore(state_dir / "deadletters", budget_bytes=0)


def test_a_state_folder_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    result = _run("deadletters", "list", "--state-dir", str(tmp_path / "none"))

    assert isinstance(result.exception, ConfigError)


@pytest.fixture
def server() -> Iterator[Replay]:
    with Replay() as server:
        yield server


def test_a_replay_says_what_it_did(state_dir: Path, tmp_path: Path, server: Replay) -> None:
    server.give("POST", "/write", V1)
    city = write_city(tmp_path / "city")
    result = _run(
        "deadletters", "replay", "--state-dir", str(state_dir), "--influx-url", server.url,
        "--city", str(city), "--json",
    )  # fmt: skip

    assert result.exit_code == 0
    assert json.loads(result.output) == {
        "dead_letters": 2, "settled": 0, "not_whole": 0, "balanced": True,
        "points": {"replayed": 0, "confirmed": 0, "dead_lettered": 0},
    }  # fmt: skip


def test_provision_makes_storage_and_the_users_whose_passwords_are_given(server: Replay) -> None:
    server.give("GET", "/ping", V1)
    server.give("POST", "/query", DONE)
    env = {
        "GIGACITY_INFLUX_URL": server.url,
        "GIGACITY_INFLUX_ADMIN_USERNAME": "admin",
        "GIGACITY_INFLUX_ADMIN_PASSWORD": "adm1n",
        "GIGACITY_INFLUX_WORKER_PASSWORD": "w0rker",
    }
    result = _run("provision", env=env)

    assert result.exit_code == 0, result.output
    statements = [r.parameters["q"] for r in server.received if r.route == "/query"]
    assert 'CREATE DATABASE "gigacity"' in statements
    assert sum(s.startswith("CREATE USER") for s in statements) == 1
    assert "w0rker" not in result.output
    assert "adm1n" not in result.output


def test_provision_says_which_credentials_it_needs(server: Replay) -> None:
    server.give("GET", "/ping", V1)
    server.give("POST", "/query", recorded("influxdb1", "auth.first_user_other_statement"))
    result = _run("provision", "--influx-url", server.url)

    assert result.exit_code == 1
    assert "GIGACITY_INFLUX_ADMIN_USERNAME" in result.output


def test_provision_of_2x_needs_a_token(server: Replay) -> None:
    server.give("GET", "/ping", Respond(204, {"X-Influxdb-Version": "v2.9.1"}))
    result = _run("provision", "--influx-url", server.url)

    assert result.exit_code == 2
    assert "GIGACITY_INFLUX_ADMIN_TOKEN" in result.output


def test_half_of_the_administrators_credentials_is_a_wrong_call() -> None:
    result = _run("provision", "--influx-admin-username", "admin")

    assert isinstance(result.exception, ConfigError)
