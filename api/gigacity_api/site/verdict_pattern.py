"""Patterns that say a verdict without colour: defined once in a drawing, used by it. Pure."""

from collections.abc import Iterator

from markupsafe import Markup

from gigacity_api.site.svg import element

_LINES: dict[str, str] = {
    "met": "",
    "missed": "M-2 10L10 -2M-2 2L2 -2M6 10L10 6",
    "undetermined": "M4 4h.01",
    "no_target": "M0 4H8",
}
"""Strokes on a square of 8: nothing, diagonals, dots, level lines."""


def patterns(prefix: str) -> Markup:
    """The patterns of all verdicts.

    Args:
        prefix: of their ids; another one for each drawing of a page.
    """
    return element("defs", *_each(prefix))


def _each(prefix: str) -> Iterator[Markup]:
    for verdict, strokes in _LINES.items():
        yield element(
            "pattern",
            element("rect", width=8, height=8, class_=f"ground {verdict}"),
            *([element("path", d=strokes, class_=f"strokes {verdict}")] if strokes else []),
            id=f"{prefix}-{verdict}",
            width=8,
            height=8,
            patternUnits="userSpaceOnUse",
        )


def fill(prefix: str, verdict: str) -> str:
    """How a shape is filled with a verdict's pattern."""
    return f"url(#{prefix}-{verdict})"
