"""One figure as a page shows it: texts, signs and its bar. Pure."""

from dataclasses import dataclass

from markupsafe import Markup

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.display import NOTHING, display_of, percentage
from gigacity_api.indicators.figures import Figure
from gigacity_api.site.bounds_bar import bounds_bar
from gigacity_api.site.words import COUNTED, UNITS, VERDICTS, Words
from gigacity_city.model import City, Target


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure, ready to be written."""

    id: str
    name: str
    unit: str
    verdict: str
    """Slug, which the style sheet knows."""
    sign: str
    word: str
    shown: str
    """The value, or the bounds in its place."""
    is_bounds: bool
    is_least: bool
    """A count of which something is unknown: there are so many at least."""
    bounds: str
    """Lower to upper; empty where nothing is unknown, or they are shown already."""
    target: str
    due: str
    is_confirmed: bool
    counted: str
    unknown: str
    grade: str
    fresh: str
    bar: Markup
    method_version: int
    figure: Figure


def figure_view(
    t: Words, city: City, definition: Definition, figure: Figure, place: str = ""
) -> FigureView:
    """What is written of a figure.

    Args:
        t: the words of the page.
        city: whose target holds.
        definition: of the figure.
        figure: itself.
        place: its name, for the text of the bar; empty: not said.
    """
    shown = shown_text(t, definition, figure)
    is_bounds = display_of(figure, is_ratio=definition.is_ratio).display == "bounds"
    target = definition.target(city, figure.scope, figure.code)
    sign, word = VERDICTS[figure.verdict]
    name = t.heading(definition.name)
    grade, fresh = _quality(t, figure)
    return FigureView(
        id=definition.id,
        name=name,
        unit=t.of(UNITS.get(definition.unit)),
        verdict=figure.verdict,
        sign=sign,
        word=t.of(word),
        shown=shown,
        is_bounds=is_bounds,
        is_least=not definition.is_ratio and not is_bounds and figure.unknown > 0,
        bounds="" if is_bounds or not figure.unknown else _bounds(t, definition, figure, "to"),
        target=target_text(t, target, is_ratio=definition.is_ratio),
        due="" if target is None or not target.due else t("due", due=target.due),
        is_confirmed=target is None or target.source.confirmed,
        counted=_counted(t, definition, figure),
        unknown=t("unknown_count", count=f"{figure.unknown:,}") if figure.unknown else t.all_known,
        grade=grade,
        fresh=fresh,
        bar=bounds_bar(
            figure,
            is_ratio=definition.is_ratio,
            title=f"{f'{place}: ' if place else ''}{name}: {shown}, {t.of(word)}",
        ),
        method_version=definition.method_version,
        figure=figure,
    )


def shown_text(t: Words, definition: Definition, figure: Figure) -> str:
    """The value as it is printed; the bounds, where less than half is known."""
    found = display_of(figure, is_ratio=definition.is_ratio)
    if found.display_text == NOTHING:
        return t.none_registered
    if found.display == "bounds":
        return _bounds(t, definition, figure, "between")
    return found.display_text


def amount(value: float | None, *, is_ratio: bool, target: float | None = None) -> str:
    """A number of a figure's kind."""
    if value is None:
        return NOTHING
    if is_ratio:
        return percentage(value, target)
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def target_text(t: Words, target: Target | None, *, is_ratio: bool) -> str:
    """What is to be reached; empty where nothing is."""
    if target is None:
        return ""
    key = "target_least" if target.direction == "at_least" else "target_most"
    # A target of 100 % reads better without decimals that nobody set.
    value = f"{target.value * 100:.4g}%" if is_ratio else f"{target.value:,.6g}"
    return t(key, value=value)


def _bounds(t: Words, definition: Definition, figure: Figure, key: str) -> str:
    lower, upper = (
        amount(bound, is_ratio=definition.is_ratio, target=figure.target)
        for bound in (figure.lower, figure.upper)
    )
    return t(key, lower=lower, upper=upper)


def _counted(t: Words, definition: Definition, figure: Figure) -> str:
    unit = "" if definition.is_ratio else t.of(COUNTED[definition.subject])
    return counted_text(t, figure, unit)


def counted_text(t: Words, figure: Figure, unit: str = "") -> str:
    """Numerator and denominator."""
    part, whole = f"{figure.numerator:,}", f"{figure.denominator:,}"
    return t("of_all", part=part, whole=whole, unit=unit).strip()


def _quality(t: Words, figure: Figure) -> tuple[str, str]:
    quality = figure.quality
    if quality.grade == "none" or quality.fresh_share is None:
        return t.no_reporter, ""
    return t("grade", grade=quality.grade), t("fresh", share=percentage(quality.fresh_share))
