"""A store whose reading can be called off: before each query, and between batches of rows."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.query import Query
from gigacity_contract.influx import Series
from gigacity_contract.measurements import Measurement

R = TypeVar("R")


class GuardedStore:
    """Reads from another store while a check does not object; it writes nothing."""

    def __init__(self, store: Store, check: Callable[[], None]) -> None:
        """Guard a store.

        Args:
            store: is read.
            check: raises to call the work off.
        """
        self._store = store
        self._check = check

    def rows(self, query: Query, row: type[R]) -> Iterator[list[R]]:
        """As ``Store.rows``."""
        self._check()
        for batch in self._store.rows(query, row):
            self._check()
            yield batch

    def series(self, query: Query) -> list[Series]:
        """As ``Store.series``."""
        self._check()
        return self._store.series(query)

    def write(self, measurement: Measurement, lines: list[bytes]) -> None:
        """Refused: whoever looks at the past changes nothing."""
        raise TypeError(f"{len(lines)} lines of {measurement.name} in a store that only reads")
