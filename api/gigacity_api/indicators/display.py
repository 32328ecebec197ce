"""How a figure is shown: its value, or its bounds where too little is known for a value. Pure.

The one place of this rule: the evaluator stores what it gives, for boards, and the API serves it,
for everybody else. Whoever shows a figure shows its ``display_text``.
"""

import math
from typing import Literal, NamedTuple

from gigacity_api.indicators.figures import Figure

NOTHING = "-"
"""In place of a figure that has neither value nor bounds: nothing is registered there."""


_STEP = 10_000
"""Steps of 0.01 % in the whole."""

_NEAR = 1 / _STEP


class Display(NamedTuple):
    """What stands in the place of a figure's value."""

    display: Literal["value", "bounds"]
    display_text: str
    """As people read it, alike in every language."""
    display_value: float | None
    """The value, of a figure that shows its value."""


def display_of(figure: Figure, *, is_ratio: bool) -> Display:
    """What is shown of a figure.

    One of which less than half is known shows its bounds: its value speaks of the few that are
    known, and may be anything; a count of none is no zero.
    """
    is_mostly_unknown = figure.known_in + figure.known_out < figure.unknown
    if not is_ratio:
        if is_mostly_unknown and figure.lower is not None and figure.upper is not None:
            return Display("bounds", f"{figure.lower:,.0f} .. {figure.upper:,.0f}", None)
        return _value(figure, f"{figure.value or 0:,.0f}")
    if figure.lower is None or figure.upper is None:
        return _value(figure, NOTHING)
    if figure.value is None or is_mostly_unknown:
        lower, upper = (percentage(bound, figure.target) for bound in (figure.lower, figure.upper))
        return Display("bounds", f"{lower} .. {upper}", None)
    return _value(figure, percentage(figure.value, figure.target))


def percentage(share: float, target: float | None = None) -> str:
    """A share in steps of 0.01 %, never rounded onto a limit that it does not have.

    The limits are its target, nothing and the whole: 99.996 % of a target of 100 % is printed as
    99.99 %, so that what is printed never contradicts the verdict beside it.
    """
    # Far from every limit, as most are: this runs for every figure of an evaluation.
    if 0.0001 < share < 0.9999 and (target is None or not -0.0001 < share - target < 0.0001):
        return f"{share:.2%}"
    if share in (0.0, 1.0):
        return f"{share:.2%}"
    # The target is the last: between it and another one there may be no step left.
    limits = (0.0, 1.0) if target is None else (0.0, 1.0, target)
    shown = round(share * _STEP)
    for limit in limits:
        if 0 < abs(share - limit) < _NEAR:
            shown = _cut(share, shown, limit)
    return f"{shown / _STEP:.2%}"


def _cut(share: float, shown: int, limit: float) -> int:
    """The steps shown; one to the share's own side of a limit that they would carry it to."""
    if share < limit and shown >= limit * _STEP - 1e-6:
        return math.ceil(limit * _STEP - 1e-6) - 1
    if share > limit and shown <= limit * _STEP + 1e-6:
        return math.floor(limit * _STEP + 1e-6) + 1
    return shown


def _value(figure: Figure, text: str) -> Display:
    return Display("value", text, figure.value)
