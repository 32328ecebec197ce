"""Reads city.yaml: names, areas, targets, parameters, urban rule, smart-community items, cadence.

A value with a problem is replaced by an empty one: the load fails in any case, and the other checks
go on without stumbling over it.
"""

from dataclasses import dataclass, replace

from gigacity_city.document import Section, read_document
from gigacity_city.files import OUTLINE
from gigacity_city.model import (
    Area,
    AreaKind,
    Cadence,
    Direction,
    ItemSource,
    Name,
    Parameter,
    SmartItem,
    Source,
    Target,
    Threshold,
    UrbanRule,
)
from gigacity_city.problems import Problems
from gigacity_city.vocabulary import PARAMETERS, SMART_ITEMS, TARGETABLE, URBAN_CLASSES
from gigacity_contract.identifiers import AREA_PATTERN, is_area
from gigacity_contract.kinds import CATALOGUE, PON_INTERVAL_S

_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_AREA_KINDS: tuple[AreaKind, ...] = ("district", "county", "county_level_city", "development_zone")
_SCOPES = ("city", "area")
_DIRECTIONS: tuple[Direction, ...] = ("at_least", "at_most")
_ITEM_SOURCES: tuple[ItemSource, ...] = ("measured", "reported")
_PROFILES = r"[a-z][a-z0-9-]{0,31}"

