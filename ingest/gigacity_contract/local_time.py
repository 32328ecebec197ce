"""The city's time zone, its days, and the earliest moment that anybody may name. Pure."""

from datetime import UTC, datetime, timedelta, timezone

TIME_ZONE = "Asia/Shanghai"
UTC_OFFSET_HOURS = 8
"""All year: there is no summer time."""

UTC_OFFSET_MS = UTC_OFFSET_HOURS * 3_600_000
ZONE = timezone(timedelta(hours=UTC_OFFSET_HOURS))

DAY_MS = 86_400_000

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No question and no entry reaches further back; the database has no times before 1678."""


def day_start_ms(at_ms: int) -> int:
    """The local midnight at or before a moment, both in epoch milliseconds."""
    return (at_ms + UTC_OFFSET_MS) // DAY_MS * DAY_MS - UTC_OFFSET_MS


def rfc3339(epoch_ms: int) -> str:
    """Epoch milliseconds as RFC 3339, UTC."""
    moment = datetime.fromtimestamp(epoch_ms / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
