"""API keys: hashing, the file and its reload."""

from pathlib import Path

import pytest

from gigacity_api.keys import ApiKey, Scope, find_key, hash_key, is_among, parse_keys
from gigacity_api.storage.key_file import KeyFile
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import ConfigError


def line(name: str, key: str, scopes: str = '["read"]') -> str:
    return f'{{"name": "{name}", "sha256": "{hash_key(key)}", "scopes": {scopes}}}\n'


def test_a_key_is_found_by_its_hash_alone() -> None:
    keys = parse_keys("# comment\n\n" + line("a", "one") + line("b", "two"), "keys.jsonl")
    found = find_key(keys, "two")
    assert found is not None
    assert found.name == "b"
    assert find_key(keys, "three") is None
    assert find_key(keys, hash_key("two")) is None


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        ([Scope.READ], {Scope.READ}),
        ([Scope.REPORT], {Scope.REPORT}),
        ([Scope.OPERATE], {Scope.OPERATE}),
        ([Scope.ADMIN], {Scope.READ, Scope.REPORT, Scope.OPERATE, Scope.ADMIN}),
        ([], set()),
    ],
)
def test_scopes(scopes: list[Scope], allowed: set[Scope]) -> None:
    key = ApiKey("x", "0" * 64, scopes)
    assert {scope for scope in Scope if key.may(scope)} == allowed


@pytest.mark.parametrize(
    "bad",
    [
        "not json",
        '{"name": "x", "sha256": "abc", "scopes": []}',
        '{"name": "x", "sha256": "' + "0" * 64 + '", "scopes": ["fly"]}',
        '{"name": "x", "sha256": "' + "0" * 64 + '", "scopes": [], "key": "gck_secret"}',
        '{"name": "x"}',
    ],
)
def test_a_bad_line_is_named_without_its_secret(bad: str) -> None:
    with pytest.raises(ConfigError, match=r"keys\.jsonl:2") as caught:
        parse_keys(line("a", "one") + bad, "keys.jsonl")
    assert "gck_secret" not in str(caught.value)


def test_a_missing_file_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"GIGACITY_API_KEYS_FILE.*gigacity credentials"):
        KeyFile(tmp_path / "none", ManualClock())


def test_the_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys.jsonl", ManualClock()
    path.write_text(line("a", "one"))
    keys = KeyFile(path, clock)
    path.write_text(line("b", "two") + line("c", "three"))
    assert keys.find("one") is not None
    clock.advance_s(1.0)
    assert keys.find("one") is None
    assert keys.find("three") is not None


def test_a_change_for_the_worse_leaves_the_keys_in_force(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys.jsonl", ManualClock()
    path.write_text(line("a", "one"))
    keys = KeyFile(path, clock)
    path.write_text("garbage")
    clock.advance_s(1.0)
    assert keys.find("one") is not None
    assert "keys.jsonl:1" in keys.trouble
    path.write_text(line("b", "two"))
    clock.advance_s(1.0)
    assert keys.find("two") is not None
    assert keys.trouble == ""
    path.unlink()
    clock.advance_s(1.0)
    assert keys.find("two") is not None
    assert "cannot be read" in keys.trouble


def test_bounds_of_a_key_may_be_patterns_and_nothing_else() -> None:
    assert is_among(["industry.*", "brain.scenarios"], "industry.innovation_labs")
    assert is_among(["industry.*", "brain.scenarios"], "brain.scenarios")
    assert not is_among(["industry.*"], "brain.scenarios")
    assert is_among(["3716*"], "371602")
    line = f'{{"name": "x", "sha256": "{"0" * 64}", "scopes": ["report"], "indicators": ["%s"]}}'
    assert parse_keys(line % "industry.*", "keys")[0].indicators == ["industry.*"]
    for wrong in ("[a-z]*", "industry .*", "", "industry.?"):
        with pytest.raises(ConfigError, match="is no id, code or pattern"):
            parse_keys(line % wrong, "keys")
