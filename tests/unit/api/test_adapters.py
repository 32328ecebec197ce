"""The database over HTTP."""

import gzip
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import msgspec
import pytest

from gigacity_api.errors import StoreRefusedError, StoreUnavailableError
from gigacity_api.indicators.row_loader import DeviceReportRow, PortRow
from gigacity_api.storage.answers import RowDecoder
from gigacity_api.storage.influx import InfluxStore
from gigacity_api.storage.queries.telemetry import newest_presence, port_rows
from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import UnknownServerError
from gigacity_contract.influx import InfluxEndpoint
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG

ENDPOINT = InfluxEndpoint(Address("http", "db", 8086), "gigacity", "api", Secret("s3cret"))
QUERY = port_rows(1, 2)
Handler = Callable[[httpx.Request], httpx.Response]


def store(handler: Handler) -> InfluxStore:
    return InfluxStore(ENDPOINT, httpx.MockTransport(handler))


def answering(status: int, body: bytes, headers: dict[str, str] | None = None) -> InfluxStore:
    return store(lambda _: httpx.Response(status, content=body, headers=headers))


def document(*values: list[Any], partial: bool = False, columns: object = None) -> bytes:
    series: dict[str, Any] = {
        "name": "pon_port", "columns": columns or ["time", *QUERY.columns], "values": list(values),
    }  # fmt: skip
    result: dict[str, Any] = {"statement_id": 0, "series": [series]}
    if partial:
        series["partial"] = result["partial"] = True
    return msgspec.json.encode({"results": [result]}) + b"\n"


def row(ts: int) -> list[Any]:
    return [ts, "olt-a", "1", "0", "xgs-pon", "371602", "up", None]


def read(found: InfluxStore) -> list[PortRow]:
    return [r for batch in found.rows(QUERY, PortRow) for r in batch]


def test_a_query_carries_database_policy_epoch_and_basic_credentials() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=document())

    assert read(store(handler)) == []
    form = parse_qs(seen[0].content.decode())
    assert {k: v[0] for k, v in form.items()} == {
        "q": QUERY.text, "db": "gigacity", "rp": "raw", "epoch": "ms", "chunked": "true",
        "chunk_size": "10000",
    }  # fmt: skip
    assert seen[0].headers["authorization"] == "Basic YXBpOnMzY3JldA=="


def test_rows_of_several_chunks_come_typed_and_in_order() -> None:
    body = document(row(1), row(2), partial=True) + document(row(3))
    rows = read(answering(200, body))
    assert [r.time for r in rows] == [1, 2, 3]
    assert rows[0] == PortRow(1, "olt-a", "1", "0", "xgs-pon", "371602", "up", None)


def test_an_answer_in_gzip_is_read() -> None:
    body = gzip.compress(document(row(1)))
    assert len(read(answering(200, body, {"Content-Encoding": "gzip"}))) == 1


def test_lines_that_arrive_in_pieces_are_put_together() -> None:
    body = document(row(1), partial=True) + document(row(2))

    def pieces() -> Any:
        for first in range(0, len(body), 7):
            yield body[first : first + 7]

    assert len(read(store(lambda _: httpx.Response(200, content=pieces())))) == 2


def test_columns_that_nobody_reads_are_skipped() -> None:
    decoder = RowDecoder(DeviceReportRow, ("community", "device", "area", "extra"))
    series = {"columns": ["time", "community", "device", "area", "extra"],
              "values": [[1, "c", "d", "a", {"deep": [1, 2]}]]}  # fmt: skip
    body = msgspec.json.encode({"results": [{"series": [series]}]})
    assert list(decoder.batches([body])) == [[DeviceReportRow(1, "c", "d", "a")]]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b'{"results":[{"statement_id":0,"error":"database not found: x"}]}', "refused"),
        (200, b'{"error":"timeout"}', "refused"),
        (200, document(row(1), partial=True), "unavailable"),
        (200, document(row(1))[:-20], "unavailable"),
        (200, document(columns=["time", "olt"]), "refused"),
        (400, b'{"error":"error parsing query: found x"}', "refused"),
        (400, b'{"code":"invalid","message":"failed to parse query"}', "refused"),
        (401, b'{"error":"unable to parse authentication credentials"}', "refused"),
        (403, b'{"error":"not authorized"}', "refused"),
        (404, b"404 page not found", "refused"),
        (429, b"", "unavailable"),
        (500, b'{"error":"engine: no space left on device"}', "unavailable"),
        (503, b"", "unavailable"),
    ],
)
def test_every_failed_read_is_refused_or_unavailable(status: int, body: bytes, error: str) -> None:
    expected = {"refused": StoreRefusedError, "unavailable": StoreUnavailableError}[error]
    with pytest.raises(expected):
        read(answering(status, body))


