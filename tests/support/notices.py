"""Notices, a configuration and doubles of the chat services, for tests of the notifier."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gigacity_notify.notice import AlarmNotice, Sentence

NOW_MS = 1_796_000_000_000


def notice(**changes: Any) -> AlarmNotice:
    """A major alarm of an OLT."""
    fields: dict[str, Any] = {
        "alarm": "5f0c8a529d3e4a4b", "act": "raise", "type": "olt.offline", "kind": "olt",
        "resource": "olt-1", "area": "371602", "severity": "major",
        "title": Sentence("OLT olt-1 失联", "OLT olt-1 is offline"),
        "next_step": Sentence("检查供电", "check its mains"), "at_ms": NOW_MS,
        "raised_ms": NOW_MS - 60_000, "households": 412, "cause": "停电 / power",
        "is_suspected": True, "runbook": "olt-offline", "group": "371602/olt.offline",
    } | changes  # fmt: skip
    return AlarmNotice(**fields)


@dataclass
class ServiceDouble:
    """An HTTP service that checks what it gets as the documented one does."""

    secret: str = "s3cret"
    key: str = "k3y"
    status: int = 200
    """Of the next answers; 200: what the service itself says."""
    retry_after: str = ""
    per_minute: int = 20
    now_ms: int = NOW_MS
    calls: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def wecom(self, query: dict[str, list[str]], body: Any) -> dict[str, Any]:
        """WeCom: key, form, 4,096 bytes, 20 a minute."""
        if query.get("key") != [self.key]:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        if body.get("msgtype") != "markdown" or "content" not in body["markdown"]:
            return {"errcode": 40058, "errmsg": "invalid request parameter"}
        if len(body["markdown"]["content"].encode()) > 4_096:
            return {"errcode": 40058, "errmsg": "content exceeds max length"}
        if len(self.calls) > self.per_minute:
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        return {"errcode": 0, "errmsg": "ok"}

    def dingtalk(self, query: dict[str, list[str]], body: Any) -> dict[str, Any]:
        """DingTalk: token, signature over milliseconds, at most an hour old."""
        if query.get("access_token") != [self.key]:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        stamp = query["timestamp"][0]
        digest = hmac.new(
            self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256
        ).digest()
        is_old = abs(int(stamp) - self.now_ms) > 3_600_000
        if query["sign"] != [base64.b64encode(digest).decode()] or is_old:
            return {"errcode": 310000, "errmsg": "sign not match"}
        assert body["markdown"]["title"]
        return {"errcode": 0, "errmsg": "ok"}

    def feishu(self, _query: dict[str, list[str]], body: Any) -> dict[str, Any]:
        """Feishu: signature in the body, over seconds, with an empty message."""
        stamp = body["timestamp"]
        digest = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        is_old = abs(int(stamp) * 1000 - self.now_ms) > 3_600_000
        if body["sign"] != base64.b64encode(digest).decode() or is_old:
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
        if body["msg_type"] != "interactive":
            return {"code": 9499, "msg": "Bad Request"}
        return {"code": 0, "msg": "success"}


def _handler(double: ServiceDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            body = json.loads(raw)
            double.calls.append({"path": self.path, "body": body, "raw": raw,
                                 "headers": dict(self.headers)})  # fmt: skip
            service = getattr(double, parts.path.strip("/").split("/")[0], None)
            answer = service(parse_qs(parts.query), body) if service else {}
            content = json.dumps(answer).encode()
            self.send_response(double.status)
            if double.retry_after:
                self.send_header("Retry-After", double.retry_after)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class
            pass

    return Handler


@contextmanager
def serving(double: ServiceDouble) -> Iterator[ServiceDouble]:
    """Serve it on a free port of loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(double))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
