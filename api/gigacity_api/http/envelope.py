"""What every answer carries, and HEAD, as plain ASGI: nothing is buffered.

A request has an id: the caller's own if it is short and plain, else a new one. It stands in the
answer, in a problem and in every line that the request logs.
"""

import re
import secrets
from typing import TYPE_CHECKING

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-Id"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Of every answer, errors among them; pages say for themselves what they load."""


class _HeadersSentError(OSError):
    """HEAD has its answer: what else is sent would be its body."""


class Envelope:
    """Middleware: an id for the request, headers for the answer, and HEAD as GET without a body."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _SANE.match(given) else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        more = {REQUEST_ID: request_id, **SECURITY_HEADERS}
        is_head = scope["method"] == "HEAD"

        async def answer(message: "Message") -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in more.items():
                    headers.setdefault(name, value)
            elif is_head:
                await send({"type": "http.response.body", "body": b""})
                raise _HeadersSentError
            await send(message)

        if is_head:
            scope = {**scope, "method": "GET"}
        with structlog.contextvars.bound_contextvars(request_id=request_id, api_key=""):
            try:
                await self._app(scope, receive, answer)
            except (_HeadersSentError, ClientDisconnect):
                if not is_head:
                    raise
