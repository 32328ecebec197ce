"""What offices entered."""

from gigacity_api.storage.queries.query import Query, select_rows
from gigacity_contract.measurements import REPORT

REPORT_COLUMNS = (
    "code", "indicator", "scope", "as_of_ms", "value", "numerator", "denominator", "reporter",
    "source", "revision", "withdrawn",
)  # fmt: skip


def report_rows(after_ms: int, until_ms: int) -> Query:
    """Entries of a range of moments."""
    return select_rows(REPORT, REPORT_COLUMNS, after_ms=after_ms, until_ms=until_ms)
