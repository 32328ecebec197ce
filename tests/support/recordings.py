"""Reads ``tests/recordings``: what real InfluxDB servers answered, as typed exchanges."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gigacity_contract.influx import WriteOutcome, judge_write, parse_query

FOLDER = Path(__file__).parents[1] / "recordings"
SERVERS = ("influxdb1", "influxdb2")
FILES = ("connecting", "access", "routes", "write", "query", "provisioning")


@dataclass(frozen=True)
class Exchange:
    """One request and the answer that a real server gave to it."""

    case: str
    step: int
    method: str
    path: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int
    headers: dict[str, str]
    body: bytes
    send_error: str
    """What happened while the body was being sent, if the server closed the connection."""


def _rebuild_malformed_1000(head: str) -> bytes:
    lines = [f"m,host=a v= {1_767_225_600 + i}" for i in range(0, 5000, 5)]
    text = "\\n".join(f"unable to parse '{line}': missing field value" for line in lines)
    return _complete(head, text, "")


def _rebuild_long_tag(head: str) -> bytes:
    text = f"unable to parse 'm,host={'x' * 71_680} v=1i 1767225600': max key length exceeded: "
    return _complete(head, text, "71687 \\u003e 65535")


def _complete(head: str, text: str, end: str) -> bytes:
    # 1.x says ``partial write: ... dropped=0`` and ends the document with a line feed.
    start = head[: head.index("unable to parse")]
    is_v1 = start.startswith('{"error"')
    return (start + text + end + (' dropped=0"}\n' if is_v1 else '"}')).encode()


_REBUILD: dict[str, Callable[[str], bytes]] = {
    "write.malformed_1000": _rebuild_malformed_1000,
    "write.long_tag_70k": _rebuild_long_tag,
}


def _body(case: str, response: dict[str, Any]) -> bytes:
    if "body" in response:
        return str(response["body"]).encode()
    if "body_base64" in response:
        return base64.b64decode(response["body_base64"])
    head = str(response.get("body_head", ""))
    if case not in _REBUILD:
        return head.encode()
    body = _REBUILD[case](head)
    assert hashlib.sha256(body).hexdigest() == response["body_sha256"], f"{case}: rebuilt wrongly"
    return body


def _exchange(row: dict[str, Any]) -> Exchange:
    request, response = row["request"], row["response"]
    body = request.get("body", "").encode()
    if "body_base64" in request:
        body = base64.b64decode(request["body_base64"])
    return Exchange(
        case=row["case"],
        step=row.get("step", 1),
        method=request["method"],
        path=request["path"],
        request_headers=request.get("headers", {}),
        request_body=body,
        status=response["status"],
        headers=response.get("headers", {}),
        body=_body(row["case"], response),
        send_error=request.get("send_error", ""),
    )


@cache
def rows(server: str, file: str) -> tuple[dict[str, Any], ...]:
    """The lines of one file as they are."""
    text = (FOLDER / server / f"{file}.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


@cache
def exchanges(server: str, *files: str) -> tuple[Exchange, ...]:
    """The exchanges of some files (default: all) in the order in which they happened."""
    return tuple(_exchange(row) for file in files or FILES for row in rows(server, file))


@cache
def _by_case(server: str) -> dict[tuple[str, int], Exchange]:
    return {(e.case, e.step): e for e in exchanges(server)}


def recorded(server: str, case: str, step: int = 1) -> Exchange:
    """One exchange by name, such as ``recorded("influxdb1", "write.type_conflict_stored", 2)``."""
    return _by_case(server)[case, step]


def judged(server: str, case: str, step: int = 1) -> WriteOutcome:
    """What the answer to a recorded write means."""
    e = recorded(server, case, step)
    return judge_write(e.status, e.headers, e.body)


def stored(server: str, case: str, step: int) -> list[list[object]]:
    """The rows that the recorded query after the write showed."""
    e = recorded(server, case, step)
    return [row for series in parse_query(e.status, e.body) for row in series.values]
