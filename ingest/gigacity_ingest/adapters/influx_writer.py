"""Posts lines and queries to InfluxDB over one kept connection. One thread, blocking.

Every end of a request is an outcome of the contract; nothing about the network is raised.
"""

import contextlib
import http.client
import ssl
from dataclasses import dataclass
from typing import Any

from isal import igzip

from gigacity_contract.errors import UnknownServerError
from gigacity_contract.influx import (
    FORM_CONTENT_TYPE,
    Server,
    Unavailable,
    WriteOutcome,
    basic_auth,
    judge_write,
    parse_ping,
    query_form,
    write_path,
)
from gigacity_contract.settings import Address, Secret

_GZIP_LEVEL = 1  # 36 times as fast as level 9, and 4.8 times smaller instead of 5.9.
_LOST = (OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True)
class InfluxEndpoint:
    """Where the database is, and with which credentials."""

    address: Address
    bucket: str
    """On 1.x the database."""
    username: str
    secret: Secret
    """Password, or API token."""
    ca_file: str = ""

    @property
    def has_credentials(self) -> bool:
        """Whether any are sent."""
        return bool(self.username) and bool(self.secret)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class InfluxWriter:
    """One connection to InfluxDB.

    Args:
        endpoint: where and as whom.
        timeout_s: for connecting and for each answer: a server that hangs must not hold a batch.
    """

    def __init__(self, endpoint: InfluxEndpoint, *, timeout_s: float = 30.0) -> None:
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self._connection: http.client.HTTPConnection | None = None
        self._headers: dict[str, str] = {}
        if endpoint.has_credentials:
            self._headers["Authorization"] = basic_auth(endpoint.username, endpoint.secret)

    def write(self, policy: str, precision: str, lines: list[bytes]) -> WriteOutcome:
        """Post lines; an empty list only asks whether this could be written at all."""
        body = igzip.compress(b"\n".join(lines), _GZIP_LEVEL) if lines else b""
        headers = {"Content-Encoding": "gzip"} if lines else {}
        try:
            answer = self._request(
                "POST", write_path(self._endpoint.bucket, policy, precision), body, headers
            )
        except _LOST as error:
            return Unavailable(None, self._explain(error))
        return judge_write(answer.status, answer.headers, answer.body)

    def ping(self) -> Server:
        """Which server it is.

        Raises:
            UnknownServerError: it answers, but not as InfluxDB, or it does not answer.
        """
        try:
            answer = self._request("GET", "/ping", None, {})
        except _LOST as error:
            raise UnknownServerError(self._explain(error)) from error
        return parse_ping(answer.headers)

    def query(self, query: str, *, db: str = "") -> Answer:
        """Post InfluxQL; ``parse_query`` tells what the answer says.

        Raises:
            UnknownServerError: no answer.
        """
        headers = {"Content-Type": FORM_CONTENT_TYPE}
        try:
            return self._request("POST", "/query", query_form(query, db=db), headers)
        except _LOST as error:
            raise UnknownServerError(self._explain(error)) from error

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _explain(self, error: BaseException) -> str:
        text = str(error) or type(error).__name__
        return f"no answer from {self._endpoint.address}: {text}"

    def _request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        """One request; once more at once if it failed on a connection that was kept from before.

        2.x closes a connection that was idle for 3 min: that is no outage.
        """
        was_kept = self._connection is not None
        try:
            return self._try(method, path, body, headers)
        except TimeoutError:
            self.close()
            raise
        except _LOST:
            self.close()
            if not was_kept:
                raise
        try:
            return self._try(method, path, body, headers)
        except _LOST:
            self.close()
            raise

    def _try(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._connect()
        broken: OSError | None = None
        try:
            connection.request(
                method, self._endpoint.address.path + path, body, self._headers | headers
            )
        except (BrokenPipeError, ConnectionResetError) as error:
            # A 413 is sent, and the connection closed, before the body is read: look for it.
            broken = error
        try:
            response = connection.getresponse()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
        except _LOST:
            if broken is not None:
                raise broken from None
            raise
        if broken is not None or response.will_close:
            self.close()
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        address = self._endpoint.address
        if not address.is_tls:
            return http.client.HTTPConnection(address.host, address.port, timeout=self._timeout_s)
        context = ssl.create_default_context(cafile=self._endpoint.ca_file or None)
        return http.client.HTTPSConnection(
            address.host, address.port, timeout=self._timeout_s, context=context
        )

    def __enter__(self) -> "InfluxWriter":
        return self

    def __exit__(self, *_: Any) -> None:
        with contextlib.suppress(OSError):
            self.close()
