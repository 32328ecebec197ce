"""Reports, gaps and reported-only figures as schemas of the answers. Pure."""

from gigacity_api.evaluator.publication_cache import Publication
from gigacity_api.http.presenters.figures import figure_out, name_out, place_name, target_out
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.reports import (
    GapItem,
    GapOut,
    PartOut,
    ReportableOut,
    ReportedItem,
    ReportOut,
)
from gigacity_api.indicators.figures import TargetVerdict, against_target
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.reports.catalogue import RATIO, REPORTED, DeclarableFigure, declarable
from gigacity_api.reports.declarations import Declarations, DeclaredFigure
from gigacity_api.reports.gaps import DeclarationGap, gap_of
from gigacity_city.model import City, Name


def report_out(inventory: Inventory, report: DeclaredFigure) -> ReportOut:
    """An entry; one of a figure that is no longer defined keeps its id as its name."""
    known = declarable(report.indicator)
    name = known.name if known else Name(report.indicator, report.indicator)
    return ReportOut(
        indicator=report.indicator,
        scope=Level(report.scope).value,
        code=report.code,
        name=name_out(name),
        place=place_name(inventory, report.scope, report.code),
        unit=known.unit if known else "",
        as_of=rfc3339(report.as_of_ms),
        as_of_ms=report.as_of_ms,
        value=report.value,
        numerator=report.numerator,
        denominator=report.denominator,
        source=report.source,
        reporter=report.reporter,
        entered_at=rfc3339(report.entered_ms),
        revision=report.revision,
    )


def gap_out(gap: DeclarationGap) -> GapOut:
    """A gap with its explanation."""
    return GapOut(
        difference=gap.difference,
        standing=gap.standing,
        reported_numerator=gap.reported_numerator,
        is_implied=gap.is_implied,
        parts=[PartOut(slug=p.slug, count=p.objects, zh=p.zh, en=p.en) for p in gap.parts],
        zh=gap.zh,
        en=gap.en,
    )


def gap_item(publication: Publication, report: DeclaredFigure) -> GapItem | None:
    """A report beside the newest measured figure, if its place has one."""
    figure = publication.by_key.get(report.key)
    if figure is None:
        return None
    known = declarable(report.indicator)
    gap = gap_of(report, figure, is_ratio=known is not None and known.unit == RATIO)
    return GapItem(
        report=report_out(publication.inventory, report),
        figure=figure_out(publication, figure),
        gap=gap_out(gap),
    )


def reportable_out(city: City, known: DeclarableFigure) -> ReportableOut:
    """A reported-only figure with its targets."""
    return ReportableOut(
        id=known.id,
        name=name_out(known.name),
        unit=known.unit,
        meaning=name_out(known.meaning),
        levels=[level.value for level in known.levels],
        direction=known.direction,
        standard=name_out(known.standard),
        effective=known.effective,
        targets=[target_out(t) for t in city.targets if t.indicator == known.id],
    )


def reported_items(publication: Publication, declared: Declarations) -> list[ReportedItem]:
    """Every reported-only figure of the city with the entry that stands."""
    inventory = publication.inventory
    city = inventory.city
    return [_reported_item(inventory, declared, known, city.code) for known in REPORTED.values()]


def _reported_item(
    inventory: Inventory, declared: Declarations, known: DeclarableFigure, code: str
) -> ReportedItem:
    report = declared.latest(known.id, Level.CITY, code)
    target = known.target(inventory.city, Level.CITY, code)
    verdict: TargetVerdict = (
        against_target(None, None, target)
        if report is None
        else against_target(report.value, report.value, target)
    )
    return ReportedItem(
        definition=reportable_out(inventory.city, known),
        report=None if report is None else report_out(inventory, report),
        target=None if target is None else target.value,
        verdict=verdict,
    )
