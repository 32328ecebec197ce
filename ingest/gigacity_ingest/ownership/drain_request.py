"""How ``gigacity ingest drain`` asks a running supervisor: one file in its folder."""

from pathlib import Path

import msgspec

_NAME = "drain.request"


class DrainRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions to hand over and end."""

    client_ids: tuple[str, ...] = ()
    every: bool = False
    """End all of them; nobody takes over."""


def put_request(folder: Path, request: DrainRequest) -> None:
    """Ask; the supervisor takes it within a second.

    Raises:
        OSError: the folder cannot be written.
    """
    draft = folder / f"{_NAME}.new"
    draft.write_bytes(msgspec.json.encode(request))
    draft.replace(folder / _NAME)


def take_request(folder: Path) -> DrainRequest | None:
    """The request that waits, if any; it is gone then. An unreadable one is dropped."""
    path = folder / _NAME
    try:
        raw = path.read_bytes()
        path.unlink()
        return msgspec.json.decode(raw, type=DrainRequest)
    except (OSError, msgspec.MsgspecError):
        return None
