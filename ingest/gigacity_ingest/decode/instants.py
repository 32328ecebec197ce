"""Which instants a working clock can have given, by the worker's own."""

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_contract.identifiers import EARLIEST_SESSION_MS
from gigacity_contract.measurements import RAW

CLOCK_TOLERANCE_MS = 5 * 60_000
"""How far a publisher's clock may run ahead of the worker's."""
RETENTION_MS = RAW.duration_s * 1000
"""Age at which a point would leave the database again at once."""


def check_time(ts: int, now_ms: int) -> None:
    """Refuse a ``ts`` that no working clock can have given.

    Raises:
        PayloadError: more than 5 min ahead, or older than the raw retention.
    """
    if not now_ms - RETENTION_MS <= ts <= now_ms + CLOCK_TOLERANCE_MS:
        text = f"ts: {ts} is more than 5 min ahead, or older than {RAW.duration_s // 86_400} days"
        raise PayloadError(RejectionReason.IMPLAUSIBLE_TIMESTAMP, text)


def check_session(session_ms: int, now_ms: int) -> None:
    """The same for a session, which may be older than any point.

    Raises:
        PayloadError: before 2020 or later than the tolerance allows.
    """
    if not EARLIEST_SESSION_MS <= session_ms <= now_ms + CLOCK_TOLERANCE_MS:
        text = f"session: {session_ms} is before 2020 or more than 5 min ahead"
        raise PayloadError(RejectionReason.IMPLAUSIBLE_TIMESTAMP, text)
