"""The double itself: other tests trust it, so it is held to the recordings first."""

import http.client
import time

import pytest

from tests.support.recordings import recorded
from tests.support.replay import Close, Delay, Replay, Respond, TooLarge


def _request(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    connection.request(method, path, body)
    response = connection.getresponse()
    return response.status, response.read()


def _connect(server: Replay) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)


def test_a_recorded_request_gets_its_recorded_answers_in_order() -> None:
    case = "write.type_conflict_in_batch_twice"
    first, second = recorded("influxdb1", case), recorded("influxdb1", case, 2)
    with Replay() as server:
        server.serve([first, second])
        connection = _connect(server)
        answers = [_request(connection, "POST", first.path, first.request_body) for _ in range(3)]
        connection.close()

    assert [(e.status, e.body) for e in (first, second, second)] == answers


def test_a_query_is_found_whether_it_comes_by_url_or_by_form() -> None:
    asked = recorded("influxdb1", "query.unknown_db")
    with Replay() as server:
        server.serve([asked])
        connection = _connect(server)
        form = b"q=SELECT+rx_dbm+FROM+pon_port&db=nosuchdb&epoch=ms"
        answers = [
            _request(connection, "GET", asked.path),
            _request(connection, "POST", "/query", form),
        ]
        connection.close()

    assert [(asked.status, asked.body)] * 2 == answers


def test_an_unknown_request_is_answered_404_and_listed() -> None:
    with Replay() as server:
        connection = _connect(server)
        status, _ = _request(connection, "POST", "/write?db=x", b"m v=1 1")
        connection.close()

        assert (status, [r.route for r in server.unmatched]) == (404, ["/write"])


def test_faults_meet_one_request_each_and_then_the_answer_comes() -> None:
    with Replay() as server:
        server.give("POST", "/write", Respond(204))
        server.fail(Respond(503, {"Retry-After": "7"}), Close(), Delay(0.05))
        connection = _connect(server)
        connection.request("POST", "/write", b"a")
        response = connection.getresponse()
        response.read()
        with pytest.raises(http.client.RemoteDisconnected):
            _request(connection, "POST", "/write", b"b")
        connection.close()
        started = time.monotonic()
        status, _ = _request(connection, "POST", "/write", b"c")
        connection.close()

        assert (response.status, response.headers["Retry-After"], status) == (503, "7", 204)
        assert time.monotonic() - started >= 0.05
        assert [r.body for r in server.received] == [b"a", b"b", b"c"]


def test_a_body_that_is_too_large_is_answered_before_it_is_read() -> None:
    """1.6.7 does this above 25,000,000 bytes; the client's send fails, the answer is readable."""
    with Replay() as server:
        server.fail(TooLarge())
        connection = _connect(server)
        connection.putrequest("POST", "/write?db=x")
        connection.putheader("Content-Length", "50000000")
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            connection.endheaders(b"x" * 50_000_000)
        assert connection.sock is not None
        answer = connection.sock.recv(4096)
        connection.close()

        assert answer.startswith(b"HTTP/1.1 413")
        assert server.received == []
