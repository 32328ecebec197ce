"""Declared figures and their gaps as schemas of the answers. Pure."""

from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.presenters.figures import figure_out, place_name
from gigacity_api.http.schemas.gaps import GapItem, GapOut, PartOut
from gigacity_api.http.schemas.reports import ReportableOut, ReportedItem, ReportOut
from gigacity_api.indicators.figures import against_target
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.reports.catalogue import RATIO, REPORTED, DeclarableFigure, declarable
from gigacity_api.reports.declarations import Declarations, DeclaredFigure
from gigacity_api.reports.gaps import DeclarationGap, gap_of
from gigacity_city.model import City, Name


def report_out(inventory: Inventory, entry: DeclaredFigure) -> ReportOut:
    """An entry; one of a figure that is no longer defined keeps its id as its name."""
    known = declarable(entry.indicator)
    return ReportOut.of(
        entry,
        name=known.name if known else Name(entry.indicator, entry.indicator),
        place=place_name(inventory, entry.scope, entry.code),
        unit=known.unit if known else "",
        entered_at=entry.entered_ms,
        withdrawn=entry.withdrawn or None,
    )


def gap_out(gap: DeclarationGap) -> GapOut:
    """A gap with its explanation."""
    return GapOut.of(gap, parts=[PartOut.of(part, count=part.objects) for part in gap.parts])


def gap_item(publication: Publication, entry: DeclaredFigure) -> GapItem | None:
    """An entry beside the newest measured figure, if there is one."""
    figure = publication.by_key.get(entry.key)
    if figure is None:
        return None
    known = declarable(entry.indicator)
    gap = gap_of(entry, figure, is_ratio=known is not None and known.unit == RATIO)
    return GapItem(
        report=report_out(publication.inventory, entry),
        figure=figure_out(publication, figure),
        gap=gap_out(gap),
    )


def reportable_out(city: City, known: DeclarableFigure) -> ReportableOut:
    """A figure that only offices know, with its targets."""
    return ReportableOut.of(known, targets=[t for t in city.targets if t.indicator == known.id])


def reported_items(publication: Publication, declared: Declarations) -> list[ReportedItem]:
    """Every figure of the city that only offices know, with the entry in force."""
    inventory = publication.inventory
    return [_reported_item(inventory, declared, known) for known in REPORTED.values()]


def _reported_item(
    inventory: Inventory, declared: Declarations, known: DeclarableFigure
) -> ReportedItem:
    city = inventory.city
    entry = declared.latest(known.id, Level.CITY, city.code)
    target = known.target(city, Level.CITY, city.code)
    value = None if entry is None else entry.value
    return ReportedItem(
        definition=reportable_out(city, known),
        report=None if entry is None else report_out(inventory, entry),
        target=None if target is None else target.value,
        verdict=against_target(value, value, target),
    )
