"""The writer over a real socket, against answers that real servers were recorded to give."""

import base64
import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.errors import UnknownServerError
from gigacity_contract.influx import (
    Denied,
    Flavour,
    InfluxEndpoint,
    Malformed,
    Partial,
    RetryOnce,
    TooLarge,
    Unavailable,
    Written,
)
from gigacity_contract.process.settings import parse_url, read_secret
from gigacity_ingest.influx.writer import InfluxWriter
from tests.support.recordings import recorded
from tests.support.replay import Close, Delay, Replay, Respond
from tests.support.replay import TooLarge as RefuseUnread

NO_CONTENT = Respond(204, {"X-Influxdb-Version": "1.6.7~rc0"})


@pytest.fixture
def server() -> Iterator[Replay]:
    with Replay() as server:
        yield server


def _endpoint(url: str, username: str = "", secret: str = "") -> InfluxEndpoint:
    address = parse_url("URL", url, ("http",))
    return InfluxEndpoint(address, "gigacity", username, Secret(secret))


@pytest.fixture
def writer(server: Replay) -> Iterator[InfluxWriter]:
    with InfluxWriter(_endpoint(server.url), timeout_s=2.0) as writer:
        yield writer


def test_lines_are_posted_compressed_with_database_policy_and_precision(
    server: Replay, writer: InfluxWriter
) -> None:
    server.give("POST", "/write", NO_CONTENT)

    assert writer.write("raw", "ms", [b"a v=1i 1", b"b v=2i 2"]) == Written()
    (request,) = server.received
    assert request.parameters == {"db": "gigacity", "rp": "raw", "precision": "ms"}
    assert gzip.decompress(request.body) == b"a v=1i 1\nb v=2i 2"
    assert request.headers["Content-Encoding"] == "gzip"
    assert "Authorization" not in request.headers


def test_no_lines_ask_whether_a_write_would_work(server: Replay, writer: InfluxWriter) -> None:
    server.give("POST", "/write", NO_CONTENT)

    assert writer.write("ops", "ms", []) == Written()
    assert server.received[0].body == b""


def test_credentials_are_basic_on_every_flavour(server: Replay) -> None:
    server.give("POST", "/write", NO_CONTENT)
    with InfluxWriter(_endpoint(server.url, "worker", "s3cret")) as writer:
        writer.write("raw", "ms", [b"a v=1i 1"])

    scheme, _, value = server.received[0].headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(value)) == ("Basic", b"worker:s3cret")


def test_one_connection_serves_many_writes(server: Replay, writer: InfluxWriter) -> None:
    server.give("POST", "/write", NO_CONTENT)
    for number in range(5):
        assert writer.write("raw", "ms", [b"a v=%di 1" % number]) == Written()

    assert len(server.received) == 5


@pytest.mark.parametrize(
    ("recording", "case", "step", "outcome"),
    [
        ("influxdb1", "write.type_conflict_in_batch", 1, RetryOnce),
        ("influxdb1", "write.type_conflict_stored", 2, Partial),
        ("influxdb2", "write.type_conflict_stored", 2, Partial),
        ("influxdb1", "write.middle_empty_tag_value", 1, Malformed),
        ("influxdb2", "write.middle_empty_tag_value", 1, Malformed),
        ("influxdb1", "write.beyond_retention", 1, Partial),
        ("influxdb2", "write.beyond_retention", 1, Partial),
        ("influxdb1", "routes.write_unknown_rp", 1, Denied),
        ("influxdb2", "routes.write_unknown_rp", 1, Denied),
        ("influxdb1", "routes.write_unknown_db", 1, Denied),
        ("influxdb2", "access.write_none", 1, Denied),
        ("influxdb1", "auth.write_reader", 1, Denied),
    ],
)
def test_recorded_answers_arrive_as_the_contracts_outcomes(
    server: Replay, writer: InfluxWriter, recording: str, case: str, step: int, outcome: type
) -> None:
    server.give("POST", "/write", recorded(recording, case, step))

    assert isinstance(writer.write("raw", "ms", [b"a v=1i 1"]), outcome)


