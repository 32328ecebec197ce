"""Who gets an account at the broker: every publisher of the city file, and nobody else."""

from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.topics import parse_topic
from gigacity_deploy.commands import credentials
from gigacity_deploy.identities import field_identities
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, RETIRED_A, write_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return load_city(write_city(tmp_path_factory.mktemp("identities") / "city"))


def test_every_olt_gateway_and_device_of_its_own_has_one(city: City) -> None:
    found = list(field_identities(city))
    assert len(found) == len(set(found))
    assert f"{AREA_A}/olt/olt-a" in found
    assert f"{AREA_B}/olt/olt-b" in found
    assert f"{AREA_A}/gateway/gw-a" in found
    assert f"{AREA_A}/community/{COMMUNITY_A}/hands-on" in found


def test_devices_behind_a_gateway_have_none(city: City) -> None:
    assert not [name for name in field_identities(city) if "/camera-" in name]


def test_every_identity_can_publish_by_the_grammar(city: City) -> None:
    for identity in field_identities(city, retired=True):
        assert parse_topic(f"gigacity/v1/{identity}/status").identity == identity


def test_retired_codes_are_added_only_when_asked_for(city: City) -> None:
    old = f"{RETIRED_A}/olt/olt-a"
    assert old not in list(field_identities(city))
    assert old in list(field_identities(city, retired=True))


def test_the_command_writes_workers_and_field_apart_and_for_its_owner_alone(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIGACITY_FIELD_SECRET", "a-field-secret-of-the-test")
    monkeypatch.setenv("GIGACITY_MQTT_PASSWORD", "of-the-worker")
    output = tmp_path / "passwords"
    credentials.field(city=write_city(tmp_path / "city"), output=output)
    assert _users(output) == list(field_identities(city))
    workers = tmp_path / "worker_passwords"
    assert _users(workers) == ["gigacity-worker"]
    for file in (output, workers):
        assert file.stat().st_mode & 0o777 == 0o600


def test_without_a_password_no_file_of_the_workers_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIGACITY_FIELD_SECRET", "a-field-secret-of-the-test")
    monkeypatch.delenv("GIGACITY_MQTT_PASSWORD", raising=False)
    credentials.field(city=write_city(tmp_path / "city"), output=tmp_path / "passwords")
    assert not (tmp_path / "worker_passwords").exists()
    assert "GIGACITY_MQTT_PASSWORD is not set" in capsys.readouterr().out


def _users(file: Path) -> list[str]:
    return [line.split(":")[0] for line in file.read_text().splitlines()]
