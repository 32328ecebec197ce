"""The edge: requests to web services, over one connection a channel that is kept for a while.

A burst of calls for help is hundreds of requests within a second; a connection for each costs both
sides more than the requests do.
"""

import http.client
import select
import socket
import ssl
import threading
from base64 import b64encode
from typing import NamedTuple

import httpx

from gigacity_notify.attempts import Attempt, AttemptWatch
from gigacity_notify.calls import HTTPAnswer, HTTPCall

KEPT_S = 4.0
"""For the next message: less than the five seconds after which common servers end a silent one."""
MAX_ANSWER_BYTES = 65_536
_MAX_RETRY_AFTER_S = 3_600.0
_PORTS = {"http": 80, "https": 443}


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int


class _Connection(http.client.HTTPConnection):
    """One connection; ``attempt`` is whose time it takes."""

    def __init__(self, origin: _Origin, tls: ssl.SSLContext, read_s: float) -> None:
        self.default_port = _PORTS[origin.scheme]
        super().__init__(origin.host, origin.port)
        self.origin, self._tls, self._read_s = origin, tls, read_s
        self.attempt = Attempt(0.0)

    def connect(self) -> None:
        """As the base class calls it."""
        self.sock = self.attempt.connect(self.host, self.port, self._read_s)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.origin.scheme == "https":
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)

    @property
    def is_fresh(self) -> bool:
        """Whether it can be used again: open, and the other side said nothing meanwhile.

        What it said would be read as the answer to a request that it never saw.
        """
        if self.sock is None:
            return False
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return not poll.poll(0)


class _Resting(NamedTuple):
    connection: _Connection
    rest: Attempt
    """Ends the connection when nobody needed it for a while."""


class WebConnections:
    """The connections of all channels. Threads may share it."""

    def __init__(self, watch: AttemptWatch, read_s: float) -> None:
        """Make it; nothing is opened yet.

        Args:
            watch: over attempts, and over connections that rest.
            read_s: the longest silence.
        """
        self._watch, self._read_s = watch, read_s
        # The environment is not asked: what is told may be secret, and comes late by a proxy.
        self._tls = httpx.create_ssl_context(trust_env=False)
        self._lock = threading.Lock()
        self._kept: dict[str, _Resting] = {}

    def post(self, channel: str, call: HTTPCall, whole_s: float) -> HTTPAnswer:
        """Post a request for a channel.

        A kept connection may have ended just when the request went out: that is sent again at once,
        over a new one. Whether it was heard nobody can know; it has the same name.

        Raises:
            httpx.InvalidURL: the address is none.
            OSError, http.client.HTTPException: there is no answer, or not in time.
            ValueError: a header cannot be sent.
        """
        url, origin = _read_address(call.url)
        with self._watch.within(whole_s) as attempt:
            found = self._ask_kept(channel, origin, attempt, url, call)
            if found is None:
                new = _Connection(origin, self._tls, self._read_s)
                new.attempt = attempt
                found = new, _ask(new, url, call)
            answer = self._read(channel, *found)
            if attempt.is_late:
                raise TimeoutError
            return answer

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept, self._kept = self._kept, {}
        for connection, rest in kept.values():
            self._watch.end(rest)
            connection.close()

    def _take(self, channel: str, origin: _Origin) -> _Connection | None:
        with self._lock:
            kept = self._kept.pop(channel, None)
        if kept is None:
            return None
        self._watch.end(kept.rest)
        if kept.connection.origin == origin and kept.connection.is_fresh:
            return kept.connection
        kept.connection.close()
        return None

    def _keep(self, channel: str, connection: _Connection) -> None:
        rest = self._watch.begin(KEPT_S)
        rest.watch(connection.sock)
        with self._lock:
            former = self._kept.pop(channel, None)
            self._kept[channel] = _Resting(connection, rest)
        if former is not None:
            self._watch.end(former.rest)
            former.connection.close()

    def _ask_kept(
        self, channel: str, origin: _Origin, attempt: Attempt, url: httpx.URL, call: HTTPCall
    ) -> tuple[_Connection, http.client.HTTPResponse] | None:
        kept = self._take(channel, origin)
        if kept is None:
            return None
        kept.attempt = attempt
        attempt.watch(kept.sock)
        try:
            return kept, _ask(kept, url, call)
        except (ConnectionError, ssl.SSLError):
            if attempt.is_late:
                raise
            return None

    def _read(
        self, channel: str, connection: _Connection, response: http.client.HTTPResponse
    ) -> HTTPAnswer:
        is_kept = False
        try:
            with response:
                body = response.read(MAX_ANSWER_BYTES + 1)
                is_whole = response.isclosed()
            after = response.headers.get("Retry-After", "")
            pause_s = min(float(after), _MAX_RETRY_AFTER_S) if after.isdecimal() else 0.0
            # Whoever wants no further request has had the connection closed by now.
            is_kept = is_whole and connection.sock is not None and not connection.attempt.is_late
            if is_kept:
                self._keep(channel, connection)
            return HTTPAnswer(response.status, body, pause_s)
        finally:
            if not is_kept:
                connection.close()


def _ask(connection: _Connection, url: httpx.URL, call: HTTPCall) -> http.client.HTTPResponse:
    try:
        headers = _headers(url, call)
        connection.request("POST", url.raw_path.decode(), call.body, headers)
        return connection.getresponse()
    except BaseException:
        connection.close()
        raise


def _read_address(text: str) -> tuple[httpx.URL, _Origin]:
    url = httpx.URL(text)
    # A name that can be none is told from one that nobody knows today: this raises.
    url.host.encode("idna")
    if url.scheme not in _PORTS or not url.host:
        raise httpx.InvalidURL("no http:// or https:// address")
    return url, _Origin(url.scheme, url.raw_host.decode(), url.port or _PORTS[url.scheme])


def _headers(url: httpx.URL, call: HTTPCall) -> dict[str, str]:
    headers = httpx.Headers({"User-Agent": "gigacity"})
    if url.userinfo:
        login = f"{url.username}:{url.password}".encode()
        headers["Authorization"] = f"Basic {b64encode(login).decode()}"
    headers.update(call.headers)
    # Not packed, and not unpacked: a few bytes could become hundreds of megabytes.
    headers["Accept-Encoding"] = "identity"
    return {name.decode(): value.decode() for name, value in headers.raw}
