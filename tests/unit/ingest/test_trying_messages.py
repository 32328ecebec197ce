"""``gigacity mapping check``, ``mapping try`` and ``check``: what people and programs are told."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gigacity_contract.errors import ConfigError
from gigacity_ingest.cli import app
from tests.support.city import COMMUNITY_A, write_city
from tests.support.mappings import write_registry_mapping

TOPIC = "up/k1/d1"
NOW = "2025-11-30T12:00:00Z"
NATIVE = f"gigacity/v1/371602/community/{COMMUNITY_A}/smoke-1/telemetry"


def _run(*args: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return write_registry_mapping(tmp_path)


@pytest.fixture
def city(tmp_path: Path) -> Path:
    rows = f"here,k1/d1,,{COMMUNITY_A},smoke-7,,,\nhere,k1/d2,,371621101001,lamp-1,,,\n"
    header = "source,foreign_id,area,community,device,olt,slot,port\n"
    return write_city(tmp_path / "city", foreign_ids=header + rows)


def _tried(*args: str | Path, payload: Any) -> tuple[int, dict[str, Any]]:
    stdin = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    result = _run("mapping", "try", *args, "--received", NOW, "--json", stdin=stdin)
    return result.exit_code, json.loads(result.stdout)


def test_good_files_pass(mapping: Path) -> None:
    result = _run("mapping", "check", mapping)
    assert (result.exit_code, result.stdout) == (0, "1 source(s): here; 0 of 0 test(s) pass\n")
    found = json.loads(_run("mapping", "check", mapping.parent, "--json").stdout)
    assert found == {"ok": True, "sources": ["here"], "tests": 0, "problems": [], "failures": []}


def test_a_wrong_file_is_told_by_place(mapping: Path) -> None:
    text = mapping.read_text(encoding="utf-8").replace("temp_c", "tmp_c")
    mapping.write_text(text, encoding="utf-8")
    result = _run("mapping", "check", mapping)
    assert result.exit_code == 1
    assert "a.yaml:11:18: sources[0].kinds[0].fields.tmp_c" in result.stderr
    problem = json.loads(_run("mapping", "check", mapping, "--json").stdout)["problems"][0]
    assert (problem["file"], problem["line"], problem["column"]) == ("a.yaml", 11, 18)


def test_a_failing_test_is_told(mapping: Path) -> None:
    case = {"source": "here", "topic": TOPIC, "payload": {"t": 1}, "expect": {}}
    text = mapping.read_text(encoding="utf-8") + f"tests: [{json.dumps(case)}]\n"
    mapping.write_text(text, encoding="utf-8")
    result = _run("mapping", "check", mapping)
    assert (result.exit_code, result.stdout) == (1, "1 source(s): here; 0 of 1 test(s) pass\n")
    assert "unknown_identity" in result.stderr


def test_no_file_is_a_wrong_call(tmp_path: Path) -> None:
    result = _run("mapping", "check", tmp_path / "gone.yaml")
    assert isinstance(result.exception, ConfigError)


def test_a_message_is_tried_in_the_city(mapping: Path, city: Path) -> None:
    payload = {"t": 215, "b": 255, "x": 1}
    code, found = _tried(mapping, "-", "--topic", TOPIC, "--city", city, payload=payload)

    assert code == 1, "255 % is out of range"
    assert found["stored"][0]["device"] == f"{COMMUNITY_A}/smoke-7"
    assert found["stored"][0]["arrival"] is True
    assert found["counts"] == {"wrong_type": {"battery_pct": 1}, "unmapped": {"x": 1}}
    assert found["outcome"]["lines"] == [
        f"device_smoke_detector,area=371602,community={COMMUNITY_A},device=smoke-7"
        " stamped=true,temp_c=21.5 1764504000000"
    ]
    assert found["outcome"]["dead_letters"][0]["extent"] == "partial"


def test_what_the_worker_refuses_is_refused_here(mapping: Path, city: Path) -> None:
    code, found = _tried(mapping, "-", "--topic", "up/k1/d2", "--city", city, payload={"t": 1})
    assert (code, found["outcome"]["lines"]) == (1, [])
    assert found["outcome"]["dead_letters"][0]["reason"] == "not_yours"


def test_without_a_city_ids_are_given(mapping: Path) -> None:
    code, found = _tried(
        mapping, "-", "--topic", TOPIC, "--id", f"k1/d1={COMMUNITY_A}/x-1", payload={"t": 1}
    )
    assert (code, len(found["outcome"]["lines"])) == (0, 1)
    code, found = _tried(mapping, "-", "--topic", TOPIC, payload={"t": 1})
    assert code == 1
    assert found["refused"][0]["reason"] == "unknown_identity"
    wrong = _run("mapping", "try", mapping, "-", "--topic", TOPIC, "--id", "k1/d1", stdin=b"{}")
    assert isinstance(wrong.exception, ConfigError)


def test_what_is_no_payload_is_told(mapping: Path) -> None:
    code, found = _tried(mapping, "-", "--topic", TOPIC, payload=b"{")
    assert (code, found["refused"][0]["reason"]) == (1, "not_json")
    assert found["outcome"]["dead_letters"][0]["extent"] == "message"


def test_people_see_what_became_of_it(mapping: Path, city: Path) -> None:
    result = _run(
        "mapping", "try", mapping, "-", "--topic", TOPIC, "--city", city, "--received", NOW,
        stdin=b'{"t": "215", "u[red]": 1}',
    )  # fmt: skip
    assert result.exit_code == 0
    for part in (
        "decoder json", "pk=k1, dn=d1", "states no time", "temp_c", "21.5", "arrival",
        "text_number: temp_c", "absent: battery_pct", "unmapped: u[red]", "good",
    ):  # fmt: skip
        assert part in result.stdout


def test_a_topic_of_no_source_is_a_wrong_call(mapping: Path) -> None:
    result = _run("mapping", "try", mapping, "-", "--topic", "x", stdin=b"{}")
    assert isinstance(result.exception, ConfigError)
    assert "here: up/{pk}/{dn}" in str(result.exception)


def test_a_native_message_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"ts": 1764504000000, "kind": "smoke_detector", "values": {"alarm": true}}')
    result = _run("check", path, "--topic", NATIVE, "--received", NOW, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["lines"] == [
        f"device_smoke_detector,area=371602,community={COMMUNITY_A},device=smoke-1 alarm=true"
        " 1764504000000"
    ]


def test_what_is_wrong_with_a_native_message_is_told(tmp_path: Path, city: Path) -> None:
    payload = b'{"ts": 1, "kind": "smoke_detector", "values": {"alarm": true}}'
    result = _run("check", "-", "--topic", NATIVE, "--city", city, stdin=payload)
    assert result.exit_code == 1
    assert "implausible_timestamp (message)" in result.stdout
    assert "not all of it is good" in result.stdout
    result = _run("check", "-", "--topic", "a/b", stdin=payload)
    assert "bad_topic" in result.stdout


@pytest.mark.parametrize("received", ["soon", "2025-11-30T12:00:00"])
def test_a_moment_without_an_offset_is_a_wrong_call(received: str) -> None:
    result = _run("check", "-", "--topic", NATIVE, "--received", received, stdin=b"{}")
    assert isinstance(result.exception, ConfigError)


def test_a_file_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    result = _run("check", tmp_path / "gone", "--topic", NATIVE)
    assert isinstance(result.exception, ConfigError)


def test_a_devices_own_number_is_shown_and_may_be_expected(mapping: Path, city: Path) -> None:
    text = mapping.read_text(encoding="utf-8").replace(
        "    owner:", "    sequence: head.n\n    owner:", 1
    )
    stored = {"device": f"{COMMUNITY_A}/smoke-7", "sequence": 41, "values": {"temp_c": 21.5}}
    case = {
        "source": "here", "topic": TOPIC, "payload": {"t": 215, "head": {"n": 41}},
        "registry": {"k1/d1": f"{COMMUNITY_A}/smoke-7"}, "expect": {"stored": [stored]},
    }  # fmt: skip
    mapping.write_text(f"{text}tests: [{json.dumps(case)}]\n", encoding="utf-8")
    assert _run("mapping", "check", mapping).exit_code == 0

    payload = {"t": 215, "head": {"n": 42}}
    _, found = _tried(mapping, "-", "--topic", TOPIC, "--city", city, payload=payload)
    assert found["stored"][0]["sequence"] == 42
    arguments = ("mapping", "try", mapping, "-", "--topic", TOPIC, "--city", city)
    shown = _run(*arguments, stdin=json.dumps(payload).encode())
    assert "number 42" in shown.stdout
