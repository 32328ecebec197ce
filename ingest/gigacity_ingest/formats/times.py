"""Instants as foreign formats write them: numbers of unknown unit, texts without a zone."""

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

import msgspec

EARLIEST_MS = 1_577_836_800_000
"""2020-01-01 UTC: an earlier time is that of a clock which was never set, so it is none."""
_EPOCH_DIGITS = (10, 13, 16, 19)
_DATE_DIGITS = (14, 17)
"""``20251130200000`` and, with milliseconds, ``20251130200000881``."""
_SECONDS_BELOW, _MILLISECONDS_BELOW, _MICROSECONDS_BELOW = 1e11, 1e14, 1e17
_DATES_FROM_MS, _DATES_TO_MS = 19_900_101_000_000, 21_000_101_000_000
"""As milliseconds the years 2600 to 2635: so a number between them is a date without a quote."""
_DATE, _MINUTE = 10, 16
"""Characters of ``2025-11-30`` and ``2025-11-30T20:00``."""
_MAX_AHEAD = 10_000
_AHEAD: dict[tuple[str, tzinfo], int] = {}
"""Of zones, by the text of a local minute: devices report in the same one."""


class TimeUnit(StrEnum):
    """Unit of an epoch number; ``AUTO`` decides by its magnitude."""

    AUTO = "auto"
    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"


def _per_ms(number: float, unit: TimeUnit) -> float:
    """How many of the number's units make a millisecond."""
    if unit is TimeUnit.SECONDS or (unit is TimeUnit.AUTO and number < _SECONDS_BELOW):
        return 0.001
    if unit is TimeUnit.MILLISECONDS or (unit is TimeUnit.AUTO and number < _MILLISECONDS_BELOW):
        return 1
    if unit is TimeUnit.MICROSECONDS or (unit is TimeUnit.AUTO and number < _MICROSECONDS_BELOW):
        return 1_000
    return 1_000_000


class TimeRule(msgspec.Struct, frozen=True):
    """How a source writes instants."""

    unit: TimeUnit = TimeUnit.AUTO
    zone: tzinfo = UTC
    """Of texts that name no offset. Never applied to a number."""
    format: str = ""
    """``strptime``'s, for texts that ISO 8601 does not cover; empty: ISO 8601."""

    def instant_ms(self, value: object) -> int | None:
        """Epoch ms of what stands in a message; None where it is no usable instant."""
        if value is None:
            return None
        if value.__class__ is int and self.unit is TimeUnit.AUTO:
            # What nearly every message holds: milliseconds or seconds of a clock that is set.
            if EARLIEST_MS <= value < _DATES_FROM_MS:
                return value
            if EARLIEST_MS <= value * 1000 < _SECONDS_BELOW * 1000:
                return value * 1000
            if value >= _MICROSECONDS_BELOW:
                return value // 1_000_000
        try:
            if value.__class__ is str and value[10:11] == "T" and not self.format:
                # An ISO text, as most are that are no number.
                instant = self._of_iso(value)
            else:
                instant = self._of_any(value)
        except (ValueError, OverflowError):
            return None
        return instant if instant >= EARLIEST_MS else None

    def _of_any(self, value: object) -> int:
        if isinstance(value, str):
            return self._of_text(value.strip())
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("neither a number nor a text")  # noqa: TRY004 - it is what a message holds.
        instant = self._of_number(value)
        if self.unit is TimeUnit.AUTO and _DATES_FROM_MS <= instant < _DATES_TO_MS:
            return self._of_digits(str(value))
        return instant

    def _of_number(self, number: int | float) -> int:
        per_ms = _per_ms(number, self.unit)
        if isinstance(number, int) and per_ms >= 1:
            return number // int(per_ms)
        return int(number * 1000 + 0.5) if per_ms < 1 else int(number / per_ms)

    def _of_text(self, text: str) -> int:
        if self.format:
            # Naive where the format has no offset, as below.
            instant = datetime.strptime(text, self.format)  # noqa: DTZ007
        elif text.isdecimal():
            return self._of_digits(text)
        else:
            return self._of_iso(text)
        return self._of_datetime(instant)

    def _of_iso(self, text: str) -> int:
        """Of ISO 8601."""
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return round(instant.timestamp() * 1000)
        # Read once more: giving an instant a zone costs ten times as much.
        as_utc = datetime.fromisoformat(f"{text}Z" if len(text) > _DATE else f"{text}T00Z")
        ahead_ms = 0 if self.zone is UTC else self._ahead_ms(text[:_MINUTE], instant)
        return round(as_utc.timestamp() * 1000) - ahead_ms

    def _ahead_ms(self, minute: str, local: datetime) -> int:
        """How far the zone is ahead of UTC; remembered, since asking costs more than all else."""
        key = minute, self.zone
        ahead_ms = _AHEAD.get(key)
        if ahead_ms is None:
            if len(_AHEAD) >= _MAX_AHEAD:
                _AHEAD.clear()
            ahead = self.zone.utcoffset(local) or timedelta()
            ahead_ms = _AHEAD[key] = round(ahead.total_seconds() * 1000)
        return ahead_ms

    def _of_digits(self, digits: str) -> int:
        if len(digits) in _EPOCH_DIGITS:
            return self._of_number(int(digits))
        if len(digits) in _DATE_DIGITS:
            # ISO 8601's short form, but for the "T": fromisoformat takes a digit for it.
            return self._of_iso(f"{digits[:8]}T{digits[8:14]}") + int(digits[14:] or "0")
        raise ValueError(digits)

    def _of_datetime(self, instant: datetime) -> int:
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=self.zone)
        return round(instant.timestamp() * 1000)
