"""One figure of the city: where it comes from, where it is heading, what was revised. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from gigacity_api.forecasting.outlook import Outlook, due_ms, outlook
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.evidence import objects_of
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.methods import used_by
from gigacity_api.indicators.verdicts import IN, OUT
from gigacity_api.site.area_map import AreaMap, area_map
from gigacity_api.site.declared_lines import DeclaredBeside, declared_beside
from gigacity_api.site.figure_view import FigureView, amount, figure_view
from gigacity_api.site.objection import objection, permalink
from gigacity_api.site.revisions_page import RevisionLine, revision_line
from gigacity_api.site.snapshot import RememberedFigure, SiteSnapshot
from gigacity_api.site.times import day
from gigacity_api.site.trend_chart import TrendSeries, trend_chart
from gigacity_api.site.words import Words
from gigacity_city.model import Target

SHOWN_DAYS = 31
"""Days in the table beside the drawing."""


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """How many objects are in, out or unknown for one reason."""

    sign: str
    word: str
    reason: str
    objects: int
    weight: int
    """What they count together: households, ONUs, or themselves."""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """A day in the table."""

    day: str
    value: str
    bounds: str


@dataclass(frozen=True, slots=True)
class UsedLine:
    """A number of the city file that a formula uses."""

    name: str
    value: str
    source: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class FigureDetails:
    """What the page of a figure shows."""

    view: FigureView
    beside: DeclaredBeside | None
    is_halved: bool
    map: AreaMap | None
    sums: tuple[str, str, str, str]
    """In, out, unknown and all, of the areas together."""
    adds_up: bool
    """Whether the areas are the city's figure; parts of an OLT's area need not be."""
    reasons: tuple[ReasonLine, ...]
    chart: Markup
    statement: str
    days: tuple[TrendLine, ...]
    is_remembered: bool
    """False: the database could not be read."""
    revised: tuple[RevisionLine, ...]
    revised_instants: int
    objection: str
    """The address of whoever answers questions; empty: nobody is named."""
    today: str
    uses: tuple[UsedLine, ...]
    target: Target | None
    definition: Definition


def figure_page(
    t: Words, snapshot: SiteSnapshot, definition: Definition, figure: Figure, root: str
) -> FigureDetails:
    """The page of a figure of the city; ``root`` leads from it to the address of the language."""
    areas = snapshot.areas(definition)
    columns = ("known_in", "known_out", "unknown", "denominator")
    totals = [sum(getattr(area, name) for area in areas) for name in columns]
    target = definition.target(snapshot.city, Level.CITY, figure.code)
    remembered = snapshot.remembered.get(definition.id)
    known = remembered or RememberedFigure()
    view = figure_view(t, snapshot.city, definition, figure)
    ahead = outlook(known.days, target, snapshot.publication.as_of_ms, is_share=definition.is_ratio)
    return FigureDetails(
        view=view,
        beside=declared_beside(t, snapshot, definition, figure),
        is_halved=figure.unknown > figure.known_in + figure.known_out,
        map=area_map(t, snapshot, definition, root) if areas else None,
        sums=(f"{totals[0]:,}", f"{totals[1]:,}", f"{totals[2]:,}", f"{totals[3]:,}"),
        adds_up=totals == [getattr(figure, name) for name in columns],
        reasons=tuple(_reasons(t, snapshot, definition, figure)),
        chart=_chart(t, definition, known, target, ahead),
        statement=(ahead.zh if t.language == "zh" else ahead.en) if known.days else "",
        days=tuple(_days(t, definition, known, target)),
        is_remembered=remembered is not None,
        revised=tuple(revision_line(t, definition, row) for row in known.revised),
        revised_instants=known.revised_instants,
        objection=_objection(t, snapshot, definition, view),
        today=day(snapshot.publication.as_of_ms),
        uses=tuple(_uses(snapshot, definition)),
        target=target,
        definition=definition,
    )


def _objection(t: Words, snapshot: SiteSnapshot, definition: Definition, view: FigureView) -> str:
    now, key = snapshot.publication, (definition.id, view.figure.scope, view.figure.code)
    versions = (now.city_version, definition.method_version)
    link = permalink(snapshot.scope, t, key, now.as_of_ms, versions)
    return objection(
        snapshot.scope, t, definition, shown=view.shown, as_of_ms=now.as_of_ms, link=link
    )


def _reasons(
    t: Words, snapshot: SiteSnapshot, definition: Definition, figure: Figure
) -> Iterator[ReasonLine]:
    """Counts by reason, the most first; nothing where only another process knows the objects."""
    evaluation = snapshot.publication.evaluation
    if evaluation is None:
        return
    instant = evaluation.instant
    chosen = objects_of(evaluation, definition, Level.CITY, figure.code)
    reasons, judged = definition.rule.explain(instant), definition.rule.judge(instant).verdicts
    _, weights = definition.parts(instant)
    key = reasons.codes[chosen].astype(np.int64) * 3 + judged[chosen] + 1
    found = np.bincount(key)
    weighed = np.bincount(key, weights=weights[chosen])
    words = {IN: ("✓", t.counts_in), OUT: ("✕", t.counts_out)}
    for at in sorted(np.flatnonzero(found).tolist(), key=lambda at: (-found[at], at)):
        sign, word = words.get(at % 3 - 1, ("?", t.unknown))
        reason = reasons.table[at // 3]
        text = reason.zh if t.language == "zh" else reason.en
        yield ReasonLine(sign, word, text, int(found[at]), round(float(weighed[at])))


def _chart(
    t: Words,
    definition: Definition,
    known: RememberedFigure,
    target: Target | None,
    ahead: Outlook,
) -> Markup:
    series = TrendSeries(
        days=known.days,
        target=None if target is None else target.value,
        forecast=ahead.forecast,
        due_ms=due_ms(target.due) if target is not None and target.due else None,
        is_ratio=definition.is_ratio,
    )
    return trend_chart(series, title=t("trend_of", figure=t.heading(definition.name)))


def _days(
    t: Words, definition: Definition, known: RememberedFigure, target: Target | None
) -> Iterator[TrendLine]:
    limit, is_ratio = None if target is None else target.value, definition.is_ratio
    for one in reversed(known.days[-SHOWN_DAYS:]):
        value, lower, upper = (
            amount(number, is_ratio=is_ratio, target=limit)
            for number in (one.value, one.lower, one.upper)
        )
        is_halved = is_ratio and one.upper - one.lower > 0.5
        bounds = t("to", lower=lower, upper=upper) if one.upper > one.lower else ""
        yield TrendLine(day(one.at_ms), "" if is_halved else value, bounds)


def _uses(snapshot: SiteSnapshot, definition: Definition) -> Iterator[UsedLine]:
    for used in used_by(snapshot.city, definition):
        value = f"{used.value:,g}" if isinstance(used.value, int | float) else used.value
        source = used.source
        yield UsedLine(
            used.name, value, "" if source is None else source.text,
            source is None or source.confirmed,
        )  # fmt: skip
