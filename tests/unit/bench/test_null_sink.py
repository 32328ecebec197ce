"""The null sink: answers as a database does, and counts what it got."""

import gzip
import http.client
from collections.abc import Iterator

import pytest

from gigacity_contract.influx import Written, judge_write, parse_ping
from tests.bench.ingest.database import NullTarget
from tests.bench.ingest.null_sink import NullSink
from tests.bench.ingest.writer import packed_bodies, write_bodies
from tests.support.http_double import serving


@pytest.fixture
def sink() -> Iterator[NullTarget]:
    with serving(NullSink()) as port:
        yield NullTarget(port)


@pytest.fixture
def connection(sink: NullTarget) -> Iterator[http.client.HTTPConnection]:
    found = http.client.HTTPConnection(sink.url.removeprefix("http://"), timeout=5)
    yield found
    found.close()


def test_it_is_taken_for_a_database(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/ping")
    answer = connection.getresponse()
    assert not parse_ping(dict(answer.getheaders())).has_buckets
    answer.read()

    connection.request("POST", "/write?db=x&rp=raw&precision=ms", b"a b=1 1")
    answer = connection.getresponse()
    assert isinstance(judge_write(answer.status, {}, answer.read()), Written)


@pytest.mark.parametrize("end", ["", "\n"], ids=["no last line feed", "last line feed"])
@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("is_chunked", [False, True], ids=["with a length", "in chunks"])
def test_lines_of_the_raw_policy_are_counted(
    sink: NullTarget,
    connection: http.client.HTTPConnection,
    end: str,
    is_packed: bool,
    is_chunked: bool,
) -> None:
    body = ("\n".join(f"a b={n} 1" for n in range(7)) + end).encode()
    headers = {"Content-Encoding": "gzip"} if is_packed else {}
    packed = gzip.compress(body) if is_packed else body
    sent = iter([packed[:10], packed[10:]]) if is_chunked else packed
    connection.request("POST", "/write?db=x&rp=raw", sent, headers, encode_chunked=is_chunked)
    assert connection.getresponse().read() == b""

    assert sink.count("x", ()) == 7


def test_own_rows_of_a_worker_and_probes_are_not_counted(
    sink: NullTarget, connection: http.client.HTTPConnection
) -> None:
    for target, body in (("/write?db=x&rp=ops", b"a b=1 1"), ("/write?db=x&rp=raw", b"")):
        connection.request("POST", target, body)
        connection.getresponse().read()

    assert sink.count("x", ()) == 0


def test_preparing_forgets_what_came_before(
    sink: NullTarget, connection: http.client.HTTPConnection
) -> None:
    connection.request("POST", "/write?db=x&rp=raw", b"a b=1 1")
    connection.getresponse().read()
    sink.prepare("y")

    assert sink.count("y", ()) == 0


def test_the_bare_writer_posts_every_line_once(sink: NullTarget) -> None:
    lines = [f"a b={n} 1" for n in range(12_345)]
    drain = write_bodies(sink, "x", packed_bodies(lines), messages=12_345)

    assert drain.end == "done"
    assert sink.count("x", ()) == 12_345
