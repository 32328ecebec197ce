"""Areas and communities: their public figures. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from gigacity_api.forecasting.outlook import Day
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.levels import Level
from gigacity_api.site.area_map import short_text
from gigacity_api.site.community_standard import (
    StandardView,
    standard_view,
    verdicts_of_communities,
)
from gigacity_api.site.figure_view import FigureView, amount, figure_view
from gigacity_api.site.home_page import MatrixCell, MatrixRow
from gigacity_api.site.public_scope import LEAST_OBJECTS
from gigacity_api.site.snapshot import RememberedFigure, SiteSnapshot
from gigacity_api.site.times import day
from gigacity_api.site.trend_chart import TrendSeries, trend_chart
from gigacity_api.site.words import VERDICTS, Words

IN_LISTS = (
    "home.gigabit_access", "community.gigabit_homes", "community.camera_online", "device.online",
)  # fmt: skip
"""Figures that stand beside each community of an area."""


@dataclass(frozen=True, slots=True)
class AreaTrend:
    """A figure of an area over the last quarter of a year."""

    name: str
    chart: Markup
    since: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class PlacePage:
    """What the page of an area or community shows."""

    code: str
    name: str
    level: Level
    views: tuple[FigureView, ...]
    area: str
    """Code of the area of a community."""
    area_name: str
    standard: StandardView | None
    """Of a community."""
    columns: tuple[str, ...]
    communities: tuple[MatrixRow, ...]
    trends: tuple[AreaTrend, ...] = ()
    """Of an area's figures, as far as they are known."""
    least: int = LEAST_OBJECTS


def area_page(t: Words, snapshot: SiteSnapshot, code: str) -> PlacePage | None:
    """The page of an area, by its code or a retired one; None: there is none that is public."""
    current = snapshot.city.area_of_code.get(code)
    if current is None or not snapshot.scope.shows_level(Level.AREA):
        return None
    area = next(area for area in snapshot.city.areas if area.code == current)
    columns = _columns(snapshot)
    return PlacePage(
        code=current,
        name=t.of(area.name),
        level=Level.AREA,
        views=tuple(_views(t, snapshot, Level.AREA, current)),
        area=current,
        area_name=t.of(area.name),
        standard=None,
        columns=(t.smart, *(t.heading(d.name) for d in columns)),
        communities=tuple(_communities(t, snapshot, current)),
        trends=tuple(_trends(t, snapshot, current)),
    )


def community_page(t: Words, snapshot: SiteSnapshot, code: str) -> PlacePage | None:
    """The page of a community; None: there is none that is public."""
    community = snapshot.city.community_by_code.get(code)
    if community is None or not snapshot.scope.shows_level(Level.COMMUNITY):
        return None
    area = next(area for area in snapshot.city.areas if area.code == community.area)
    return PlacePage(
        code=code,
        name=community.name,
        level=Level.COMMUNITY,
        views=tuple(_views(t, snapshot, Level.COMMUNITY, code)),
        area=area.code,
        area_name=t.of(area.name),
        standard=standard_view(t, snapshot, code),
        columns=(),
        communities=(),
    )


def _views(t: Words, snapshot: SiteSnapshot, level: Level, code: str) -> Iterator[FigureView]:
    for definition in snapshot.scope.definitions():
        figure = snapshot.figure(definition, level, code)
        if figure is not None:
            yield figure_view(t, snapshot.city, definition, figure)


def _trends(t: Words, snapshot: SiteSnapshot, code: str) -> Iterator[AreaTrend]:
    """Figures of an area of which two days are known, those with a target first."""
    found = []
    for definition in snapshot.scope.definitions():
        figure = snapshot.figure(definition, Level.AREA, code)
        days = snapshot.remembered.get(definition.id, RememberedFigure()).area_days.get(code, ())
        if figure is None or len(days) < 2:
            continue
        name, target = t.heading(definition.name), figure.target
        series = TrendSeries(days, target, None, None, definition.is_ratio)
        then, now = (_shown(t, definition, target, one) for one in (days[0], days[-1]))
        chart = trend_chart(series, title=t("trend_of", figure=name))
        found.append((target is None, AreaTrend(name, chart, day(days[0].at_ms), then, now)))
    yield from (trend for _, trend in sorted(found, key=lambda pair: pair[0]))


def _shown(t: Words, definition: Definition, target: float | None, one: Day) -> str:
    """The value of a day, or its bounds where too little was known for one."""
    value, lower, upper = (
        amount(number, is_ratio=definition.is_ratio, target=target)
        for number in (one.value, one.lower, one.upper)
    )
    is_halved = definition.is_ratio and one.upper - one.lower > 0.5
    return t("to", lower=lower, upper=upper) if is_halved else value


def _columns(snapshot: SiteSnapshot) -> list[Definition]:
    return [
        d for d in snapshot.scope.definitions() if d.id in IN_LISTS and Level.COMMUNITY in d.levels
    ]


def _communities(t: Words, snapshot: SiteSnapshot, area: str) -> Iterator[MatrixRow]:
    if not snapshot.scope.shows_level(Level.COMMUNITY):
        return
    columns, verdicts = _columns(snapshot), verdicts_of_communities(snapshot) or {}
    for community in snapshot.city.communities:
        if community.area == area:
            cells = (_cell(t, snapshot, d, community.code) for d in columns)
            smart = _smart(t, verdicts.get(community.code))
            yield MatrixRow(f"communities/{community.code}", community.name, (smart, *cells))


def _smart(t: Words, verdict: str | None) -> MatrixCell:
    if verdict is None:
        return MatrixCell("none", "–", t.no_figure, "")
    sign, word = VERDICTS[verdict]
    return MatrixCell(verdict, sign, t.of(word), t.of(word))


def _cell(t: Words, snapshot: SiteSnapshot, definition: Definition, code: str) -> MatrixCell:
    figure = snapshot.figure(definition, Level.COMMUNITY, code)
    if figure is None:
        return MatrixCell("none", "–", t.no_figure, "")
    sign, word = VERDICTS[figure.verdict]
    return MatrixCell(figure.verdict, sign, t.of(word), short_text(definition, figure))
