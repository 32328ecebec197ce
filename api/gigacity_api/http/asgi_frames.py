"""Messages of ASGI between two processes of ours: each a length and a MessagePack map."""

import asyncio
import struct
from collections.abc import Mapping
from typing import Any

import msgspec

_SIZE = struct.Struct(">I")
TAKEN: Mapping[str, Any] = {"type": "gigacity.taken"}
"""The first message of an answer: the process that computes has heard the question."""


async def send_message(writer: asyncio.StreamWriter, message: Mapping[str, Any]) -> None:
    """Send one; waits while the other side does not read.

    Raises:
        ConnectionError: the other side has left.
    """
    frame = msgspec.msgpack.encode(message)
    writer.write(_SIZE.pack(len(frame)) + frame)
    await writer.drain()


async def receive_message(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next one; None: the other side has left."""
    try:
        (size,) = _SIZE.unpack(await reader.readexactly(_SIZE.size))
        return msgspec.msgpack.decode(await reader.readexactly(size), type=dict[str, Any])
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