def test_a_kept_connection_that_was_closed_is_no_outage(
    server: Replay, writer: InfluxWriter
) -> None:
    server.give("POST", "/write", NO_CONTENT)
    writer.write("raw", "ms", [b"a v=1i 1"])
    server.fail(Close())

    assert writer.write("raw", "ms", [b"b v=2i 2"]) == Written()
    assert gzip.decompress(server.received[-1].body) == b"b v=2i 2"


def test_a_fresh_connection_that_is_closed_is_an_outage(
    server: Replay, writer: InfluxWriter
) -> None:
    server.fail(Close())

    outcome = writer.write("raw", "ms", [b"a v=1i 1"])
    assert isinstance(outcome, Unavailable)
    assert server.url in outcome.message


def test_an_answer_that_comes_before_the_body_was_read_is_seen(
    server: Replay, writer: InfluxWriter
) -> None:
    server.fail(RefuseUnread())
    lines = [bytes(range(256)) * 20 + b"%d" % i for i in range(9000)]

    assert isinstance(writer.write("raw", "ms", lines), TooLarge)


def test_a_server_that_hangs_is_an_outage_after_the_timeout(server: Replay) -> None:
    server.give("POST", "/write", NO_CONTENT)
    server.fail(Delay(3.0))
    with InfluxWriter(_endpoint(server.url), timeout_s=0.2) as writer:
        begin = time.monotonic()
        outcome = writer.write("raw", "ms", [b"a v=1i 1"])

        assert isinstance(outcome, Unavailable)
        assert time.monotonic() - begin < 2.0
        assert writer.write("raw", "ms", [b"a v=1i 1"]) == Written()


def test_nobody_there_is_an_outage_that_names_the_address() -> None:
    with InfluxWriter(_endpoint("http://127.0.0.1:9")) as writer:
        outcome = writer.write("raw", "ms", [b"a v=1i 1"])
        assert isinstance(outcome, Unavailable)
        assert "http://127.0.0.1:9" in outcome.message
        with pytest.raises(UnknownServerError, match="no answer from"):
            writer.ping()


def test_ping_tells_the_flavour(server: Replay, writer: InfluxWriter) -> None:
    server.give("GET", "/ping", NO_CONTENT, Respond(204, {"X-Influxdb-Version": "v2.9.1"}))

    assert writer.ping().flavour is Flavour.V1
    assert writer.ping().flavour is Flavour.V2


def test_no_secret_is_shown() -> None:
    endpoint = _endpoint("http://127.0.0.1:9", "worker", "s3cret")

    assert "s3cret" not in repr(endpoint)


def test_a_renewed_secret_is_taken_after_a_401_which_names_its_file(
    server: Replay, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    secret = read_secret("GIGACITY_INFLUX_TOKEN", {"GIGACITY_INFLUX_TOKEN_FILE": str(file)})
    endpoint = InfluxEndpoint(parse_url("URL", server.url, ("http",)), "gigacity", "w", secret)
    denied = recorded("influxdb1", "auth.write_wrong_password")
    with InfluxWriter(endpoint, timeout_s=2.0) as writer:
        file.write_text("new")
        server.give("POST", "/write", Respond(401, {}, denied.body), NO_CONTENT)
        outcome = writer.write("raw", "ms", [b"a v=1i 1"])
        assert isinstance(outcome, Denied)
        assert f"GIGACITY_INFLUX_TOKEN_FILE={file}, read again" in outcome.message
        assert writer.write("raw", "ms", [b"a v=1i 1"]) == Written()
    sent = [base64.b64decode(r.headers["Authorization"][6:]) for r in server.received]
    assert sent == [b"w:old", b"w:new"]
