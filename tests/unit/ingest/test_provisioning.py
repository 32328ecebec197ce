"""Provisioning: what is asked of each flavour, and that asking again is harmless."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError, QueryError
from gigacity_contract.influx import InfluxEndpoint
from gigacity_contract.measurements import POLICIES
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.commands.provision import _write_token
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.provisioning import influx1 as provisioning
from gigacity_ingest.provisioning.influx2 import BucketProvisioner
from gigacity_ingest.provisioning.roles import DatabaseRole, ProvisioningError
from tests.support.recordings import recorded
from tests.support.replay import Replay, Respond

ORG_ID = "02cdd7910ba657ed"
DONE = Respond(200, {}, b'{"results":[{"statement_id":0}]}')


class Statements:
    """Runs statements by noting them; some are refused."""

    def __init__(self, **refusals: str) -> None:
        self.run_so_far: list[str] = []
        self.refusals = refusals

    def __call__(self, statement: str) -> None:
        self.run_so_far.append(statement)
        for words, error in self.refusals.items():
            if statement.startswith(words.replace("_", " ")):
                raise QueryError(200, error)


def test_1x_gets_a_database_and_every_policy() -> None:
    run = Statements()

    assert provisioning.create_storage_v1(run, "gigacity") == []
    assert run.run_so_far[:2] == [
        'CREATE DATABASE "gigacity"',
        'CREATE RETENTION POLICY "raw" ON "gigacity" DURATION 2592000s REPLICATION 1 DEFAULT',
    ]
    assert 'CREATE RETENTION POLICY "forever" ON "gigacity" DURATION 0s REPLICATION 1' in (
        run.run_so_far
    )
    assert len(run.run_so_far) == 1 + len(POLICIES)


@pytest.mark.parametrize(
    "refusal",
    ["retention policy already exists", "retention policy conflicts with an existing policy"],
    ids=["1.x", "openGemini"],
)
def test_a_policy_with_another_retention_is_left_and_named(refusal: str) -> None:
    run = Statements(CREATE_RETENTION=refusal)
    remarks = provisioning.create_storage_v1(run, "gigacity")

    assert len(remarks) == len(POLICIES)
    assert "raw" in remarks[0]


def test_1x_users_get_the_one_privilege_of_their_role() -> None:
    run = Statements()
    for name in ("worker", "api", "grafana"):
        provisioning.create_user(run, DatabaseRole(name, Secret("it's \\ 1")), "gigacity")

    assert run.run_so_far == [
        "CREATE USER \"gigacity-worker\" WITH PASSWORD 'it\\'s \\\\ 1'",
        'GRANT WRITE ON "gigacity" TO "gigacity-worker"',
        "CREATE USER \"gigacity-api\" WITH PASSWORD 'it\\'s \\\\ 1'",
        'GRANT ALL ON "gigacity" TO "gigacity-api"',
        "CREATE USER \"gigacity-grafana\" WITH PASSWORD 'it\\'s \\\\ 1'",
        'GRANT READ ON "gigacity" TO "gigacity-grafana"',
    ]


def test_a_1x_user_that_exists_gets_the_new_password() -> None:
    run = Statements(CREATE_USER="user already exists")
    provisioning.create_user(run, DatabaseRole("worker", Secret("new")), "gigacity")

    assert run.run_so_far[1] == "SET PASSWORD FOR \"gigacity-worker\" = 'new'"


def test_a_user_that_has_this_password_already_keeps_it() -> None:
    """openGemini refuses to set the same password again."""
    same = "the password is the same as the old one, please enter a new password"
    run = Statements(CREATE_USER="user already exists", SET_PASSWORD=same)
    provisioning.create_user(run, DatabaseRole("worker", Secret("Aa1-bcdefgh")), "gigacity")

    assert run.run_so_far[-1] == 'GRANT WRITE ON "gigacity" TO "gigacity-worker"'


def test_another_refusal_of_1x_is_raised() -> None:
    exists = Statements(CREATE_USER="user already exists", SET_PASSWORD="too short")
    with pytest.raises(QueryError, match="too short"):
        provisioning.create_user(exists, DatabaseRole("api", Secret("p")), "g")
    with pytest.raises(QueryError):
        provisioning.create_user(
            Statements(CREATE_USER="no"), DatabaseRole("api", Secret("p")), "g"
        )
    with pytest.raises(QueryError):
        provisioning.create_first_admin(Statements(SHOW="no"), "admin", Secret("p"))


@pytest.fixture
def server() -> Iterator[Replay]:
    with Replay() as server:
        yield server


def _endpoint(server: Replay) -> InfluxEndpoint:
    address = parse_url("URL", server.url, ("http",))
    return InfluxEndpoint(address, "gigacity", "admin", Secret("s3cret"))


def test_a_1x_server_without_users_gets_its_first_administrator(server: Replay) -> None:
    refusal = recorded("influxdb1", "auth.first_user_other_statement")
    server.give("POST", "/query", refusal, DONE)
    with InfluxWriter(_endpoint(server)) as writer:
        assert provisioning.create_first_admin(provisioning.runner(writer), "admin", Secret("p"))

    statement = server.received[1].parameters["q"]
    assert statement == "CREATE USER \"admin\" WITH PASSWORD 'p' WITH ALL PRIVILEGES"


def test_a_1x_server_with_users_keeps_them(server: Replay) -> None:
    server.give("POST", "/query", DONE)
    with InfluxWriter(_endpoint(server)) as writer:
        run = provisioning.runner(writer)
        assert not provisioning.create_first_admin(run, "admin", Secret("p"))

    assert len(server.received) == 1


JSON = {"Content-Type": "application/json; charset=utf-8"}
UNAUTHORIZED = Respond(401, JSON, b'{"code":"unauthorized","message":"unauthorized access"}')


class FakeV2:
    """Enough of /api/v2, in the shape of the recordings, to provision against."""

    def __init__(self, server: Replay) -> None:
        self.server = server
        organisation = {"id": ORG_ID, "name": "gigacity"}
        server.give("GET", "/api/v2/orgs", _ok({"orgs": [organisation]}))
        server.give("GET", "/api/v2/buckets", _ok({"buckets": []}))
        created = recorded("influxdb2", "buckets.create_x")
        server.give("POST", "/api/v2/buckets", created)
        server.give("GET", "/api/v2/dbrps", _ok({"content": []}))
        mapping = {
            "id": "a" * 16, "database": "gigacity", "retention_policy": "raw", "default": True,
            "virtual": False, "orgID": ORG_ID, "bucketID": "b" * 16,
        }  # fmt: skip
        server.give("POST", "/api/v2/dbrps", Respond(201, JSON, json.dumps(mapping).encode()))

    def sent(self, method: str, route: str) -> list[dict[str, Any]]:
        return [
            json.loads(r.body)
            for r in self.server.received
            if (r.method, r.route) == (method, route)
        ]


def _ok(body: dict[str, Any]) -> Respond:
    return Respond(200, JSON, json.dumps(body).encode())


@pytest.fixture
def fake(server: Replay) -> FakeV2:
    return FakeV2(server)


def _bucket(policy: str, seconds: int) -> dict[str, Any]:
    rules = [{"type": "expire", "everySeconds": seconds}]
    return {
        "id": policy.ljust(16, "0"), "orgID": ORG_ID, "type": "user", "name": f"gigacity/{policy}",
        "retentionRules": rules,
    }  # fmt: skip


def test_2x_gets_a_bucket_and_an_explicit_mapping_for_every_policy(fake: FakeV2) -> None:
    with BucketProvisioner(_endpoint(fake.server), "gigacity") as provisioner:
        assert provisioner.create_storage() == []

    buckets = fake.sent("POST", "/api/v2/buckets")
    assert [b["name"] for b in buckets] == [f"gigacity/{p.name}" for p in POLICIES]
    assert [b["retentionRules"][0]["everySeconds"] for b in buckets] == [
        p.duration_s for p in POLICIES
    ]
    mappings = fake.sent("POST", "/api/v2/dbrps")
    assert [(m["database"], m["retention_policy"], m["default"]) for m in mappings] == [
        ("gigacity", p.name, p.name == "raw") for p in POLICIES
    ]
    assert fake.server.received[0].headers["Authorization"] == "Token s3cret"


def test_2x_storage_that_exists_is_left_as_it_is(server: Replay) -> None:
    fake = FakeV2(server)
    existing = [_bucket(p.name, 5 if p.name == "raw" else p.duration_s) for p in POLICIES]
    content = [
        {"id": "b" * 16, "database": "gigacity", "retention_policy": p.name, "default": False,
         "virtual": False, "orgID": ORG_ID, "bucketID": "c" * 16}
        for p in POLICIES
    ]  # fmt: skip
    with Replay() as other:
        other.give("GET", "/api/v2/orgs", _ok({"orgs": [{"id": ORG_ID, "name": "gigacity"}]}))
        other.give("GET", "/api/v2/buckets", *[_ok({"buckets": [b]}) for b in existing])
        other.give("GET", "/api/v2/dbrps", _ok({"content": content}))
        with BucketProvisioner(_endpoint(other), "gigacity") as provisioner:
            remarks = provisioner.create_storage()

        assert [r.method for r in other.received if r.method != "GET"] == []
    assert len(remarks) == 1
    assert "gigacity/raw" in remarks[0]
    assert fake.sent("POST", "/api/v2/buckets") == []


@pytest.mark.parametrize(
    ("role", "actions"),
    [("worker", {"write"}), ("api", {"read", "write"}), ("grafana", {"read"})],
)
def test_a_2x_token_may_do_what_its_role_needs_on_our_buckets_alone(
    server: Replay, role: str, actions: set[str]
) -> None:
    old = {"id": "0ld0000000000000", "description": f"gigacity-{role}", "status": "active",
           "orgID": ORG_ID, "permissions": []}  # fmt: skip
    server.give("GET", "/api/v2/orgs", _ok({"orgs": [{"id": ORG_ID, "name": "gigacity"}]}))
    server.give(
        "GET", "/api/v2/buckets", *[_ok({"buckets": [_bucket(p.name, 0)]}) for p in POLICIES]
    )
    server.give("GET", "/api/v2/authorizations", _ok({"authorizations": [old]}))
    made = {"id": "n" * 16, "token": "t0ken", "orgID": ORG_ID, "permissions": []}
    server.give("POST", "/api/v2/authorizations", Respond(201, JSON, json.dumps(made).encode()))
    server.give("DELETE", "/api/v2/authorizations/0ld0000000000000", Respond(204))
    with BucketProvisioner(_endpoint(server), "gigacity") as provisioner:
        token = provisioner.create_token(DatabaseRole(role, Secret("")))

    assert token.reveal() == "t0ken"
    asked = next(r for r in server.received if r.method == "POST")
    permissions = json.loads(asked.body)["permissions"]
    assert {p["action"] for p in permissions} == actions
    assert {p["resource"]["id"] for p in permissions} == {p.name.ljust(16, "0") for p in POLICIES}
    assert {p["resource"]["type"] for p in permissions} == {"buckets"}
    assert server.received[-1].method == "DELETE", "the old token ends after the new one is made"


def test_a_2x_refusal_is_said_in_the_servers_words(server: Replay) -> None:
    server.give("GET", "/api/v2/orgs", UNAUTHORIZED)
    with (
        BucketProvisioner(_endpoint(server), "gigacity") as provisioner,
        pytest.raises(ProvisioningError, match="401: unauthorized access"),
    ):
        provisioner.create_storage()


def test_2x_needs_an_organisation(server: Replay) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_INFLUX_ORG"):
        BucketProvisioner(_endpoint(server), "")
    server.give("GET", "/api/v2/orgs", _ok({"orgs": []}))
    with (
        BucketProvisioner(_endpoint(server), "elsewhere") as provisioner,
        pytest.raises(ProvisioningError, match="'elsewhere'"),
    ):
        provisioner.create_storage()


def test_a_token_file_is_its_owners_alone_and_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    _write_token(folder, "worker", Secret("one"))
    path = _write_token(folder, "worker", Secret("two"))

    assert (path.read_text(), path.stat().st_mode & 0o777) == ("two\n", 0o600)
    assert [p.name for p in folder.iterdir()] == ["worker.token"]
