"""A database server as tests see it: 1.x and 2.x behind the same few calls.

Deliberately not the product's provisioning and queries, so that a fault in those shows.
"""

import base64
import json
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import pytest

from gigacity_contract.measurements import POLICIES

Role = Literal["admin", "worker", "api", "grafana"]
_NO_ROWS = "measurement not found"
"""openGemini's word for what both InfluxDB answer with no rows."""
_SERIES = re.compile(rb"(?:[^\\ ]|\\.)+", re.DOTALL)
"""Measurement and tags of a line."""
_GRANTS: dict[Role, str] = {"worker": "WRITE", "api": "ALL", "grafana": "READ"}


@dataclass
class Answer:
    """Status and body of one request."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass
class InfluxServer:
    """A database server with one provisioned bucket; the base class may not be stopped."""

    url: str
    flavour: Literal["1", "2"]
    admin_secret: str
    """1.x: the administrator's password; 2.x: an operator token."""
    admin_username: str = "admin"
    org: str = ""
    bucket: str = field(default_factory=lambda: f"test_{secrets.token_hex(4)}")
    secrets_of: dict[Role, str] = field(default_factory=dict)
    """By role: 1.x password, 2.x token."""
    prefix: str = field(default_factory=lambda: f"t{secrets.token_hex(3)}")
    """Of the user names that the tests make on 1.x."""
    shows_after_s: float = 0.0
    """How long after its first write a series may still be missing from answers."""
    shown: set[tuple[str, bytes]] = field(default_factory=set, repr=False)
    """Series that were waited for, by bucket and policy."""

    @property
    def is_opengemini(self) -> bool:
        """Whether it only speaks as 1.x does."""
        return self.shows_after_s > 0

    # ---- what tests ask ------------------------------------------------------------------------

    def env(self, role: Role) -> dict[str, str]:
        """Settings of a process that acts in this role."""
        env = {"GIGACITY_INFLUX_URL": self.url, "GIGACITY_INFLUX_BUCKET": self.bucket}
        if self.flavour == "2":
            return env | {
                "GIGACITY_INFLUX_TOKEN": self._secret(role),
                "GIGACITY_INFLUX_ORG": self.org,
            }
        return env | {
            "GIGACITY_INFLUX_USERNAME": self.username(role),
            "GIGACITY_INFLUX_PASSWORD": self._secret(role),
        }

    def username(self, role: Role) -> str:
        """The 1.x user of a role."""
        return self.admin_username if role == "admin" else f"{self.prefix}-{role}"

    def _secret(self, role: Role) -> str:
        return self.admin_secret if role == "admin" else self.secrets_of[role]

    def query(self, q: str, rp: str = "raw") -> list[dict[str, Any]]:
        """Rows of every series of every statement: tags and columns in one dict, time in ms."""
        form = {"db": self.bucket, "rp": rp, "q": q, "epoch": "ms"}
        answer = self.call("POST", "/query", urllib.parse.urlencode(form).encode(), form=True)
        assert answer.status == 200, answer.body
        rows = []
        for result in answer.json().get("results", []):
            error = result.get("error", "")
            if error.endswith(_NO_ROWS):
                continue
            assert not error, f"{q}: {error}"
            for series in result.get("series", ()):
                tags = series.get("tags", {})
                rows += [
                    {**tags, **dict(zip(series["columns"], values, strict=True))}
                    for values in series["values"]
                ]
        return rows

    def count(self, measurement: str, field_name: str, rp: str = "raw") -> int:
        """How many points have this field."""
        q = f'SELECT count("{field_name}") AS n FROM "{measurement}"'  # noqa: S608 - our own names
        rows = self.query(q, rp)
        return int(rows[0]["n"]) if rows else 0

    def write(self, lines: bytes, rp: str = "raw", precision: str = "ms") -> Answer:
        """Write as the administrator; what was written shows in the next answer."""
        target = urllib.parse.urlencode({"db": self.bucket, "rp": rp, "precision": precision})
        answer = self.call("POST", f"/write?{target}", lines)
        self.wait_shown(rp, lines.split(b"\n"))
        return answer

    def wait_shown(self, rp: str, lines: Iterable[bytes]) -> None:
        """Wait until lines that were written show, if this server needs time for new series."""
        if not self.shows_after_s:
            return
        series = {(f"{self.bucket}/{rp}", found[0]) for x in lines if (found := _SERIES.match(x))}
        if not series <= self.shown:
            self.shown |= series
            time.sleep(self.shows_after_s)

    # ---- storage -------------------------------------------------------------------------------

    def fresh_bucket(self) -> Self:
        """The same server with another, empty and provisioned bucket."""
        other = replace(self, bucket=f"test_{secrets.token_hex(4)}")
        other.provision()
        return other

    def provision(self) -> None:
        """Make the bucket, its policies and the roles' credentials."""
        if self.flavour == "1":
            self._provision_1()
        else:
            self._provision_2()

    def keep_for_ever(self) -> None:
        """Take points of any age: golden messages are older than what is kept."""
        if self.flavour == "1":
            for policy in POLICIES:
                self.query(
                    f'ALTER RETENTION POLICY "{policy.name}" ON "{self.bucket}" DURATION INF', ""
                )
            return
        body = json.dumps({"retentionRules": []}).encode()
        for bucket in self._list("buckets", "buckets"):
            if bucket["name"].startswith(f"{self.bucket}/"):
                assert self.call("PATCH", f"/api/v2/buckets/{bucket['id']}", body).status == 200

    def drop(self) -> None:
        """Remove the bucket again."""
        if self.flavour == "1":
            self.query(f'DROP DATABASE "{self.bucket}"', "")
            return
        for bucket in self._list("buckets", "buckets"):
            if bucket["name"].startswith(f"{self.bucket}/"):
                self.call("DELETE", f"/api/v2/buckets/{bucket['id']}")
        for mapping in self._list("dbrps", "content"):
            if mapping["database"] == self.bucket:
                org = urllib.parse.urlencode({"org": self.org})
                self.call("DELETE", f"/api/v2/dbrps/{mapping['id']}?{org}")

    def create_first_admin(self) -> None:
        """1.x with authentication and no user: the one statement it takes from anybody."""
        q = (
            f"CREATE USER {self.admin_username} WITH PASSWORD '{self.admin_secret}'"
            " WITH ALL PRIVILEGES"
        )
        form = urllib.parse.urlencode({"q": q}).encode()
        answer = self.call("POST", "/query", form, form=True, anonymous=True)
        assert answer.status == 200, answer.body

    def _provision_1(self) -> None:
        name = self.bucket
        statements = [f'CREATE DATABASE "{name}"']
        statements += [
            f'CREATE RETENTION POLICY "{p.name}" ON "{name}" DURATION {p.duration_s}s REPLICATION 1'
            for p in POLICIES
        ]
        is_new = not self.secrets_of
        for role, grant in _GRANTS.items():
            user = self.username(role)
            if is_new:
                # openGemini asks for a capital, a small letter, a digit and a sign.
                self.secrets_of[role] = f"Aa1-{secrets.token_urlsafe(18)}"
                statements.append(f"CREATE USER \"{user}\" WITH PASSWORD '{self.secrets_of[role]}'")
            statements.append(f'GRANT {grant} ON "{name}" TO "{user}"')
        # One at a time: in a request that makes a database, openGemini does not know it yet.
        for statement in statements:
            self.query(statement, "")

    def _provision_2(self) -> None:
        org_id = self._list("orgs", "orgs")[0]["id"]
        made = []
        for policy in POLICIES:
            bucket = self._post_json(
                "/api/v2/buckets",
                {
                    "orgID": org_id,
                    "name": f"{self.bucket}/{policy.name}",
                    "retentionRules": [{"type": "expire", "everySeconds": policy.duration_s}],
                },
            )
            made.append(bucket["id"])
            self._post_json(
                "/api/v2/dbrps",
                {
                    "orgID": org_id,
                    "bucketID": bucket["id"],
                    "database": self.bucket,
                    "retention_policy": policy.name,
                    "default": policy.name == "raw",
                },
            )
        self.secrets_of = {
            role: self._token(org_id, made, grant) for role, grant in _GRANTS.items()
        }

    def _token(self, org_id: str, buckets: list[str], grant: str) -> str:
        actions = {"WRITE": ["write"], "READ": ["read"], "ALL": ["read", "write"]}[grant]
        permissions = [
            {"action": action, "resource": {"type": "buckets", "orgID": org_id, "id": bucket}}
            for action in actions
            for bucket in buckets
        ]
        body = {"orgID": org_id, "description": self.bucket, "permissions": permissions}
        return str(self._post_json("/api/v2/authorizations", body)["token"])

    # ---- HTTP ----------------------------------------------------------------------------------

    def _list(self, what: str, key: str) -> list[dict[str, Any]]:
        limit = "" if what == "dbrps" else "&limit=100"
        answer = self.call("GET", f"/api/v2/{what}?org={urllib.parse.quote(self.org)}{limit}")
        assert answer.status == 200, answer.body
        rows: list[dict[str, Any]] = answer.json()[key]
        return rows

    def _post_json(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.call("POST", path, json.dumps(body).encode())
        assert answer.status in {200, 201}, answer.body
        result: dict[str, Any] = answer.json()
        return result

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        form: bool = False,
        anonymous: bool = False,
    ) -> Answer:
        """One request with the administrator's credentials."""
        request = urllib.request.Request(self.url + path, data=body, method=method)  # noqa: S310 - our own server
        if form:
            request.add_header("Content-Type", "application/x-www-form-urlencoded")
        if not anonymous:
            request.add_header("Authorization", self._authorization())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read())

    def _authorization(self) -> str:
        if self.flavour == "2":
            return f"Token {self.admin_secret}"
        pair = f"{self.admin_username}:{self.admin_secret}".encode()
        return "Basic " + base64.b64encode(pair).decode()

    # ---- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it after ``stop`` or ``kill``, on the same port and data."""
        pytest.skip("this database is not the tests' to start")

    def stop(self) -> None:
        """An orderly stop."""
        pytest.skip("this database is not the tests' to stop")

    def kill(self) -> None:
        """kill -9."""
        pytest.skip("this database is not the tests' to kill")

    def close(self) -> None:
        """End it for good."""

    def log(self) -> str:
        """The end of its log, for a failed test's report."""
        return ""
