"""Reads what all workers have last said of themselves."""

from gigacity_contract.influx import Series, parse_query
from gigacity_contract.measurements import GIGACITY_WORKER
from gigacity_ingest.influx.writer import InfluxWriter

LOOK_BACK_S = 86_400
_QUERY = (
    'SELECT "areas", "connected", "sources" FROM "gigacity_worker" WHERE time >= {since}ms'
    ' GROUP BY "worker"'
)


def newest_rows(writer: InfluxWriter, now_ms: int) -> dict[str, tuple[int, str, bool, str]]:
    """Time (epoch ms), areas, connection and sources of each worker's newest row within a day.

    Raises:
        QueryError: the database refuses, for want of rights to read for example.
        UnknownServerError: no answer.
    """
    query = _QUERY.format(since=now_ms - LOOK_BACK_S * 1000)
    answer = writer.query(query, policy=GIGACITY_WORKER.policy.name)
    found = parse_query(answer.status, answer.body)
    return {series.tags["worker"]: _newest(series) for series in found}


def _newest(series: Series) -> tuple[int, str, bool, str]:
    time_ms, areas, is_connected, sources = max(series.values, key=lambda row: row[0])
    return time_ms, areas or "", bool(is_connected), sources or ""
