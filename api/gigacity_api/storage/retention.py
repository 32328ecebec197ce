"""How far back raw rows are surely all there. Pure."""

from gigacity_contract.measurements import RAW

_MARGIN_MS = 3_600_000
"""Servers drop what has expired at moments of their own choice."""


def raw_complete_since_ms(now_ms: int) -> int:
    """Whatever is read since this moment has lost no row to the end of raw retention."""
    return now_ms - RAW.duration_s * 1000 + _MARGIN_MS
