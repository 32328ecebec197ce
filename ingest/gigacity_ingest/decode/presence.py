"""From a status message to its row of ``presence``: one row a session, a field for each event.

A birth, a live end and a retained copy of a will write different fields of the same row. Order,
redelivery, retained copies and several readers therefore all lead to the same state.
"""

from gigacity_contract.line_protocol import FieldValue
from gigacity_contract.payloads import Status
from gigacity_ingest.decode.instants import CLOCK_TOLERANCE_MS


def has_plausible_end(status: Status, now_ms: int) -> bool:
    """Whether an orderly end, if it is one, lies in its session and not in the future."""
    return status.ts is None or status.session <= status.ts <= now_ms + CLOCK_TOLERANCE_MS


def _on_one_line(text: str | None) -> str | None:
    """A device's free text, such as a string of line protocol may hold it."""
    printable = "".join(c if c.isprintable() else " " for c in text or "")
    return " ".join(printable.split()) or None


def presence_fields(
    status: Status, *, is_copy: bool, now_ms: int
) -> tuple[dict[str, FieldValue | None], int]:
    """The fields that this message writes, and the instant of which it speaks.

    An end never lies before its session: a device's clock may run ahead of the worker's.

    Args:
        status: with a plausible session.
        is_copy: a retained copy or a redelivery: of a will, only that the session has ended is
            known, not when.
        now_ms: the worker's clock.
    """
    if status.state == "online":
        return {"online_ms": status.session}, status.session
    ended_ms = max(now_ms, status.session)
    if status.ts is not None:
        if has_plausible_end(status, now_ms):
            ended_ms = status.ts
        return {
            "ended_ms": ended_ms, "end_source": "orderly", "reason": _on_one_line(status.reason),
        }, ended_ms  # fmt: skip
    if is_copy:
        return {"seen_ended_ms": ended_ms}, ended_ms
    return {"ended_ms": ended_ms, "end_source": "will"}, ended_ms


def session_fields(
    at_ms: int, *, is_online: bool, is_copy: bool, reason: str
) -> dict[str, FieldValue | None]:
    """The fields of a birth or an end that a foreign format tells of.

    Such a format names no session: each change stands for one that begins with it.

    Args:
        at_ms: when.
        is_online: a birth.
        is_copy: when it was is not known; by then it had come.
        reason: for people.
    """
    if is_online:
        return {"online_ms": at_ms}
    if is_copy:
        return {"seen_ended_ms": at_ms}
    return {"ended_ms": at_ms, "end_source": "notice", "reason": _on_one_line(reason)}