_TOP = (
    "code",
    "name",
    "profile",
    "is_synthetic",
    "areas",
    "targets",
    "parameters",
    "urban",
    "smart_community",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What city.yaml says."""

    is_complete: bool
    """False if its areas could not all be read: references to areas are then not judged."""
    code: str
    name: Name
    profile: str
    is_synthetic: bool
    areas: tuple[Area, ...]
    targets: tuple[Target, ...]
    parameters: tuple[Parameter, ...]
    smart_items: tuple[SmartItem, ...]
    not_assessed: tuple[Name, ...]
    urban: UrbanRule
    cadence: Cadence

    @property
    def area_by_code(self) -> dict[str, Area]:
        """Areas by current code."""
        return {area.code: area for area in self.areas}


def read_outline(text: str | None, problems: Problems) -> Outline:
    """Read city.yaml; every fault becomes a problem with its line."""
    root = None if text is None else read_document(OUTLINE, text, problems)
    # Without a root every value below is empty, and no problem is noted twice.
    top = Section(OUTLINE, root, "", problems, required=_TOP, optional=("cadence",))
    code = _area_code(top, "code")
    areas = _areas(top)
    items, not_assessed = _smart_community(top)
    return Outline(
        is_complete=bool(areas) and all(area.code for area in areas),
        code=code,
        name=_name(top),
        profile=top.text("profile", _PROFILES, "a short lower-case word") or "",
        is_synthetic=top.flag("is_synthetic") or False,
        areas=areas,
        targets=_targets(top, code, {area.code for area in areas}),
        parameters=_parameters(top),
        smart_items=items,
        not_assessed=not_assessed,
        urban=_urban(top, areas),
        cadence=_cadence(top),
    )


def _area_code(section: Section, key: str) -> str:
    return section.text(key, AREA_PATTERN, "a 6-digit area code") or ""


def _name(section: Section) -> Name:
    name = section.section("name", required=("zh", "en"))
    return Name(name.text("zh") or "", name.text("en") or "")


def _source(section: Section, key: str = "source") -> Source:
    source = section.section(key, required=("text", "date", "confirmed"))
    return Source(
        source.text("text") or "",
        source.text("date", _DATE, "an ISO date such as 2023-07-24") or "",
        source.flag("confirmed") or False,
    )


def _areas(top: Section) -> tuple[Area, ...]:
    areas: list[Area] = []
    taken: dict[str, str] = {}
    keys = ("code", "name", "kind")
    for section in top.sections("areas", required=keys, optional=("retired", "is_local")):
        code = _area_code(section, "code")
        retired = tuple(
            section.values("retired", lambda v: v if is_area(v) else None, "a 6-digit area code")
        )
        for key, one in (("code", code), *(("retired", old) for old in retired)):
            if one and one in taken:
                section.fault(key, f"{one} is already the code of {taken[one]}")
            taken.setdefault(one, code or "another area")
        kind = section.choice("kind", _AREA_KINDS) or "county"
        is_local = "is_local" in section and bool(section.flag("is_local"))
        areas.append(Area(code, _name(section), kind, retired, is_local))
    if not areas and "areas" in top:
        top.fault("areas", "names no area")
    return tuple(areas)


def _targets(top: Section, city_code: str, areas: set[str]) -> tuple[Target, ...]:
    targets: list[Target] = []
    seen: set[tuple[str, str | None, str]] = set()
    keys = ("indicator", "value", "direction", "source")
    for section in top.sections("targets", required=keys, optional=("scope", "code", "due")):
        indicator = section.choice("indicator", TARGETABLE) or ""
        scope = section.choice("scope", _SCOPES) if "scope" in section else "city"
        code = _area_code(section, "code") if "code" in section else city_code
        _check_place(section, scope, code, city_code, areas)
        if indicator and (indicator, scope, code) in seen:
            section.fault("indicator", f"{indicator} already has a target at {scope} {code}")
        seen.add((indicator, scope, code))
        value = _target_value(section, indicator)
        direction = section.choice("direction", _DIRECTIONS) or "at_least"
        due = section.text("due", _DATE, "an ISO date such as 2025-12-31") or ""
        source = _source(section)
        targets.append(Target(indicator, scope or "", code, value, direction, due, source))
    return tuple(targets)


def _check_place(
    section: Section, scope: str | None, code: str, city_code: str, areas: set[str]
) -> None:
    if scope == "city" and city_code and code not in {city_code, ""}:
        section.fault("code", f"{code} is not the city's code {city_code}")
    if scope == "area" and areas and code and code not in areas:
        section.fault("code", f"area {code!r} is not among the areas")


def _target_value(section: Section, indicator: str) -> float:
    is_share = TARGETABLE.get(indicator, "number") == "share"
    value = section.number("value", 0, 1 if is_share else 1e12)
    if value == 0 and not is_share:
        section.fault("value", "must be above 0")
    return value or 0.0


def _parameters(top: Section) -> tuple[Parameter, ...]:
    parameters: list[Parameter] = []
    for section in top.sections("parameters", required=("name", "value", "source")):
        name = section.choice("name", PARAMETERS) or ""
        if name and any(parameter.name == name for parameter in parameters):
            section.fault("name", f"{name} stands twice")
        value = section.number("value", *PARAMETERS.get(name, (-1e12, 1e12)))
        parameters.append(Parameter(name, value or 0.0, _source(section)))
    return tuple(parameters)


def _urban(top: Section, areas: tuple[Area, ...]) -> UrbanRule:
    keys = ("everywhere", "county_seat", "county_seat_streets", "source")
    section = top.section("urban", required=keys, optional=("alternative",))
    alternative = None
    if "alternative" in section:
        alternative = _urban_rule(section.section("alternative", required=keys), areas)
    return replace(_urban_rule(section, areas), alternative=alternative)


def _urban_rule(section: Section, areas: tuple[Area, ...]) -> UrbanRule:
    prefixes = {area.code for area in areas if not area.is_local}

    def street(text: str) -> str | None:
        is_code = len(text) == 9 and text.isascii() and text.isdecimal()
        return text if is_code and (text[:6] in prefixes or not prefixes) else None

    return UrbanRule(
        frozenset(section.values("everywhere", _urban_class, "an urban-rural class")),
        frozenset(section.values("county_seat", _urban_class, "an urban-rural class")),
        frozenset(
            section.values(
                "county_seat_streets", street, "a 9-digit street code within one of the areas"
            )
        ),
        _source(section),
    )


def _urban_class(text: str) -> int | None:
    known = {str(number): number for number in URBAN_CLASSES}
    return known.get(text)


def _smart_community(top: Section) -> tuple[tuple[SmartItem, ...], tuple[Name, ...]]:
    section = top.section("smart_community", required=("items",), optional=("not_assessed",))
    items: list[SmartItem] = []
    keys = ("id", "name", "threshold", "basis", "required", "source")
    for entry in section.sections("items", required=keys, optional=("growth", "benchmark")):
        item = entry.choice("id", SMART_ITEMS) or ""
        if item and any(other.id == item for other in items):
            entry.fault("id", f"{item} stands twice")
        items.append(
            SmartItem(
                id=item,
                name=_name(entry),
                threshold=entry.number("threshold", 0, 1) or 0.0,
                source=entry.choice("basis", _ITEM_SOURCES) or "reported",
                required=entry.flag("required") or False,
                reference=_source(entry),
                growth=_threshold(entry, "growth"),
                benchmark=_threshold(entry, "benchmark"),
            )
        )
    rest = section.sections("not_assessed", required=("zh", "en"))
    return tuple(items), tuple(Name(e.text("zh") or "", e.text("en") or "") for e in rest)


def _threshold(item: Section, level: str) -> Threshold | None:
    if level not in item:
        return None
    section = item.section(level, required=("threshold", "source"))
    return Threshold(section.number("threshold", 0, 1) or 0.0, _source(section))


def _cadence(top: Section) -> Cadence:
    section = top.section(
        "cadence", required=(), optional=("pon_s", "device_s", "window_intervals")
    )
    default = Cadence()
    pon_s = section.number("pon_s", 0.1, 86_400)
    window = section.number("window_intervals", 1, 100)
    if window is not None and window != int(window):
        section.fault("window_intervals", "must be a whole number")
    return Cadence(
        pon_s=PON_INTERVAL_S if pon_s is None else pon_s,
        device_s=section.numbers_by_key("device_s", CATALOGUE, 0.1),
        window_intervals=default.window_intervals if window is None else int(window),
    )
