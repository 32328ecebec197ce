"""InfluxDB over HTTP: the only importer of httpx.

One pooled client. It never retries on its own: the evaluator decides what to do about an error, and
knows that a read or a write of the same lines may be repeated.
"""

import ssl
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import Self, TypeVar

import httpx
import structlog

from gigacity_api.errors import StoreRefusedError, StoreUnavailableError
from gigacity_api.storage.answers import RowDecoder
from gigacity_api.storage.queries.query import Query
from gigacity_contract.errors import QueryError
from gigacity_contract.influx import (
    FORM_CONTENT_TYPE,
    InfluxEndpoint,
    RetryOnce,
    Series,
    Server,
    Unavailable,
    Written,
    judge_write,
    parse_ping,
    parse_query,
    query_form,
    write_path,
)
from gigacity_contract.measurements import Measurement

R = TypeVar("R")
_log = structlog.get_logger("gigacity_api.storage")

LINES_PER_WRITE = 5_000

# Uncompressed: packing an interval's answer costs the database more than the network gains, and
# unpacking it a third of what reading it costs here.
_HEADERS = {"Content-Type": FORM_CONTENT_TYPE, "Accept-Encoding": "identity"}


def _trusted(ca_file: str) -> ssl.SSLContext | bool:
    """Whose certificates are believed: those of one CA, or the usual ones."""
    return ssl.create_default_context(cafile=ca_file) if ca_file else True


class _LatestAuth(httpx.Auth):
    """Credentials that are read again when the server refuses them: they may have been renewed."""

    def __init__(self, endpoint: InfluxEndpoint) -> None:
        self._endpoint = endpoint
        self._value = endpoint.authorization()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        sent = request.headers["Authorization"] = self._value
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._value = self._endpoint.authorization()
            if self._value != sent:
                _log.info("database credentials read again", origin=self._endpoint.secret.origin)
                request.headers["Authorization"] = self._value
                yield request
            else:
                _log.warning(
                    "the database refuses the credentials", origin=self._endpoint.secret.origin
                )


class InfluxStore:
    """Reads and writes one database; safe to use from several threads."""

    def __init__(
        self,
        endpoint: InfluxEndpoint,
        transport: httpx.BaseTransport | None = None,
        *,
        timeout_s: float = 60.0,
    ) -> None:
        self._bucket = endpoint.bucket
        self._client = httpx.Client(
            base_url=str(endpoint.address),
            auth=_LatestAuth(endpoint),
            timeout=httpx.Timeout(timeout_s, connect=5.0),
            transport=transport,
            verify=_trusted(endpoint.ca_file),
            # A proxy of the environment is for the way out, not for the database.
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def ping(self) -> Server:
        """Which server answers.

        Raises:
            StoreUnavailableError: none does.
            UnknownServerError: something that is no InfluxDB.
        """
        try:
            return parse_ping(self._client.get("/ping").headers)
        except httpx.HTTPError as error:
            raise _unavailable(error) from error

    def rows(self, query: Query, row: type[R]) -> Iterator[list[R]]:
        """As ``Store.rows``; the answer is decoded while it arrives."""
        form = query_form(query.text, db=self._bucket, rp=query.policy)
        form += f"&chunked=true&chunk_size={query.rows_at_once}".encode()
        try:
            with self._client.stream("POST", "/query", content=form, headers=_HEADERS) as response:
                if response.status_code != 200:
                    raise _refused(response.status_code, response.read())
                decoder = RowDecoder(row, query.columns)
                yield from decoder.batches(_lines(response.iter_bytes()))
        except httpx.HTTPError as error:
            raise _unavailable(error) from error

    def series(self, query: Query) -> list[Series]:
        """As ``Store.series``."""
        form = query_form(query.text, db=self._bucket, rp=query.policy)
        try:
            response = self._client.post("/query", content=form, headers=_HEADERS)
        except httpx.HTTPError as error:
            raise _unavailable(error) from error
        if response.status_code != 200:
            raise _refused(response.status_code, response.content)
        try:
            return parse_query(response.status_code, response.content)
        except QueryError as error:
            raise StoreRefusedError(str(error)) from error

    def write(self, measurement: Measurement, lines: list[bytes]) -> None:
        """As ``Store.write``."""
        path = write_path(self._bucket, measurement.policy.name, measurement.precision)
        for first in range(0, len(lines), LINES_PER_WRITE):
            body = b"\n".join(lines[first : first + LINES_PER_WRITE])
            self._post(path, body, again=True)

    def _post(self, path: str, body: bytes, *, again: bool) -> None:
        try:
            response = self._client.post(path, content=body)
        except httpx.HTTPError as error:
            raise _unavailable(error) from error
        outcome = judge_write(response.status_code, response.headers, response.content)
        if isinstance(outcome, Written):
            return
        if isinstance(outcome, RetryOnce) and again:
            self._post(path, body, again=False)
            return
        if isinstance(outcome, Unavailable):
            raise StoreUnavailableError(f"write: {outcome.message}")
        raise StoreRefusedError(f"write: {outcome}")


def _unavailable(error: httpx.HTTPError) -> StoreUnavailableError:
    return StoreUnavailableError(f"{type(error).__name__}: {error}")


def _refused(status: int, body: bytes) -> StoreRefusedError | StoreUnavailableError:
    try:
        parse_query(status, body)
    except QueryError as error:
        kind = StoreUnavailableError if status >= 500 or status == 429 else StoreRefusedError
        return kind(str(error))
    return StoreRefusedError(f"status {status}")


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines of a body that comes in parts."""
    rest: list[bytes] = []
    for part in parts:
        *whole, last = part.split(b"\n")
        for line in whole:
            rest.append(line)
            yield b"".join(rest)
            rest.clear()
        rest.append(last)
    yield b"".join(rest)
