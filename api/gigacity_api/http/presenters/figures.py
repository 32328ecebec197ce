"""Figures, definitions and what lies behind them, as schemas of the answers. Pure."""

from gigacity_api.evaluator.lines import FigureRow, display_of_row, figure_of_row
from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.schemas.common import PlaceName
from gigacity_api.http.schemas.evidence import EvidenceEntry, ItemOut, PortEvidence
from gigacity_api.http.schemas.figures import DefinitionOut, FigureOut
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.display import display_of
from gigacity_api.indicators.entries import Entry, ItemEntry, Subject
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.methods import method_of, used_by
from gigacity_api.indicators.registry import REGISTRY
from gigacity_city.model import City, Name


def place_name(inventory: Inventory, scope: str, code: str) -> Name | PlaceName | None:
    """The name of a place; an OLT has none but its id."""
    city = inventory.city
    if scope == Level.CITY:
        return city.name
    if scope == Level.AREA and code in inventory.area_index:
        return city.areas[inventory.area_index[code]].name
    if scope == Level.COMMUNITY and code in city.community_by_code:
        return PlaceName(zh=city.community_by_code[code].name)
    return None


def figure_out(publication: Publication, figure: Figure) -> FigureOut:
    """A figure as it is served."""
    place = place_name(publication.inventory, figure.scope, figure.code)
    definition = REGISTRY[figure.indicator]
    shown = display_of(figure, is_ratio=definition.is_ratio)
    return FigureOut.of(figure, publication, shown, definition, place=place)


def figures_at(publication: Publication, scope: str, code: str) -> list[FigureOut]:
    """Every figure of a place."""
    return [
        figure_out(publication, figure)
        for figure in publication.figures
        if figure.scope == scope and figure.code == code
    ]


def past_figure(row: FigureRow) -> dict[str, object]:
    """What a stored row says of its figure, as fields of ``PastFigure``."""
    figure = figure_of_row(row)
    return figure._asdict() | display_of_row(row)._asdict() | {
        "grade": figure.quality.grade, "city_version": row.city_version or "",
        "method_version": row.method_version or 0, "revision": row.revision or 0,
    }  # fmt: skip


def definition_out(city: City, definition: Definition) -> DefinitionOut:
    """A definition with its targets."""
    return DefinitionOut.of(
        definition,
        counts=str(definition.subject),
        standard=definition.standard.name,
        standard_date=definition.standard.date,
        method=method_of(city, definition),
        uses=list(used_by(city, definition)),
        targets=[t for t in city.targets if t.indicator == definition.id],
    )


def port_out(entry: Entry) -> PortEvidence:
    """A port."""
    olt, slot, port = entry.id.rsplit("/", 2)
    return PortEvidence.of(entry, olt=olt, slot=int(slot), port=int(port))


def item_out(entry: ItemEntry) -> ItemOut:
    """A community against an item."""
    return ItemOut.of(entry, entry.item, basis=entry.item.source)


def entry_out(entry: Entry) -> EvidenceEntry:
    """An entry of an evidence list."""
    is_building = entry.subject is Subject.BUILDING
    is_community = entry.subject is Subject.COMMUNITY
    return EvidenceEntry.of(
        entry,
        kind=str(entry.subject),
        ports=[port_out(part) for part in entry.parts] if is_building else None,
        items=[item_out(item) for item in entry.items] if is_community else None,
    )
