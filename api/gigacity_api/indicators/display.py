"""How a figure is shown: its value, or its bounds where too little is known for a value. Pure.

The one place of this rule: the evaluator stores what it gives, for boards, and the API serves it,
for everybody else. Whoever shows a figure shows its ``display_text``.
"""

from typing import Literal, NamedTuple

from gigacity_api.indicators.figures import Figure

NOTHING = "-"
"""In place of a figure that has neither value nor bounds: nothing is registered there."""


class Display(NamedTuple):
    """What stands in the place of a figure's value."""

    display: Literal["value", "bounds"]
    display_text: str
    """As people read it, alike in every language."""
    display_value: float | None
    """The value, of a figure that shows its value."""


def display_of(figure: Figure, *, is_ratio: bool) -> Display:
    """What is shown of a figure.

    A ratio of which less than half is known shows its bounds: its value speaks of the few that are
    known, and may be anything. A count shows its value always.
    """
    if not is_ratio:
        return _value(figure, f"{figure.value or 0:,.0f}")
    if figure.lower is None or figure.upper is None:
        return _value(figure, NOTHING)
    known = figure.known_in + figure.known_out
    if figure.value is None or known < figure.unknown:
        return Display("bounds", f"{figure.lower:.2%} .. {figure.upper:.2%}", None)
    return _value(figure, f"{figure.value:.2%}")


def _value(figure: Figure, text: str) -> Display:
    return Display("value", text, figure.value)