def test_no_rows_are_no_error() -> None:
    for body in (
        b'{"results":[{"statement_id":0}]}\n',
        b"{}",
        b'{"results":[{"error":"measurement not found"}]}',
    ):
        assert read(answering(200, body)) == []


def _connection_errors() -> list[type[httpx.HTTPError]]:
    found, queue = [], [httpx.TransportError]
    while queue:
        kind = queue.pop()
        found.append(kind)
        queue += kind.__subclasses__()
    return sorted(found, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", _connection_errors(), ids=lambda kind: kind.__name__)
def test_every_transport_error_of_httpx_is_unavailable(kind: type[httpx.TransportError]) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise kind("broken")

    broken = store(handler)
    for call in (
        lambda: read(broken),
        lambda: broken.series(newest_presence("online_ms", 2)),
        lambda: broken.write(INDICATOR, [b"x a=1 1"]),
        broken.ping,
    ):
        with pytest.raises(StoreUnavailableError, match=kind.__name__):
            call()


def test_series_come_with_their_tags() -> None:
    body = (
        b'{"results":[{"series":[{"name":"presence","tags":{"id":"gw"},'
        b'"columns":["time","last"],"values":[[5,7]]}]}]}'
    )
    series = answering(200, body).series(newest_presence("online_ms", 2))
    assert [(s.tags, s.values) for s in series] == [({"id": "gw"}, [[5, 7]])]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"results":[{"error":"database not found: x"}]}', StoreRefusedError),
        (401, b"", StoreRefusedError),
        (503, b"", StoreUnavailableError),
    ],
)
def test_a_failed_question_for_series(status: int, body: bytes, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        answering(status, body).series(newest_presence("online_ms", 2))


def test_ping_tells_the_server() -> None:
    found = answering(204, b"", {"X-Influxdb-Version": "1.6.7~rc0"}).ping()
    assert str(found) == "InfluxDB 1.6.7"
    with pytest.raises(UnknownServerError):
        answering(200, b"<html>").ping()


def test_writes_go_to_policy_and_precision_in_batches() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    store(handler).write(INDICATOR, [b"x a=1 %d" % n for n in range(5001)])
    store(handler).write(INDICATOR_LOG, [b"x a=1 1"])
    targets = [str(r.url).split("?")[1] for r in seen]
    assert targets[:2] == ["db=gigacity&rp=figures&precision=ms"] * 2
    assert targets[2] == "db=gigacity&rp=forever&precision=ns"
    assert [r.content.count(b"\n") + 1 for r in seen] == [5000, 1, 1]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (500, b'{"error":"write failed"}', StoreUnavailableError),
        (500, b'{"error":"retention policy not found: figures"}', StoreRefusedError),
        (503, b"", StoreUnavailableError),
        (403, b'{"error":"no"}', StoreRefusedError),
        (404, b'{"code":"not found","message":"no dbrp mapping found"}', StoreRefusedError),
        (400, b'{"error":"partial write: field type conflict dropped=1"}', StoreRefusedError),
    ],
)
def test_a_failed_write(status: int, body: bytes, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        answering(status, body).write(INDICATOR, [b"x a=1 1"])


def test_a_first_batch_with_a_type_conflict_is_sent_once_more() -> None:
    """1.x stores nothing of it the first time."""
    answers = [httpx.Response(400, content=b'{"error":"field type conflict"}'), httpx.Response(204)]
    store(lambda _: answers.pop(0)).write(INDICATOR, [b"x a=1 1"])
    assert answers == []
