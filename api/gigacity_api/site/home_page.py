"""The scorecard: every figure of the city, its areas, and what offices report. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.levels import Level
from gigacity_api.site.area_map import AreaMap, area_map, mappable, short_text
from gigacity_api.site.declared_lines import (
    DeclaredBeside,
    DeclaredLine,
    declared_beside,
    declared_lines,
)
from gigacity_api.site.figure_view import FigureView, figure_view
from gigacity_api.site.snapshot import RememberedFigure, SiteSnapshot
from gigacity_api.site.trend_chart import sparkline
from gigacity_api.site.words import VERDICTS, Words


@dataclass(frozen=True, slots=True)
class Card:
    """A figure of the city."""

    view: FigureView
    beside: DeclaredBeside | None
    spark: Markup


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A place against a target."""

    verdict: str
    sign: str
    word: str
    value: str
    """Empty: there is no such figure."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A place against every target."""

    path: str
    """Of its page."""
    name: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A figure that the map can show."""

    id: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class HomePage:
    """What the scorecard shows."""

    summary: str
    cards: tuple[Card, ...]
    """With a target."""
    further: tuple[Card, ...]
    map: AreaMap | None
    choices: tuple[Choice, ...]
    columns: tuple[Choice, ...]
    matrix: tuple[MatrixRow, ...]
    declared: tuple[DeclaredLine, ...]


def home_page(t: Words, snapshot: SiteSnapshot, chosen: str = "") -> HomePage:
    """The scorecard.

    Args:
        t: words.
        snapshot: of the city.
        chosen: the figure of the map; another one if areas have none of it.
    """
    cards = tuple(_cards(t, snapshot))
    shown = mappable(snapshot)
    mapped = next((d for d in shown if d.id == chosen), _usual(shown))
    aimed = aimed_figures(snapshot)
    return HomePage(
        summary=_summary(t, cards),
        cards=tuple(card for card in cards if card.view.target),
        further=tuple(card for card in cards if not card.view.target),
        map=None if mapped is None else area_map(t, snapshot, mapped, ""),
        choices=tuple(Choice(d.id, t.heading(d.name), d is mapped) for d in shown),
        columns=tuple(Choice(d.id, t.heading(d.name), False) for d in aimed),
        matrix=tuple(area_matrix(t, snapshot, aimed)),
        declared=tuple(declared_lines(t, snapshot)),
    )


def aimed_figures(snapshot: SiteSnapshot) -> list[Definition]:
    """Figures that areas have a target of."""
    return [d for d in mappable(snapshot) if any(f.target is not None for f in snapshot.areas(d))]


def area_matrix(t: Words, snapshot: SiteSnapshot, aimed: list[Definition]) -> Iterator[MatrixRow]:
    """Every area against those targets, at the newest evaluation."""
    for area in snapshot.city.areas:
        cells = (_cell(t, d, snapshot.figure(d, Level.AREA, area.code)) for d in aimed)
        yield MatrixRow(f"areas/{area.code}", t.of(area.name), tuple(cells))


def _usual(shown: list[Definition]) -> Definition | None:
    """Homes with gigabit, which the city asks for first; else the first that there is."""
    homes = (d for d in shown if d.id == "home.gigabit_access")
    return next(homes, shown[0] if shown else None)


def _cards(t: Words, snapshot: SiteSnapshot) -> Iterator[Card]:
    for definition in snapshot.scope.definitions():
        figure = snapshot.of_city(definition)
        if figure is None:
            continue
        view = figure_view(t, snapshot.city, definition, figure)
        remembered = snapshot.remembered.get(definition.id, RememberedFigure())
        spark = sparkline(remembered.days, title=t("trend_of", figure=view.name))
        yield Card(view, declared_beside(t, snapshot, definition, figure), spark)


def _summary(t: Words, cards: tuple[Card, ...]) -> str:
    verdicts = [card.view.verdict for card in cards if card.view.target]
    return t(
        "summary", total=len(verdicts), met=verdicts.count("met"),
        missed=verdicts.count("missed"), undetermined=verdicts.count("undetermined"),
    )  # fmt: skip


def _cell(t: Words, definition: Definition, figure: Figure | None) -> MatrixCell:
    if figure is None:
        return MatrixCell("none", "–", t.no_figure, "")
    sign, word = VERDICTS[figure.verdict]
    return MatrixCell(figure.verdict, sign, t.of(word), short_text(definition, figure))
