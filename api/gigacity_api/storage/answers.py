"""Answers to chunked queries, decoded straight into typed rows.

A chunked answer is one JSON document a line. The contract's ``parse_query`` reads rows of any
shape; this reads a million rows of one known shape, which is what an evaluation costs most.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from gigacity_api.errors import StoreRefusedError, StoreUnavailableError

R = TypeVar("R")

_NO_ROWS = "measurement not found"
"""openGemini's error for what both InfluxDB answer with no rows."""


class _RowsSeries(msgspec.Struct, Generic[R]):
    columns: list[str] = []
    values: list[R] = []


class _RowsResult(msgspec.Struct, Generic[R]):
    series: list[_RowsSeries[R]] = []
    error: str = ""
    partial: bool = False


class _RowsDocument(msgspec.Struct, Generic[R]):
    results: list[_RowsResult[R]] = []
    error: str = ""


class RowDecoder(Generic[R]):
    """Decodes the documents of one answer, in order."""

    def __init__(self, row: type[R], columns: tuple[str, ...]) -> None:
        # The type is known only at run time, which no annotation can say.
        document: Any = _RowsDocument[row]  # type: ignore[valid-type]
        self._decoder: msgspec.json.Decoder[_RowsDocument[R]] = msgspec.json.Decoder(document)
        self._columns = ["time", *columns]

    def batches(self, lines: Iterable[bytes]) -> Iterator[list[R]]:
        """The rows of each document.

        Raises:
            StoreRefusedError: an error inside a result, or columns that were not asked for.
            StoreUnavailableError: the answer ends before the server said it was complete.
        """
        unfinished = False
        for line in lines:
            if not line.strip():
                continue
            try:
                document = self._decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise StoreUnavailableError(f"the answer is cut short: {error}") from error
            self._check(document)
            for result in document.results:
                unfinished = result.partial
                for series in result.series:
                    yield series.values
        if unfinished:
            raise StoreUnavailableError("the answer ends before its last part")

    def _check(self, document: _RowsDocument[R]) -> None:
        errors = [document.error, *(result.error for result in document.results)]
        for error in errors:
            if error and not error.endswith(_NO_ROWS):
                raise StoreRefusedError(error)
        for result in document.results:
            for series in result.series:
                if series.columns != self._columns:
                    raise StoreRefusedError(
                        f"the answer has columns {series.columns}, not {self._columns}"
                    )
