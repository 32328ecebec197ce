"""InfluxQL queries: the form that is posted, and the rows or the error in its answer.

Always JSON, never CSV, which shows an error as an empty answer. Whole answers are read:
``"partial":true`` on a series means something only where chunks were asked for (1.x sets it on any
series of more than 10,000 rows, complete as it is). A float that is whole comes back without its
point, and so as an int.
"""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from gigacity_contract.errors import QueryError
from gigacity_contract.influx.answers import error_text, shorten

FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"
"""Content type of ``query_form``."""


class Series(msgspec.Struct):
    """One series of an answer. ``values`` are rows in the order of ``columns``."""

    name: str = ""
    tags: dict[str, str] = {}
    columns: list[str] = []
    values: list[list[Any]] = []
    statement: int = 0
    """Which statement of the request it answers, from 0."""


class _Result(msgspec.Struct):
    statement_id: int = 0
    series: list[Series] = []
    error: str = ""


class _QueryAnswer(msgspec.Struct):
    """``results`` is absent where a statement has none (2.x: DELETE, DROP MEASUREMENT)."""

    results: list[_Result] = []
    error: str = ""


_DECODER = msgspec.json.Decoder(_QueryAnswer)

_NO_ROWS = "measurement not found"
"""openGemini's error for what both InfluxDB answer with no rows."""


def query_form(
    query: str,
    *,
    db: str = "",
    rp: str = "",
    epoch: Literal["ms", "ns", "s"] = "ms",
    params: Mapping[str, str | int | float | bool] | None = None,
) -> bytes:
    """The body of ``POST /query``.

    Args:
        query: InfluxQL, one or more statements.
        db: database; empty for statements that name their own.
        rp: retention policy; sent whenever a statement reads.
        epoch: unit of the times in the answer; ``us`` is silently ns on both.
        params: values of ``$name`` in the query, which the server quotes safely.
    """
    form = {"q": query, "epoch": epoch}
    if db:
        form["db"] = db
    if rp:
        form["rp"] = rp
    if params:
        form["params"] = msgspec.json.encode(params).decode()
    return urlencode(form).encode()


def parse_query(status: int, body: bytes) -> list[Series]:
    """Every series of every statement, in order.

    Raises:
        QueryError: a status other than 200, a body that is not a whole answer, or an error inside
            any result, which comes with status 200 (``query.unknown_db``,
            ``query.multi_statement_second_fails``).
    """
    if status != 200:
        raise QueryError(status, shorten(error_text(body)))
    try:
        answer = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise QueryError(status, f"the answer is not that of a query: {error}") from error
    _raise_error(status, answer)
    found: list[Series] = []
    for result in answer.results:
        for series in result.series:
            series.statement = result.statement_id
            found.append(series)
    return found


def _raise_error(status: int, answer: _QueryAnswer) -> None:
    if answer.error:
        raise QueryError(status, shorten(answer.error))
    for result in answer.results:
        if result.error and not result.error.endswith(_NO_ROWS):
            raise QueryError(status, shorten(result.error))
