"""uvicorn, with this service's bounds."""

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from gigacity_api.http.serving.connections import (
    MAX_HEAD_BYTES,
    ConnectionLimits,
    ConnectionTable,
)
from gigacity_api.http.serving.protocol import BoundedProtocol
from gigacity_api.http.serving.turns import Turns

if TYPE_CHECKING:
    from starlette.types import ASGIApp

BACKLOG = 512
"""Connections that the kernel holds until they are taken."""


def server(app: "ASGIApp", limits: ConnectionLimits, **more: Any) -> uvicorn.Server:
    """A server of an application.

    Args:
        app: the application.
        limits: of whoever connects.
        more: of ``uvicorn.Config``.
    """
    protocol = partial(BoundedProtocol, ConnectionTable(limits), Turns())
    config = uvicorn.Config(
        app,
        http=cast("Any", protocol),
        ws="none",
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_keep_alive=cast("int", limits.idle_s),
        backlog=BACKLOG,
        log_level="error",
        access_log=False,
        **more,
    )
    return uvicorn.Server(config)
