"""How far the reports behind a figure can be trusted: fresh share, what is wrong, and a grade."""

from typing import NamedTuple

GRADES: tuple[tuple[str, float], ...] = (("A", 0.98), ("B", 0.90), ("C", 0.70))
"""Least share of expected reporters that are fresh, by grade; below all of them it is D."""

UNREGISTERED_SHARE = 0.01
"""More unregistered reporters than this share of the registered ones lower the grade by one."""

IMPLAUSIBLE_SHARE = 0.01
"""As many fresh reporters that contradict themselves lower the grade by one, too."""

_ORDER = "ABCD"


class Quality(NamedTuple):
    """What stands beside a figure."""

    fresh_share: float | None
    """Share of the expected reporters with a report inside the window; None if none is expected."""
    unregistered: int | None
    """Reporters inside the window that the city file does not list; None below area level."""
    grade: str
    """A to D, or ``none`` if no reporter is expected."""


def grade(fresh: int, expected: int, unregistered: int | None, implausible: int = 0) -> Quality:
    """The quality of a figure from counts of its reporters.

    Args:
        fresh: with a report inside the window.
        expected: all that are registered.
        unregistered: reporters that are not.
        implausible: of the fresh ones, those that contradict themselves.
    """
    if not expected:
        return Quality(None, unregistered, "none")
    fresh_share = fresh / expected
    letter = next((name for name, least in GRADES if fresh_share >= least), "D")
    faults = ((unregistered or 0) > UNREGISTERED_SHARE * expected) + (
        implausible > IMPLAUSIBLE_SHARE * fresh
    )
    letter = _ORDER[min(_ORDER.index(letter) + faults, len(_ORDER) - 1)]
    return Quality(fresh_share, unregistered, letter)
