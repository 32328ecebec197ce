"""What of one foreign message could not be stored, gathered into few dead letters. Pure.

Only the message as a whole can be offered to its source again, so each dead letter holds all of it;
one for each reason, however many parts it took.
"""

from dataclasses import dataclass, field

from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage

_NAMED = 5
"""Parts of a reason that are named."""
_SHOWN_BYTES = 160
"""Of a part."""


@dataclass(slots=True)
class _Parts:
    count: int = 0
    named: list[str] = field(default_factory=list)
    is_partial: bool = True


class MessageFaults:
    """Of one message."""

    def __init__(self) -> None:
        self._parts: dict[RejectionReason, _Parts] = {}

    def __bool__(self) -> bool:
        return bool(self._parts)

    def add(
        self, reason: RejectionReason, error: str, raw: bytes = b"", *, is_partial: bool = False
    ) -> None:
        """One more part.

        Args:
            reason: why.
            error: names the place and what was expected.
            raw: the part; empty: the whole message, or nothing that could be shown.
            is_partial: fields are absent, the rest of their reading is stored.
        """
        parts = self._parts.setdefault(reason, _Parts())
        parts.count += 1
        parts.is_partial &= is_partial
        if len(parts.named) < _NAMED:
            shown = raw[:_SHOWN_BYTES].decode(errors="backslashreplace")
            more = " ..." if len(raw) > _SHOWN_BYTES else ""
            parts.named.append(f"{error} in {shown}{more}" if raw else error)

    def refuse(
        self,
        message: ReceivedMessage,
        out: Outcome,
        *,
        sender: str,
        stamp_ms: int | None,
        is_any_stored: bool,
    ) -> None:
        """Make dead letters of them.

        Args:
            message: of which they are parts.
            out: gets the dead letters.
            sender: whose budget they take.
            stamp_ms: the instant of its arrival, if that was needed.
            is_any_stored: the message gave something as well.
        """
        for reason, parts in self._parts.items():
            more = parts.count - len(parts.named)
            error = "; ".join(parts.named) + (f"; and {more} more" if more else "")
            if parts.is_partial:
                extent = Extent.PARTIAL
            else:
                extent = Extent.ENTRY if is_any_stored else Extent.MESSAGE
            out.refuse(message, reason, error, extent=extent, ts=stamp_ms, sender=sender)
