"""Moments and days as people in the city read them. Pure."""

from datetime import UTC, date, datetime
from typing import NamedTuple

from gigacity_contract.local_time import DAY_MS, UTC_OFFSET_MS, ZONE


def moment(at_ms: int) -> str:
    """A moment in the city's time, to the second."""
    return _local(at_ms).strftime("%Y-%m-%d %H:%M:%S")


def day(at_ms: int) -> str:
    """The day of a moment, as an ISO date."""
    return _local(at_ms).date().isoformat()


def _local(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(ZONE)


class Month(NamedTuple):
    """A calendar month in the city."""

    year: int
    month: int

    @classmethod
    def of(cls, at_ms: int) -> "Month":
        """The month of a moment."""
        found = _local(at_ms)
        return cls(found.year, found.month)

    @classmethod
    def parse(cls, text: str) -> "Month | None":
        """``2026-11``; None: it is no month."""
        try:
            found = date.fromisoformat(f"{text}-01")
        except ValueError:
            return None
        return cls(found.year, found.month) if text == found.strftime("%Y-%m") else None

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def begin_ms(self) -> int:
        """Its first instant."""
        begin = datetime(self.year, self.month, 1, tzinfo=ZONE)
        return round(begin.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        """Its last instant."""
        return self.after.begin_ms - 1

    @property
    def after(self) -> "Month":
        """The next one."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def before(self) -> "Month":
        """The one before."""
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)


def day_number(at_ms: int) -> int:
    """Days since the epoch, in the city's time."""
    return (at_ms + UTC_OFFSET_MS) // DAY_MS
