"""A bound on request bodies, as plain ASGI: nothing is buffered."""

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 2_200_000
"""A table of reports may have 2 MB; a multipart body adds a little."""


class BodyLimit:
    """Middleware: a body that grows beyond the bound is answered 413, wherever it is read."""

    def __init__(self, app: "ASGIApp", *, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, counting what it sends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0

        async def counted() -> "Message":
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._max_bytes:
                raise HTTPException(413, "Content Too Large")
            return message

        await self._app(scope, counted, send)
