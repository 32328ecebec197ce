"""What the evaluator and the routers need of the outside world, as protocols.

Adapters implement them; tests use doubles.
"""

from collections.abc import Iterator
from typing import Protocol, TypeVar

from gigacity_api.storage.queries.query import Query
from gigacity_city.model import City
from gigacity_contract.influx import Series
from gigacity_contract.measurements import Measurement

R = TypeVar("R")


class Cities(Protocol):
    """The city file: the version in force now, and at an earlier instant."""

    @property
    def trouble(self) -> str:
        """Why the newest folder is not in force; empty while all is well."""
        ...

    @property
    def in_force_since_ms(self) -> int:
        """When the first version came into force; nothing was counted before."""
        ...

    @property
    def current(self) -> City:
        """The newest version that holds together."""
        ...

    def refresh(self) -> None:
        """Look whether the folder has changed."""
        ...

    def at(self, as_of_ms: int) -> City:
        """The version in force at an instant.

        Raises:
            CityVersionLostError: it is not kept whole.
        """
        ...


class Store(Protocol):
    """The database, read by InfluxQL and written by line protocol. Every call blocks."""

    def rows(self, query: Query, row: type[R]) -> Iterator[list[R]]:
        """The rows of a query in batches, in the order of the server.

        Raises:
            StoreUnavailableError: no answer, or one that says to try again later.
            StoreRefusedError: the query or the credentials are at fault.
        """
        ...

    def series(self, query: Query) -> list[Series]:
        """The answer of a query that groups by tags. Raises as ``rows``."""
        ...

    def write(self, measurement: Measurement, lines: list[bytes]) -> None:
        """Write lines of a measurement to its policy; returns once they are stored.

        Raises:
            StoreUnavailableError: not stored; the same lines may be sent again.
            StoreRefusedError: not stored, and sending them again would not help.
        """
        ...
