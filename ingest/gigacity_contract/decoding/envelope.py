"""The envelope of a message on the slow path: its members, and what is noted of it."""

from typing import Any

from gigacity_contract.decoding.entries import MemberError, take_required
from gigacity_contract.decoding.outcome import (
    DecodingNotes,
    Extent,
    PayloadError,
    Rejection,
    RejectionReason,
)


def take_member(members: dict[str, Any], name: str, expected: Any, default: Any = ...) -> Any:
    """A member of the envelope.

    Raises:
        PayloadError: missing without a default, or wrong.
    """
    if name not in members:
        if default is ...:
            raise PayloadError(RejectionReason.BAD_ENVELOPE, f"{name}: missing")
        return default
    try:
        return take_required(members[name], expected, name)
    except MemberError as error:
        raise PayloadError(RejectionReason.BAD_ENVELOPE, str(error)) from error


def take_array(members: dict[str, Any], name: str, limit: int) -> list[Any]:
    """An array of the envelope, with at most so many elements; raises as ``take_member``."""
    elements = take_member(members, name, list[Any])
    if len(elements) > limit:
        raise PayloadError(
            RejectionReason.BAD_ENVELOPE, f"{name}: {len(elements)} entries, limit {limit}"
        )
    return list(elements)


def count_unknown(members: dict[str, Any], known: set[str], notes: DecodingNotes) -> None:
    """Note every member that the contract does not know."""
    for name in members.keys() - known:
        notes.count_unknown(name)


def note_rejection(
    notes: DecodingNotes, reason: RejectionReason, extent: Extent, error: str, raw: bytes
) -> None:
    """Note what is refused, and why."""
    notes.rejections.append(Rejection(reason, extent, error, raw))
