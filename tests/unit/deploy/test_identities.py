"""Who gets an account at the broker: every publisher of the city file, and nobody else."""

import base64
import hashlib
from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.settings import field_password
from gigacity_contract.topics import parse_topic
from gigacity_deploy.commands import credentials
from gigacity_deploy.generations import parse_generations
from gigacity_deploy.identities import field_identities
from gigacity_deploy.passwords import ITERATIONS
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


class Accounts:
    """A folder with a field secret in a file, and what the commands make of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        secret = folder / "secrets" / "field"
        secret.parent.mkdir()
        secret.write_text("a-field-secret-of-the-test")
        monkeypatch.setenv("GIGACITY_FIELD_SECRET_FILE", str(secret))
        self.kept = secret.with_name("field_generations")
        self.city = write_city(folder / "city")
        self.output = folder / "passwords"

    def write(self) -> list[str]:
        """Write the broker's file; who has an account."""
        credentials.field(city=self.city, output=self.output)
        return _users(self.output)

    def line(self, identity: str) -> list[str]:
        """Salt and hash of an account."""
        (line,) = (x for x in self.output.read_text().splitlines() if x.startswith(identity + ":"))
        return line.split("$")[-2:]


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return Accounts(tmp_path, monkeypatch)


OLT = f"{AREA_A}/olt/olt-a"


def test_a_revoked_publisher_stays_revoked_whenever_accounts_are_written(
    accounts: Accounts, capsys: pytest.CaptureFixture[str]
) -> None:
    before = accounts.write()
    credentials.revoke(identity=OLT)
    for _ in range(2):
        assert accounts.write() == [name for name in before if name != OLT]
    assert "1 revoked" in capsys.readouterr().out
    with pytest.raises(ConfigError, match=f"renew {OLT}"):
        credentials.show(identity=OLT)


def test_a_renewed_publisher_has_a_new_password_each_time(
    accounts: Accounts, capsys: pytest.CaptureFixture[str]
) -> None:
    def shown() -> str:
        capsys.readouterr()
        credentials.show(identity=OLT)
        return capsys.readouterr().out

    passwords = [shown()]
    credentials.renew(identity=OLT)
    passwords += [capsys.readouterr().out, shown()]
    credentials.revoke(identity=OLT)
    credentials.renew(identity=OLT)
    passwords.append(capsys.readouterr().out)
    assert passwords[1] == passwords[2]
    assert len(set(passwords)) == 3
    assert OLT in accounts.write()
    salt, digest = map(base64.b64decode, accounts.line(OLT))
    password = passwords[-1].strip().encode()
    assert hashlib.pbkdf2_hmac("sha512", password, salt, ITERATIONS) == digest


def test_generation_0_has_the_password_that_it_always_had() -> None:
    secret = Secret("a-field-secret-of-the-test")
    assert field_password(secret, OLT, 0).reveal() == field_password(secret, OLT).reveal()
    assert field_password(secret, OLT, 1).reveal() != field_password(secret, OLT).reveal()


@pytest.mark.parametrize("slip", ["371602/olt", "olt-1", "371602/olt/olt a", "gigacity-worker"])
def test_a_slip_revokes_nobody_in_silence(accounts: Accounts, slip: str) -> None:
    with pytest.raises(ConfigError, match="no identity path"):
        credentials.revoke(identity=slip)
    assert not accounts.kept.exists()


def test_a_damaged_file_of_generations_is_refused_with_its_line(accounts: Accounts) -> None:
    accounts.kept.write_text(f"# comment\n{OLT} 1 revoked\n{OLT} one\n")
    with pytest.raises(ConfigError, match="field_generations:3"):
        accounts.write()


def test_without_a_place_to_keep_it_nothing_is_revoked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGACITY_FIELD_SECRET", "a-field-secret-of-the-test")
    with pytest.raises(ConfigError, match="GIGACITY_FIELD_GENERATIONS"):
        credentials.revoke(identity=OLT)


def _users(file: Path) -> list[str]:
    return [line.split(":")[0] for line in file.read_text().splitlines()]


def test_an_identity_that_stands_twice_is_refused() -> None:
    """A later line would make a revoked identity valid again without a word."""
    text = "371602/olt/olt-1 1 revoked\n371602/olt/olt-1 1\n"
    with pytest.raises(ConfigError, match=r"generations:2: 371602/olt/olt-1 stands twice"):
        parse_generations(text, "generations")
