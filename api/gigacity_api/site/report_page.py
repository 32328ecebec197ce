"""The monthly report: one A4 page that an officer prints or sends. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from gigacity_api.forecasting.outlook import Day
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.figures import against_target
from gigacity_api.indicators.levels import Level
from gigacity_api.site.declared_lines import DeclaredLine, declared_lines
from gigacity_api.site.figure_view import amount, target_text
from gigacity_api.site.home_page import MatrixCell, MatrixRow, aimed_figures, area_matrix
from gigacity_api.site.snapshot import RememberedFigure, SiteSnapshot
from gigacity_api.site.times import Month, day
from gigacity_api.site.trend_chart import sparkline
from gigacity_api.site.words import UNITS, VERDICTS, Words


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A figure in its month."""

    name: str
    unit: str
    value: str
    """Of its last day, or the bounds where too little was known; empty: no day of it is known."""
    day: str
    before: str
    change: str
    least: str
    greatest: str
    target: str
    verdict: str
    sign: str
    word: str
    spark: Markup


@dataclass(frozen=True, slots=True)
class MonthlyReport:
    """A month."""

    month: Month
    is_running: bool
    """It has not ended yet."""
    lines: tuple[ReportLine, ...]
    columns: tuple[str, ...]
    matrix: tuple[MatrixRow, ...]
    """The areas at its end; of a running month, now. Empty: nothing is known of them."""
    declared: tuple[DeclaredLine, ...]
    previous: Month | None
    following: Month | None


def months(snapshot: SiteSnapshot) -> tuple[Month, Month]:
    """The first and the last month of which anything is known."""
    newest = Month.of(snapshot.publication.as_of_ms)
    known = (one.days[0].at_ms for one in snapshot.remembered.values() if one.days)
    return Month.of(min(known, default=snapshot.publication.as_of_ms)), newest


def report_page(t: Words, snapshot: SiteSnapshot, month: Month) -> MonthlyReport | None:
    """The report of a month; None: nothing is known of it."""
    first, last = months(snapshot)
    if not first <= month <= last:
        return None
    is_running = month == last
    lines = tuple(_line(t, snapshot, d, month) for d in snapshot.scope.definitions())
    aimed = aimed_figures(snapshot)
    matrix = area_matrix(t, snapshot, aimed) if is_running else _ended(t, snapshot, aimed, month)
    return MonthlyReport(
        month=month,
        is_running=is_running,
        lines=tuple(line for line in lines if line is not None),
        columns=tuple(t.heading(d.name) for d in aimed),
        matrix=tuple(matrix),
        declared=tuple(line for line in declared_lines(t, snapshot) if line.value),
        previous=month.before if month > first else None,
        following=month.after if month < last else None,
    )


def _ended(
    t: Words, snapshot: SiteSnapshot, aimed: list[Definition], month: Month
) -> list[MatrixRow]:
    """The areas at the end of a month; nothing, if nothing of them is remembered."""
    rows = [
        MatrixRow(
            f"areas/{area.code}",
            t.of(area.name),
            tuple(_end(t, snapshot, definition, area.code, month) for definition in aimed),
        )
        for area in snapshot.city.areas
    ]
    return rows if any(cell.value for row in rows for cell in row.cells) else []


def _end(
    t: Words, snapshot: SiteSnapshot, definition: Definition, code: str, month: Month
) -> MatrixCell:
    remembered = snapshot.remembered.get(definition.id, RememberedFigure())
    one = remembered.month_ends.get((code, month))
    if one is None:
        return MatrixCell("none", "–", t.no_figure, "")
    target = definition.target(snapshot.city, Level.AREA, code)
    verdict = against_target(one.lower, one.upper, target)
    sign, word = VERDICTS[verdict]
    limit = None if target is None else target.value
    shown = _shown(t, one, is_ratio=definition.is_ratio, target=limit)
    return MatrixCell(verdict, sign, t.of(word), shown)


def _line(
    t: Words, snapshot: SiteSnapshot, definition: Definition, month: Month
) -> ReportLine | None:
    days = list(_days(snapshot, definition, month))
    mine = [one for one in days if one.at_ms >= month.begin_ms]
    if not mine:
        return None
    last, before = mine[-1], next((d for d in reversed(days) if d.at_ms < month.begin_ms), None)
    target = definition.target(snapshot.city, Level.CITY, snapshot.city.code)
    limit, is_ratio = None if target is None else target.value, definition.is_ratio
    known = [one.value for one in mine if _is_known(one, is_ratio=is_ratio)]
    verdict = against_target(last.lower, last.upper, target)
    sign, word = VERDICTS[verdict]
    return ReportLine(
        name=t.heading(definition.name),
        unit=t.of(UNITS.get(definition.unit)),
        value=_shown(t, last, is_ratio=is_ratio, target=limit),
        day=day(last.at_ms),
        before="" if before is None else _shown(t, before, is_ratio=is_ratio, target=limit),
        change=_change(t, before, last, is_ratio=is_ratio),
        least=amount(min(known, default=None), is_ratio=is_ratio, target=limit),
        greatest=amount(max(known, default=None), is_ratio=is_ratio, target=limit),
        target=target_text(t, target, is_ratio=is_ratio),
        verdict=verdict,
        sign=sign,
        word=t.of(word),
        spark=sparkline(mine, title=t("trend_of", figure=t.heading(definition.name))),
    )


def _days(snapshot: SiteSnapshot, definition: Definition, month: Month) -> Iterator[Day]:
    """Of the month and the one before; the newest evaluation stands for a day not stored yet."""
    remembered = snapshot.remembered.get(definition.id, RememberedFigure())
    for one in remembered.days:
        if month.before.begin_ms <= one.at_ms <= month.end_ms:
            yield one
    figure, as_of_ms = snapshot.of_city(definition), snapshot.publication.as_of_ms
    if figure is None or not month.begin_ms <= as_of_ms <= month.end_ms:
        return
    if remembered.days and day(remembered.days[-1].at_ms) == day(as_of_ms):
        return
    if figure.lower is not None and figure.upper is not None:
        value = figure.lower if figure.value is None else figure.value
        yield Day(as_of_ms, value, figure.lower, figure.upper)


def _is_known(one: Day, *, is_ratio: bool) -> bool:
    return not is_ratio or one.upper - one.lower <= 0.5


def _shown(t: Words, one: Day, *, is_ratio: bool, target: float | None) -> str:
    if _is_known(one, is_ratio=is_ratio):
        return amount(one.value, is_ratio=is_ratio, target=target)
    lower, upper = (amount(v, is_ratio=is_ratio, target=target) for v in (one.lower, one.upper))
    return t("to", lower=lower, upper=upper)


def _change(t: Words, before: Day | None, last: Day, *, is_ratio: bool) -> str:
    if before is None or not all(_is_known(d, is_ratio=is_ratio) for d in (before, last)):
        return ""
    moved = last.value - before.value
    return t("points", change=f"{moved * 100:+.2f}") if is_ratio else f"{moved:+,.0f}"
