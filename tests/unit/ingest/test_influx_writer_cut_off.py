"""A server that takes a write and dies in mid-answer: the write is unknown, so it is repeated.

The bytes of each answer are cut at every place where a server can end, over TCP and TLS.
"""

import gzip
import os
import select
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.errors import UnknownServerError
from gigacity_contract.influx import InfluxEndpoint, Malformed, Unavailable, Written
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.influx import writer as influx_writer
from gigacity_ingest.influx.writer import InfluxWriter
from tests.support.certificates import self_signed, server_context
from tests.support.recordings import recorded
from tests.support.replay import CutOff, Replay, Respond

NO_CONTENT = Respond(204, {"X-Influxdb-Version": "1.6.7~rc0"})
_BODY = recorded("influxdb1", "write.two_malformed").body
STORED = b"HTTP/1.1 204 No Content\r\nX-Influxdb-Version: 1.6.7~rc0\r\n\r\n"
REFUSED = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)
CHUNKED = (
    b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"10\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (_BODY[:16], len(_BODY) - 16, _BODY[16:])
)
ANSWERS = {"204": STORED, "400": REFUSED, "400 chunked": CHUNKED}
Ending: TypeAlias = Literal["end of stream", "reset", "close_notify"]
ENDS: tuple[Ending, ...] = ("end of stream", "reset", "close_notify")
PLACES = {
    "before the answer": b"",
    "in the status line": STORED[:12],
    "behind the status line": STORED[:25],
    "in a header": STORED[:40],
    "behind the headers": STORED[:-2],
    "before the body": REFUSED[: -len(_BODY)],
    "in the body": REFUSED[:-10],
    "in a chunk": CHUNKED[:-20],
    "before a chunk": CHUNKED[:CHUNKED.index(b"10\r\n")],
    "before the last chunk": CHUNKED[:-5],
}  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, certificate: tuple[Path, Path]) -> Iterator[Replay]:
    tls = server_context(*certificate) if request.param == "https" else None
    with Replay(tls) as server:
        server.give("GET", "/ping", NO_CONTENT)
        server.give("POST", "/write", NO_CONTENT)
        yield server


@pytest.fixture
def writer(server: Replay, certificate: tuple[Path, Path]) -> Iterator[InfluxWriter]:
    with InfluxWriter(_endpoint(server, certificate[0]), timeout_s=2.0) as writer:
        yield writer


@pytest.fixture
def plain() -> Iterator[Replay]:
    with Replay() as server:
        yield server


def _endpoint(server: Replay, ca: Path = Path()) -> InfluxEndpoint:
    address = parse_url("URL", server.url, ("http", "https"))
    return InfluxEndpoint(address, "gigacity", "", Secret(""), ca_file=str(ca))


def _written(server: Replay) -> list[bytes]:
    return [gzip.decompress(r.body) for r in server.received if r.method == "POST"]


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("place", PLACES)
def test_a_write_without_its_whole_answer_is_repeated_over_a_new_connection(
    server: Replay, writer: InfluxWriter, place: str, ends: Ending
) -> None:
    server.fail_at("/write", CutOff(PLACES[place], ends))
    outcome = writer.write("raw", "ms", [b"a v=1i 1"])

    assert isinstance(outcome, Unavailable)
    assert server.url in outcome.message
    assert (outcome.status, outcome.retry_after_s) == (0, None)
    before = server.accepted
    assert writer.write("raw", "ms", [b"a v=1i 1"]) == Written()
    assert server.accepted == before + 1
    assert _written(server) == [b"a v=1i 1"] * 2


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_part_of_an_answer_is_taken_for_the_whole(plain: Replay, answer: bytes) -> None:
    """Cut behind every byte: a 204 without its end counts as little as an error without its."""
    with InfluxWriter(_endpoint(plain), timeout_s=2.0) as writer:
        kinds = []
        for length in range(len(answer)):
            plain.fail(CutOff(answer[:length]))
            kinds.append(type(writer.write("raw", "ms", [b"a v=1i 1"])))

    assert kinds == [Unavailable] * len(answer)


