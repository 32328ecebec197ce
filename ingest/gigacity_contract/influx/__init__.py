"""How to speak to InfluxDB 1.x, 2.x and openGemini with one code path: requests and judgements.

Pure: no socket, no retry, no clock. It builds the path of a write and the form of a query, and it
judges the answers by what real servers were recorded to say (``tests/recordings``). Who sends, how
often and where a refused batch goes is the caller's.
"""

from gigacity_contract.influx.endpoint import InfluxEndpoint
from gigacity_contract.influx.querying import FORM_CONTENT_TYPE, Series, parse_query, query_form
from gigacity_contract.influx.server import TOKEN_USER, Flavour, Server, basic_auth, parse_ping
from gigacity_contract.influx.writing import (
    Denied,
    Malformed,
    Partial,
    RetryOnce,
    TooLarge,
    Unavailable,
    WriteOutcome,
    WriteRefused,
    Written,
    judge_write,
    write_path,
)

__all__ = [
    "FORM_CONTENT_TYPE",
    "TOKEN_USER",
    "Denied",
    "Flavour",
    "InfluxEndpoint",
    "Malformed",
    "Partial",
    "RetryOnce",
    "Series",
    "Server",
    "TooLarge",
    "Unavailable",
    "WriteOutcome",
    "WriteRefused",
    "Written",
    "basic_auth",
    "judge_write",
    "parse_ping",
    "parse_query",
    "query_form",
    "write_path",
]
