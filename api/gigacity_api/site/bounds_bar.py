"""A figure as a bar: what is known, what may be, and where the target is. Pure.

From nothing to the lower bound the bar is full; from there to the upper bound it is hatched, since
nobody knows; a line marks the target, and a notch the value.
"""

from markupsafe import Markup

from gigacity_api.indicators.figures import Figure
from gigacity_api.site.svg import drawing, element

WIDTH, HEIGHT = 240.0, 22.0
_TOP, _DEEP = 7.0, 10.0
_MARGIN = 4.0


def bounds_bar(figure: Figure, *, is_ratio: bool, title: str) -> Markup:
    """The bar of a figure; empty where it has no bounds.

    Args:
        figure: with its bounds.
        is_ratio: the axis ends at the whole, unless the figure lies beyond it.
        title: what it says, for those who do not see it.
    """
    lower, upper = figure.lower, figure.upper
    if lower is None or upper is None:
        return Markup()
    greatest = max(lower, upper, figure.value or 0.0, (figure.target or 0.0) * 1.02)
    whole = max(1.0, greatest) if is_ratio else max(greatest, float(figure.denominator), 1.0)

    def x(value: float) -> float:
        return _MARGIN + value / whole * (WIDTH - 2 * _MARGIN)

    parts = [
        element("rect", x=_MARGIN, y=_TOP, width=WIDTH - 2 * _MARGIN, height=_DEEP, class_="track"),
        element("rect", x=_MARGIN, y=_TOP, width=x(lower) - _MARGIN, height=_DEEP,
                class_=f"known {figure.verdict}"),
    ]  # fmt: skip
    if upper > lower:
        parts.append(
            element("rect", x=x(lower), y=_TOP, width=max(x(upper) - x(lower), 1.5), height=_DEEP,
                    class_="may-be")
        )  # fmt: skip
    if figure.target is not None:
        at = x(figure.target)
        parts.append(element("path", d=f"M{at:.2f} 1V21", class_="target"))
    return drawing(WIDTH, HEIGHT, parts, title=title, class_="bar")
