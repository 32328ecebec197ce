"""Reaching the database: what is missing is made if rights allow, else it is said how."""

from collections.abc import Iterator

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.errors import QueryError
from gigacity_contract.influx import InfluxEndpoint, Server
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.influx.storage import Storage
from gigacity_ingest.influx.writer import InfluxWriter
from tests.support.recordings import recorded
from tests.support.replay import Replay, Respond

V1 = Respond(204, {"X-Influxdb-Version": "1.6.7~rc0"})


@pytest.fixture
def server() -> Iterator[Replay]:
    with Replay() as server:
        server.give("GET", "/ping", V1)
        yield server


class Case:
    def __init__(self, server: Replay, error: Exception | None = None) -> None:
        endpoint = InfluxEndpoint(
            parse_url("URL", server.url, ("http",)), "gigacity", "", Secret("")
        )
        self.error = error
        self.created = 0
        self.writer = InfluxWriter(endpoint, timeout_s=2.0)
        self.storage = Storage(self.writer, bucket="gigacity", create=self._create)

    def _create(self, _server: Server) -> None:
        self.created += 1
        if self.error is not None:
            raise self.error

    def ensure(self) -> str:
        try:
            return self.storage.ensure()
        finally:
            self.writer.close()


def test_every_policy_is_probed(server: Replay) -> None:
    server.give("POST", "/write", V1)
    case = Case(server)

    assert case.ensure() == ""
    probed = [r.parameters["rp"] for r in server.received if r.route == "/write"]
    assert probed == ["raw", "r1d", "forever", "figures", "ops", "fresh"]
    assert (case.created, case.storage.server) == (0, "InfluxDB 1.6.7")


@pytest.mark.parametrize("error", [None, QueryError(403, "requires admin privilege")])
def test_what_only_followers_need_is_made_where_rights_allow(
    server: Replay, error: Exception | None
) -> None:
    refused = recorded("influxdb1", "routes.write_unknown_rp")
    server.give("POST", "/write", *[V1] * 5, refused, V1)
    case = Case(server, error)

    assert case.ensure() == ""
    assert case.created == 1


@pytest.mark.parametrize("recording", ["influxdb1", "influxdb2"])
@pytest.mark.parametrize("name", ["routes.write_unknown_db", "routes.write_unknown_rp"])
def test_missing_storage_is_made(server: Replay, recording: str, name: str) -> None:
    server.give("POST", "/write", recorded(recording, name), V1)
    case = Case(server)

    assert case.ensure() == ""
    assert case.created == 1


def test_without_the_right_to_make_it_the_way_out_is_named(server: Replay) -> None:
    server.give("POST", "/write", recorded("influxdb1", "auth.write_unknown_db_writer"))
    problem = Case(server, QueryError(403, "requires admin privilege")).ensure()

    assert "database not found" in problem
    assert "requires admin privilege" in problem
    assert "gigacity provision" in problem


def test_wrong_credentials_are_said(server: Replay) -> None:
    server.give("POST", "/write", recorded("influxdb1", "auth.write_wrong_password"))
    problem = Case(server, QueryError(401, "authorization failed")).ensure()

    assert "authorization failed" in problem


def test_a_server_that_cannot_write_now_is_not_asked_to_make_anything(server: Replay) -> None:
    server.give("POST", "/write", Respond(503, {}, b"busy"))
    case = Case(server)

    assert "busy" in case.ensure()
    assert case.created == 0


def test_something_that_is_no_influxdb_is_said(server: Replay) -> None:
    with Replay() as other:
        other.give("GET", "/ping", Respond(200, {}, b"<html>"))
        assert "GIGACITY_INFLUX_URL" in Case(other).ensure()
