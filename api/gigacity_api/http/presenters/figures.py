"""Values of the domain as schemas of the answers. Pure."""

from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.publication_cache import Publication
from gigacity_api.http.schemas.common import BilingualName, PlaceName, SourceNote, rfc3339
from gigacity_api.http.schemas.evidence import EvidenceEntry, ItemOut, PortEvidence, ReasonOut
from gigacity_api.http.schemas.figures import (
    DefinitionOut,
    FigureOut,
    QualityOut,
    TargetOut,
    UsedOut,
)
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.display import display_of
from gigacity_api.indicators.entries import Entry, ItemEntry, Subject
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.methods import method_of, used_by
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.rules import VerdictReason
from gigacity_city.model import City, Name, Source, Target


def name_out(name: Name) -> BilingualName:
    """A bilingual name."""
    return BilingualName(zh=name.zh, en=name.en)


def source_out(source: Source) -> SourceNote:
    """Where a number comes from."""
    return SourceNote(text=source.text, date=source.date, confirmed=source.confirmed)


def place_name(inventory: Inventory, scope: str, code: str) -> PlaceName | None:
    """The name of a place; an OLT has none but its id."""
    city = inventory.city
    if scope == Level.CITY:
        return PlaceName(zh=city.name.zh, en=city.name.en)
    if scope == Level.AREA and code in inventory.area_index:
        name = city.areas[inventory.area_index[code]].name
        return PlaceName(zh=name.zh, en=name.en)
    if scope == Level.COMMUNITY and code in city.community_by_code:
        return PlaceName(zh=city.community_by_code[code].name)
    return None


def figure_out(publication: Publication, figure: Figure) -> FigureOut:
    """A figure as it is served."""
    definition = REGISTRY[figure.indicator]
    shown = display_of(figure, is_ratio=definition.is_ratio)
    return FigureOut.model_construct(
        indicator=figure.indicator,
        scope=figure.scope,
        code=figure.code,
        name=name_out(definition.name),
        place=place_name(publication.inventory, figure.scope, figure.code),
        unit=definition.unit,
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        value=figure.value,
        numerator=figure.numerator,
        denominator=figure.denominator,
        lower=figure.lower,
        upper=figure.upper,
        display=shown.display,
        display_text=shown.display_text,
        known_in=figure.known_in,
        known_out=figure.known_out,
        unknown=figure.unknown,
        target=figure.target,
        verdict=figure.verdict,
        quality=QualityOut.model_construct(**figure.quality._asdict()),
        city_version=publication.city_version,
        method_version=definition.method_version,
        revision=publication.revision,
    )


def target_out(target: Target) -> TargetOut:
    """A target with its source."""
    return TargetOut(
        scope=target.scope, code=target.code, value=target.value, direction=target.direction,
        due=target.due, source=source_out(target.source),
    )  # fmt: skip


def definition_out(city: City, definition: Definition) -> DefinitionOut:
    """A definition with its targets."""
    return DefinitionOut(
        id=definition.id,
        name=name_out(definition.name),
        unit=definition.unit,
        formula=name_out(definition.formula),
        window=name_out(definition.window),
        counts=str(definition.subject),
        levels=[level.value for level in definition.levels],
        direction=definition.direction,
        standard=name_out(definition.standard.name),
        method_version=definition.method_version,
        effective=definition.effective,
        standard_date=definition.standard.date,
        method=method_of(city, definition),
        uses=[
            UsedOut(
                name=used.name,
                value=used.value,
                source=None if used.source is None else source_out(used.source),
            )
            for used in used_by(city, definition)
        ],
        targets=[target_out(t) for t in city.targets if t.indicator == definition.id],
    )


def definition_of(indicator: str) -> Definition:
    """A definition by its id.

    Raises:
        ApiProblem: 404, there is none.
    """
    definition = REGISTRY.get(indicator)
    if definition is None:
        raise ApiProblem(
            404, "unknown-indicator", "No such indicator",
            f"there is no indicator {indicator!r}; GET /api/v1/scorecard names them",
        )  # fmt: skip
    return definition


def figure_of(publication: Publication, definition: Definition, scope: str, code: str) -> Figure:
    """The figure of a definition at a place.

    Raises:
        ApiProblem: 404, the definition has no such level, or the level no such figure.
    """
    if scope not in definition.levels:
        levels = ", ".join(definition.levels)
        raise ApiProblem(
            404, "unknown-figure", "No such figure", f"{definition.id} has the levels {levels}"
        )
    figure = publication.by_key.get((definition.id, scope, code))
    if figure is None:
        raise ApiProblem(
            404, "unknown-figure", "No such figure",
            f"{definition.id} has no figure for {scope} {code!r}",
        )  # fmt: skip
    return figure


def reason_out(reason: VerdictReason) -> ReasonOut:
    """A reason in both languages."""
    return ReasonOut(**reason._asdict())


def _time(epoch_ms: int | None) -> str | None:
    return None if epoch_ms is None else rfc3339(epoch_ms)


def port_out(entry: Entry) -> PortEvidence:
    """A port."""
    olt, slot, port = entry.id.rsplit("/", 2)
    return PortEvidence.model_construct(
        id=entry.id,
        olt=olt,
        slot=int(slot),
        port=int(port),
        area=entry.area,
        verdict=entry.verdict,
        reason=reason_out(entry.reason),
        last_report=_time(entry.last_report_ms),
        last_report_ms=entry.last_report_ms,
        values=entry.values,
    )


def item_out(entry: ItemEntry) -> ItemOut:
    """A community against an item."""
    item = entry.item
    return ItemOut.model_construct(
        id=item.id,
        name=name_out(item.name),
        basis=item.source,
        required=item.required,
        threshold=item.threshold,
        verdict=entry.verdict,
        value=entry.value,
        lower=entry.lower,
        upper=entry.upper,
        numerator=entry.numerator,
        denominator=entry.denominator,
    )


def entry_out(entry: Entry) -> EvidenceEntry:
    """An entry of an evidence list."""
    is_building = entry.subject is Subject.BUILDING
    is_community = entry.subject is Subject.COMMUNITY
    return EvidenceEntry.model_construct(
        kind=str(entry.subject),
        id=entry.id,
        area=entry.area,
        community=entry.community,
        verdict=entry.verdict,
        reason=reason_out(entry.reason),
        weight=entry.weight,
        adds=entry.adds,
        last_report=_time(entry.last_report_ms),
        last_report_ms=entry.last_report_ms,
        values=entry.values,
        ports=[port_out(part) for part in entry.parts] if is_building else None,
        items=[item_out(item) for item in entry.items] if is_community else None,
    )
