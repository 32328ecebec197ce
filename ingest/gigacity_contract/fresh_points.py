"""Fresh points: what a worker has stored, told once more in the order of storing. Pure.

A row of ``fresh_points`` carries lines of telemetry, packed and in Base64, since a field holds text
of 64 KiB at most; a longer text takes several rows of consecutive milliseconds.
"""

import base64
import binascii
from collections.abc import Sequence

from isal import isal_zlib
from isal.igzip_lib import IsalError

from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import FRESH_POINTS

TOLD_AGAIN_AFTER_MS = 600_000
"""A worker that could not tell everything tells nothing for so long, so that nobody who follows it
begins anew again and again."""

_PART_CHARS = 64_000
_GZIP = 31
"""Window bits that mean gzip's header."""
_MAX_BYTES = 64_000_000
"""Unpacked; a worker's post is a few at most."""


def told_lines(packed: bytes, *, worker: str, since_ms: int, at_ms: int) -> list[bytes]:
    """The rows of one packed text.

    Args:
        packed: lines of telemetry, joined by line feeds, compressed by gzip.
        worker: client id.
        since_ms: since when nothing is missing.
        at_ms: the first row's time; each further one a millisecond later.
    """
    text = base64.b64encode(packed).decode()
    parts = [text[at : at + _PART_CHARS] for at in range(0, len(text), _PART_CHARS)]
    return [
        encode_point(
            FRESH_POINTS,
            {"worker": worker},
            {"since_ms": since_ms, "part": number, "parts": len(parts), "packed": part},
            at_ms + number,
        )
        for number, part in enumerate(parts)
    ]


def untold_lines(parts: Sequence[str]) -> str:
    """The lines of one text, from the ``packed`` of all its rows in their order.

    Raises:
        ValueError: it is not what ``told_lines`` makes.
    """
    unpacker = isal_zlib.decompressobj(_GZIP)
    try:
        text = unpacker.decompress(base64.b64decode("".join(parts), validate=True), _MAX_BYTES)
    except (binascii.Error, IsalError) as error:  # type: ignore[misc] # its stub
        raise ValueError(f"fresh points cannot be unpacked: {error}") from error
    if not unpacker.eof:
        raise ValueError(f"fresh points are cut off, or unpack to more than {_MAX_BYTES} bytes")
    return text.decode()