@pytest.mark.parametrize("ends", ["end of stream", "close_notify"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(STORED, Written), (REFUSED, Malformed), (CHUNKED, Malformed)],
    ids=ANSWERS,
)
def test_a_whole_answer_counts_although_the_connection_ends_with_it(
    server: Replay, writer: InfluxWriter, answer: bytes, outcome: type, ends: Ending
) -> None:
    server.fail_at("/write", CutOff(answer, ends))
    first = writer.write("raw", "ms", [b"a v=1i 1"])
    before = server.accepted

    assert isinstance(first, outcome)
    assert writer.write("raw", "ms", [b"b v=2i 2"]) == Written()
    assert server.accepted == before + 1
    assert _written(server) == [b"a v=1i 1", b"b v=2i 2"], "neither was sent twice"


@pytest.mark.parametrize("place", PLACES)
def test_on_a_kept_connection_it_is_repeated_at_once(
    server: Replay, writer: InfluxWriter, place: str
) -> None:
    """2.x ends a connection that was idle for three minutes: that is no outage."""
    writer.write("raw", "ms", [b"a v=1i 1"])
    server.fail_at("/write", CutOff(PLACES[place]))

    assert writer.write("raw", "ms", [b"b v=2i 2"]) == Written()
    assert _written(server) == [b"a v=1i 1", b"b v=2i 2", b"b v=2i 2"]


def test_the_repetition_that_dies_too_is_an_outage(server: Replay, writer: InfluxWriter) -> None:
    writer.write("raw", "ms", [b"a v=1i 1"])
    server.fail_at("/write", CutOff(STORED[:12]), CutOff(STORED[:12]))

    assert isinstance(writer.write("raw", "ms", [b"b v=2i 2"]), Unavailable)
    assert len(_written(server)) == 3


@pytest.mark.parametrize("ends", ["end of stream", "reset"])
def test_a_server_that_dies_while_it_is_sent_to_is_an_outage(
    server: Replay, writer: InfluxWriter, ends: Ending
) -> None:
    server.fail_at("/write", CutOff(ends=ends, reads_body=False))
    lines = [os.urandom(3000).hex().encode() for _ in range(1000)]

    assert isinstance(writer.write("raw", "ms", lines), Unavailable)
    assert writer.write("raw", "ms", lines) == Written()


def test_an_answer_that_begins_and_never_ends_holds_the_thread_up_for_a_short_time(
    server: Replay, writer: InfluxWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without power ends no connection; other writes wait while this one is read."""
    monkeypatch.setattr(influx_writer, "_REST_S", 0.2)
    server.fail_at("/write", CutOff(REFUSED[:-10], "never"))
    writer.begin("raw", "ms", gzip.compress(b"a v=1i 1"))
    descriptor = writer.fileno()
    assert descriptor is not None
    assert select.select([descriptor], [], [], 2.0)[0]
    begun = time.monotonic()

    assert isinstance(writer.finish(), Unavailable)
    assert time.monotonic() - begun < 1.5
    assert writer.write("raw", "ms", [b"a v=1i 1"]) == Written()


def test_a_ping_and_a_query_without_their_whole_answer_are_none(plain: Replay) -> None:
    with InfluxWriter(_endpoint(plain), timeout_s=2.0) as writer:
        plain.fail(CutOff(STORED[:-2]), CutOff(REFUSED[:-2]))
        with pytest.raises(UnknownServerError, match="before the whole answer"):
            writer.ping()
        with pytest.raises(UnknownServerError, match="before the whole answer"):
            writer.query("SHOW DATABASES")


def test_a_handshake_that_dies_is_an_outage_of_the_write(
    server: Replay, writer: InfluxWriter
) -> None:
    """Over TLS a connection begins with a ping, and that can be cut off, too."""
    server.fail_at("/ping", CutOff(STORED[:12]))
    outcomes = [writer.write("raw", "ms", [b"a v=1i 1"]) for _ in range(2)]

    assert outcomes[-1] == Written()
    assert isinstance(outcomes[0], Unavailable) is server.url.startswith("https")
