"""Growth of totals that restart with their process. Pure.

Workers write totals since their start. What was added in a range is the sum of the steps up; a step
down is a restart, after which the new total counts whole.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Growth(NamedTuple):
    """What was added in a range."""

    added: int
    last_grown_ms: int | None


def growth(samples: Iterable[tuple[int, int]], since_ms: int, *, known: bool = False) -> Growth:
    """How much a total grew after a moment.

    Args:
        samples: (time, total), oldest first; those at or before ``since_ms`` set the base.
        since_ms: the start of the range.
        known: the total existed before, so that the first sample inside the range is a base when
            there is none before it. A total that appears with its first event starts at zero.
    """
    base: int | None = None if known else 0
    added, last = 0, None
    for at_ms, total in samples:
        if at_ms <= since_ms or base is None:
            base = total
            continue
        step = total - base if total >= base else total
        if step:
            added, last = added + step, at_ms
        base = total
    return Growth(added, last)
