"""One connection a channel: kept, given up, never the reason that a notice is lost or doubled."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from gigacity_contract.local_time import ZONE
from gigacity_notify.attempts import AttemptWatch
from gigacity_notify.calls import HTTPCall, Judgement, Verdict
from gigacity_notify.configuration import MailChannel, MQTTChannel, SyslogChannel
from gigacity_notify.senders import ChannelSender
from gigacity_notify.web_connections import MAX_ANSWER_BYTES, WebConnections
from gigacity_notify.wording import Teller
from tests.support.certificates import self_signed, server_context
from tests.support.http_double import socket_service
from tests.support.mqtt_probe import wait_until
from tests.support.notices import NOW_MS, notice

WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Listener:
    """Answers requests as it is told to, and knows on which connection each came."""

    def __init__(self, answer: Callable[[socket.socket, int], bool]) -> None:
        """``answer``: says something to the nth request; False ends the connection."""
        self.heard: list[tuple[int, bytes]] = []
        self.closed = threading.Semaphore(0)
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/x"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        number = 0
        try:
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._talk, args=(connection, number), daemon=True).start()
                number += 1
        except OSError:
            pass

    def _talk(self, connection: socket.socket, number: int) -> None:
        with connection:
            while raw := self._request(connection):
                self.heard.append((number, raw))
                if not self._answer(connection, len(self.heard)):
                    break
        self.closed.release()

    @staticmethod
    def _request(connection: socket.socket) -> bytes:
        raw = b""
        while not raw.endswith(b"body"):
            try:
                more = connection.recv(65_536)
            except OSError:
                return b""
            if not more:
                return b""
            raw += more
        return raw

    def close(self) -> None:
        """Take nobody any more."""
        self._server.close()

    @property
    def connections(self) -> list[int]:
        """On which each request came."""
        return [number for number, _ in self.heard]


@contextmanager
def _listening(answer: Callable[[socket.socket, int], bool]) -> Iterator[Listener]:
    with closing(Listener(answer)) as found:
        yield found


@pytest.fixture
def web() -> Iterator[WebConnections]:
    with closing(AttemptWatch()) as watch, closing(WebConnections(watch, 2.0)) as found:
        yield found


def _post(web: WebConnections, url: str, channel: str = "c") -> tuple[int, bytes]:
    answer = web.post(channel, HTTPCall(url, b"body", {"X-Name": "n"}), 5.0)
    return answer.status, answer.body


def _well(connection: socket.socket, _number: int) -> bool:
    connection.sendall(WELL)
    return True


def test_a_channel_keeps_its_connection_and_another_one_has_its_own(web: WebConnections) -> None:
    with _listening(_well) as service:
        for channel in ("a", "b", "a", "b", "a"):
            assert _post(web, service.url, channel) == (200, b"ok")
        assert service.connections == [0, 1, 0, 1, 0]
        # Another address is another connection, and the former one ends.
        with _listening(_well) as other:
            _post(web, other.url, "a")
        assert service.closed.acquire(timeout=5)


def test_a_connection_that_nobody_needs_ends(
    web: WebConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_notify.web_connections.KEPT_S", 0.05)
    with _listening(_well) as service:
        _post(web, service.url)
        assert service.closed.acquire(timeout=5)
        assert _post(web, service.url) == (200, b"ok")
        assert service.connections == [0, 1]


@pytest.mark.parametrize("farewell", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
def test_what_the_other_side_ended_meanwhile_is_not_used(
    farewell: bytes, web: WebConnections
) -> None:
    """Its farewell is no answer to the next request."""

    def bid_farewell(connection: socket.socket, _number: int) -> bool:
        connection.sendall(WELL)
        time.sleep(0.1)
        connection.sendall(farewell)
        return False

    with _listening(bid_farewell) as service:
        for _ in range(2):
            assert _post(web, service.url) == (200, b"ok")
            assert service.closed.acquire(timeout=5)
        assert service.connections == [0, 1]


def test_a_request_into_a_connection_that_just_ends_is_sent_once_more(web: WebConnections) -> None:
    """Every second request finds no answer: a new connection has it at once."""

    def end_the_second(connection: socket.socket, number: int) -> bool:
        if number == 2:
            return False
        return _well(connection, number)

    with _listening(end_the_second) as service:
        for _ in range(3):
            assert _post(web, service.url) == (200, b"ok")
        assert service.connections == [0, 0, 1, 1]
        # The very same request: whoever heard both knows them by their name.
        assert service.heard[1][1] == service.heard[2][1]


def test_a_new_connection_that_ends_without_an_answer_is_tried_later(web: WebConnections) -> None:
    with _listening(lambda *_: False) as service:
        with pytest.raises(ConnectionError):
            _post(web, service.url)
        assert service.connections == [0]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + b"x" * 90_000,
    ],
    ids=["1.0", "close", "long"],
)
def test_what_cannot_be_used_again_is_not(answer: bytes, web: WebConnections) -> None:
    def say(connection: socket.socket, _number: int) -> bool:
        connection.sendall(answer)
        return b"ok" not in answer

    with _listening(say) as service:
        for _ in range(2):
            status, body = _post(web, service.url)
            assert (status, len(body) <= MAX_ANSWER_BYTES + 1) == (200, True)
        assert service.connections == [0, 1]


def test_an_answer_in_pieces_is_read_as_a_whole(web: WebConnections) -> None:
    def say(connection: socket.socket, _number: int) -> bool:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nRetry-After: 7\r\n\r\n"
        connection.sendall(head + b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n")
        return True

    with _listening(say) as service:
        for _ in range(2):
            assert web.post("c", HTTPCall(service.url, b"body"), 5.0) == (200, b"ok", 7.0)
        assert service.connections == [0, 0]


def test_what_an_address_says_of_its_user_is_sent(web: WebConnections) -> None:
    with _listening(_well) as service:
        _post(web, service.url.replace("//", "//u%40x:p%3Ay@") + "?q=滨")
        (_, raw) = service.heard[0]
    assert raw.startswith(b"POST /x?q=%E6%BB%A8 HTTP/1.1\r\n")
    assert b"Authorization: Basic dUB4OnA6eQ==\r\n" in raw
    assert raw.count(b"Host: 127.0.0.1:") == 1


@pytest.mark.parametrize("address", ["ftp://h/x", "h/x", "http:///x"])
def test_an_address_of_another_kind_is_named(address: str, web: WebConnections) -> None:
    with pytest.raises(httpx.InvalidURL):
        _post(web, address)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    web: WebConnections, tmp_path: Path
) -> None:
    context = server_context(*self_signed(tmp_path))

    def seal(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as sealed:
            sealed.recv(10)

    with (
        socket_service(seal, hears=False) as port,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        _post(web, f"https://127.0.0.1:{port}/")


# ---- the whole of an attempt -----------------------------------------------------------------


def _drip(connection: socket.socket) -> None:
    """A record of TLS that begins, and never ends."""
    for sign in b"\x16\x03\x03\x40\x00" + b"\x02" * 200:
        connection.sendall(bytes((sign,)))
        time.sleep(0.05)


def _drip_after_greeting(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n")
    connection.recv(1_000)
    connection.sendall(b"250-mail.example\r\n250 STARTTLS\r\n")
    connection.recv(1_000)
    connection.sendall(b"220 go on\r\n")
    connection.recv(10_000)
    _drip(connection)


@pytest.mark.parametrize("kind", ["syslog", "mail"])
def test_a_handshake_that_drips_ends_the_attempt(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_notify.senders.ATTEMPT_WITHIN_S", 0.5)
    is_mail = kind == "mail"
    talk = _drip_after_greeting if is_mail else _drip
    with (
        socket_service(talk, hears=not is_mail) as port,
        closing(ChannelSender(Teller(ZONE))) as sender,
    ):
        channel = (
            MailChannel(name="c", host="127.0.0.1", port=port, sender="g@e", to=["a@e"])
            if is_mail
            else SyslogChannel(name="c", host="127.0.0.1", port=port)
        )
        started_s = time.monotonic()
        judgement = sender.send(channel, (notice(),), "m1", NOW_MS)
    assert judgement == Judgement(Verdict.AGAIN, "cannot be reached: TimeoutError")
    assert time.monotonic() - started_s < 3


def test_a_broker_that_acknowledges_late_does_not_hold_its_channel_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gigacity_notify.senders.ATTEMPT_WITHIN_S", 0.3)
    asked: list[float] = []

    def publish(_topic: str, _payload: bytes, within_s: float) -> Judgement:
        asked.append(within_s)
        time.sleep(min(0.1, within_s))
        return Judgement(Verdict.DELIVERED)

    with closing(ChannelSender(Teller(ZONE), publish)) as sender:
        notices = tuple(notice(alarm=str(number)) for number in range(50))
        judgement = sender.send(MQTTChannel(name="c"), notices, "m1", NOW_MS)
    assert judgement == Judgement(Verdict.AGAIN, "the broker takes too long to acknowledge")
    assert len(asked) <= 4
    assert asked == sorted(asked, reverse=True)


def test_a_socket_that_comes_too_late_is_shut_at_once() -> None:
    with closing(AttemptWatch()) as watch, socket.create_server(("127.0.0.1", 0)) as server:
        attempt = watch.begin(0.01)
        wait_until(lambda: attempt.is_late, "the end of its time")
        with socket.create_connection(server.getsockname()) as found:
            attempt.watch(found)
            assert found.recv(1) == b""
        with pytest.raises(TimeoutError):
            attempt.connect("127.0.0.1", server.getsockname()[1], 1.0)
        watch.end(attempt)


def test_an_attempt_that_is_over_shuts_nothing() -> None:
    with closing(AttemptWatch()) as watch, socket.create_server(("127.0.0.1", 0)) as server:
        with watch.within(0.05) as attempt:
            found = attempt.connect("127.0.0.1", server.getsockname()[1], 1.0)
        with found, server.accept()[0] as other:
            time.sleep(0.15)
            other.sendall(b"x")
            assert found.recv(1) == b"x"
        assert not attempt.is_late
