"""Posts lines and queries to InfluxDB over one kept connection, of one thread.

Every end of a request is an outcome of the contract; nothing about the network is raised.
"""

import contextlib
import http.client
import ssl
from dataclasses import dataclass
from typing import Any, NamedTuple

from isal import igzip

from gigacity_contract.errors import UnknownServerError
from gigacity_contract.influx import (
    FORM_CONTENT_TYPE,
    Denied,
    InfluxEndpoint,
    Server,
    Unavailable,
    WriteOutcome,
    judge_write,
    parse_ping,
    query_form,
    write_path,
)
from gigacity_ingest.influx.whole_response import WholeResponse

_LOST = (OSError, http.client.HTTPException)
_UNAUTHORIZED = 401
_REST_S = 5.0
"""For the rest of an answer that has begun, since every other write waits meanwhile."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class _HTTPRequest(NamedTuple):
    """What is sent, and sent again."""

    method: str
    target: str
    body: bytes | None
    headers: dict[str, str]


class InfluxWriter:
    """One connection to InfluxDB.

    Args:
        endpoint: where and as whom.
        timeout_s: for connecting, for sending and for each wait within an answer: a server that
            hangs must not hold a batch.
    """

    def __init__(self, endpoint: InfluxEndpoint, *, timeout_s: float = 30.0) -> None:
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self._connection: http.client.HTTPConnection | None = None
        self._headers: dict[str, str] = {}
        self._request: _HTTPRequest | None = None
        self._is_resendable = False
        self._error: BaseException | None = None
        if endpoint.has_credentials:
            self._headers["Authorization"] = endpoint.authorization()

    # --- a write whose answer is read later ----------------------------------------------------

    def begin(self, policy: str, precision: str, packed: bytes) -> None:
        """Send a write; ``finish`` tells what became of it.

        Args:
            policy: retention policy.
            precision: unit of the times.
            packed: lines, compressed by gzip; none only asks whether this could be written at all.
        """
        path = write_path(self._endpoint.bucket, policy, precision)
        self._start("POST", path, packed, {"Content-Encoding": "gzip"} if packed else {})

    def fileno(self) -> int | None:
        """What becomes readable when there is an answer; None: call ``finish`` at once."""
        sock = None if self._connection is None else self._connection.sock
        return None if self._error is not None or sock is None else sock.fileno()

    def finish(self) -> WriteOutcome | None:
        """The outcome of the write that was begun, or None if it was sent once more.

        It is meant for an answer that has begun to come (``fileno`` is readable).
        """
        return self._outcome(min(_REST_S, self._timeout_s))

    def _outcome(self, wait_s: float) -> WriteOutcome | None:
        try:
            answer = self._finish(wait_s)
        except _LOST as error:
            return Unavailable(None, self._explain(error))
        if answer is None:
            return None
        outcome = judge_write(answer.status, answer.headers, answer.body)
        origin = self._endpoint.secret.origin
        if isinstance(outcome, Denied) and answer.status == _UNAUTHORIZED and origin:
            text = f"{outcome.message}; the secret is that of {origin}"
            outcome = Denied(outcome.status, text + (", read again" if "_FILE=" in origin else ""))
        return outcome

    def give_up(self, waited_s: float) -> WriteOutcome:
        """The outcome of a write that was begun and has waited too long for its answer."""
        self.close()
        text = f"no answer from {self._endpoint.address} within {waited_s:.0f} s"
        return Unavailable(None, text)

    # --- everything else at once ---------------------------------------------------------------

    def write(self, policy: str, precision: str, lines: list[bytes]) -> WriteOutcome:
        """Post lines; an empty list only asks whether this could be written at all."""
        self.begin(policy, precision, igzip.compress(b"\n".join(lines), 1) if lines else b"")
        while (outcome := self._outcome(self._timeout_s)) is None:
            continue
        return outcome

    def ping(self) -> Server:
        """Which server it is.

        Raises:
            UnknownServerError: it answers, but not as InfluxDB, or it does not answer.
        """
        try:
            answer = self._ask("GET", "/ping", None, {})
        except _LOST as error:
            raise UnknownServerError(self._explain(error)) from error
        return parse_ping(answer.headers)

    def query(self, query: str, *, policy: str = "") -> Answer:
        """Post InfluxQL; ``parse_query`` tells what the answer says.

        Args:
            query: one statement.
            policy: the retention policy of our database that it reads; none if it names its own.

        Raises:
            UnknownServerError: no answer.
        """
        headers = {"Content-Type": FORM_CONTENT_TYPE}
        form = query_form(query, db=self._endpoint.bucket if policy else "", rp=policy)
        try:
            return self._ask("POST", "/query", form, headers)
        except _LOST as error:
            raise UnknownServerError(self._explain(error)) from error

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _explain(self, error: BaseException) -> str:
        if isinstance(error, http.client.IncompleteRead):
            text = "the connection ended before the whole answer had come"
        else:
            text = str(error) or type(error).__name__
        return f"no answer from {self._endpoint.address}: {text}"

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        self._start(method, path, body, headers)
        while (answer := self._finish(self._timeout_s)) is None:
            continue
        return answer

    def _start(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        target = self._endpoint.address.path + path
        self._request = _HTTPRequest(method, target, body, self._headers | headers)
        # 2.x closes a connection that was idle for 3 min: that is no outage, so a request that
        # fails on a kept connection is sent once more, at once.
        self._is_resendable = self._connection is not None
        self._send()

    def _send(self) -> None:
        """Send the request; an error waits for ``_finish``."""
        self._error = None
        if self._request is None:
            raise ValueError("no request was begun")
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._wait_at_most(self._timeout_s)
            self._connection.request(*self._request)
        except _LOST as error:
            self._error = error

    def _wait_at_most(self, seconds: float) -> None:
        """For each wait on the connection, if it is open."""
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)

    def _finish(self, wait_s: float) -> Answer | None:
        """The answer, or None if the request was sent once more.

        Args:
            wait_s: at most, for each part of the answer.

        Raises:
            OSError, http.client.HTTPException: there is none.
        """
        self._wait_at_most(wait_s)
        try:
            answer = self._read()
        except _LOST as error:
            self.close()
            if not self._is_resendable or isinstance(error, TimeoutError):
                raise
            self._is_resendable = False
            self._send()
            return None
        return answer

    def _read(self) -> Answer:
        connection, broken = self._connection, self._error
        is_readable = broken is None or isinstance(broken, BrokenPipeError | ConnectionResetError)
        if connection is None or not is_readable:
            raise broken or http.client.NotConnected
        try:
            # A 413 is sent, and the connection closed, before the body is read: look for it even
            # if sending failed.
            response = connection.getresponse()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
            if answer.status == _UNAUTHORIZED and self._endpoint.has_credentials:
                # A password or token may have been renewed: the next request has today's.
                self._headers["Authorization"] = self._endpoint.authorization()
        except _LOST:
            if broken is not None:
                raise broken from None
            raise
        if broken is not None or response.will_close:
            self.close()
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        address, timeout_s = self._endpoint.address, self._timeout_s
        if not address.is_tls:
            connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout_s)
            connection.response_class = WholeResponse
            return connection
        context = ssl.create_default_context(cafile=self._endpoint.ca_file or None)
        connection = http.client.HTTPSConnection(
            address.host, address.port, timeout=timeout_s, context=context
        )
        connection.response_class = WholeResponse
        # TLS 1.3 sends session tickets after the handshake: they make the socket readable while
        # there is no answer yet (``fileno``). Reading a first small answer takes them in.
        try:
            connection.request("GET", address.path + "/ping", headers=self._headers)
            connection.getresponse().read()
        except _LOST:
            connection.close()
            raise
        return connection

    def __enter__(self) -> "InfluxWriter":
        return self

    def __exit__(self, *_: Any) -> None:
        with contextlib.suppress(OSError):
            self.close()
