"""What the evaluator and the routers need of the outside world, as protocols.

Adapters implement them; tests use doubles.
"""

from collections.abc import Iterator
from typing import Protocol, TypeVar

from gigacity_api.queries.text import Query
from gigacity_contract.influx import Series
from gigacity_contract.measurements import Measurement

R = TypeVar("R")


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
