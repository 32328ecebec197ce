"""The databases of a bench: one for each drain, made empty, counted and dropped."""

import contextlib
import http.client
import json
import urllib.parse
from collections.abc import Iterable
from typing import Protocol

from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import GigacityError
from gigacity_contract.influx import InfluxEndpoint, parse_query
from gigacity_contract.measurements import RAW
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.provisioning.influx1 import create_storage_v1, quote_identifier, runner


class Target(Protocol):
    """Where a consumer writes, and how many points arrived there."""

    @property
    def url(self) -> str:
        """Of its HTTP interface."""

    @property
    def username(self) -> str:
        """Empty: none is needed."""

    @property
    def password(self) -> Secret:
        """Of that user."""

    def prepare(self, bucket: str) -> None:
        """Make an empty database."""

    def count(self, bucket: str, counted: Iterable[tuple[str, str]]) -> int:
        """Points that are in it."""

    def forget(self, bucket: str) -> None:
        """Drop it."""


class InfluxTarget:
    """A real InfluxDB 1.x.

    Args:
        address: of it.
        username: an administrator.
        password: of that user.
    """

    def __init__(self, address: Address, username: str, password: Secret) -> None:
        self.url = str(address)
        self.username = username
        self.password = password
        endpoint = InfluxEndpoint(address, "", username, password)
        self._writer = InfluxWriter(endpoint, timeout_s=120.0)
        self._run = runner(self._writer)

    def prepare(self, bucket: str) -> None:
        """Database and policies."""
        create_storage_v1(self._run, bucket)

    def count(self, bucket: str, counted: Iterable[tuple[str, str]]) -> int:
        """Counts the given field of each measurement."""
        total = 0
        for measurement, field in counted:
            source = ".".join(quote_identifier(x) for x in (bucket, RAW.name, measurement))
            statement = f"SELECT count({quote_identifier(field)}) FROM {source}"  # noqa: S608 - ours
            answer = self._writer.query(statement)
            for series in parse_query(answer.status, answer.body):
                total += int(series.values[0][1])
        return total

    def forget(self, bucket: str) -> None:
        """Best effort: the database may have ended."""
        with contextlib.suppress(GigacityError):
            self._run(f"DROP DATABASE {quote_identifier(bucket)}")


class NullTarget:
    """The null sink of this package."""

    username = ""
    password = Secret("")

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._before = 0

    def prepare(self, _bucket: str) -> None:
        """Forget what was counted before."""
        self._before = self._points()

    def count(self, _bucket: str, _counted: Iterable[tuple[str, str]]) -> int:
        """Lines that arrived since ``prepare``."""
        return self._points() - self._before

    def forget(self, _bucket: str) -> None:
        """There is nothing to drop."""

    def _points(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", "/points")
            return int(json.loads(connection.getresponse().read())["points"])


def write_url(target: Target, bucket: str) -> str:
    """Where lines are posted, times in ms."""
    names = {"db": bucket, "rp": RAW.name, "precision": RAW.precision}
    return f"{target.url}/write?{urllib.parse.urlencode(names)}"
