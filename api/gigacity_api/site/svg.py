"""SVG as text: elements with escaped attributes, and nothing that a content policy refuses. Pure.

Colours and fonts are classes of the style sheet, so that a drawing follows light, dark and print;
no element has a ``style`` of its own.
"""

from collections.abc import Iterable

from markupsafe import Markup, escape


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """One element.

    Args:
        name: of the element.
        children: texts, which are escaped unless they are markup.
        attributes: ``class_`` is ``class``, ``_`` in a name is ``-``; None: left out.
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None:
            continue
        text = value if isinstance(value, str) else number(value)
        written = key.rstrip("_").replace("_", "-")
        parts.append(f' {written}="{escape(text)}"')
    inner = "".join(escape(child) for child in children)
    parts.append(f">{inner}</{name}>" if inner else "/>")
    return Markup("".join(parts))  # noqa: S704 - every part of it was escaped


def drawing(
    width: float,
    height: float,
    children: Iterable[str],
    *,
    title: str,
    class_: str,
    has_links: bool = False,
) -> Markup:
    """A whole drawing, which screen readers know by its title: one picture, or a group of links."""
    return element(
        "svg",
        element("title", title),
        *children,
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="group" if has_links else "img",
        aria_label=title,
        class_=class_,
    )


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Points as an attribute."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)
