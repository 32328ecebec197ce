"""Reads city.yaml: names, areas, targets, parameters, urban rule, smart-community items, cadence.

Below, each part is declared with its values; the functions check what must hold between them. What
is wrong is None from there on: the load fails in any case, and the other checks go on.
"""

from dataclasses import dataclass
from typing import Any, get_args

from gigacity_city.document import ListSpec, MappingSpec, NodeKind, Section, read_document
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
from gigacity_city.values import (
    area_code,
    choice,
    flag,
    iso_date,
    number,
    profile_name,
    street_code,
    urban_class,
    whole,
    words,
)
from gigacity_city.vocabulary import PARAMETERS, SMART_ITEMS, TARGETABLE
from gigacity_contract.kinds import CATALOGUE


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


def _smart_item(basis: ItemSource, source: Source, **values: Any) -> SmartItem:
    return SmartItem(source=basis, reference=source, **values)


def _level(threshold: float, source: Source) -> Threshold:
    return Threshold(threshold, source)


_SHARE = number(0, 1)
_NAME = MappingSpec(Name, {"zh": words, "en": words})
_SOURCE = MappingSpec(Source, {"text": words, "date": iso_date, "confirmed": flag})
_AREA = MappingSpec(
    Area,
    {"code": area_code, "name": _NAME, "kind": choice(get_args(AreaKind))},
    {"retired": ListSpec(area_code), "is_local": flag, "tile": ListSpec(whole(0, 30))},
)
_TARGET = MappingSpec(
    Target,
    {
        "indicator": choice(TARGETABLE),
        "value": number(0, 1e12),
        "direction": choice(get_args(Direction)),
        "source": _SOURCE,
    },
    {"scope": choice(("city", "area")), "code": area_code, "due": iso_date},
)
_PARAMETER = MappingSpec(
    Parameter, {"name": choice(PARAMETERS), "value": number(-1e12, 1e12), "source": _SOURCE}
)
_URBAN_RULE: dict[str, NodeKind] = {
    "everywhere": ListSpec(urban_class, frozenset),
    "county_seat": ListSpec(urban_class, frozenset),
    "county_seat_streets": ListSpec(street_code, frozenset),
    "source": _SOURCE,
}
_LEVEL = MappingSpec(_level, {"threshold": _SHARE, "source": _SOURCE})
_SMART_ITEM = MappingSpec(
    _smart_item,
    {
        "id": choice(SMART_ITEMS),
        "name": _NAME,
        "threshold": _SHARE,
        "basis": choice(get_args(ItemSource)),
        "required": flag,
        "source": _SOURCE,
    },
    {"growth": _LEVEL, "benchmark": _LEVEL},
)
_CADENCE = MappingSpec(
    Cadence,
    {},
    {
        "pon_s": number(0.1, 86_400),
        "device_s": MappingSpec(dict, {}, dict.fromkeys(CATALOGUE, number(0.1, 1e9))),
        "window_intervals": whole(1, 100),
    },
)
_CITY = MappingSpec(
    dict,
    {
        "code": area_code,
        "name": _NAME,
        "profile": profile_name,
        "is_synthetic": flag,
        "areas": ListSpec(_AREA),
        "targets": ListSpec(_TARGET),
        "parameters": ListSpec(_PARAMETER),
        "urban": MappingSpec(
            UrbanRule, _URBAN_RULE, {"alternative": MappingSpec(UrbanRule, _URBAN_RULE)}
        ),
        "smart_community": MappingSpec(
            dict, {"items": ListSpec(_SMART_ITEM)}, {"not_assessed": ListSpec(_NAME)}
        ),
    },
    {"cadence": _CADENCE},
)


def read_outline(text: str | None, problems: Problems) -> Outline:
    """Read city.yaml; every fault becomes a problem with its line."""
    root = None if text is None else read_document(OUTLINE, text, problems)
    # Without a root every value below is empty, and no problem is noted twice.
    top = Section(OUTLINE, root, "", problems, _CITY)
    values = top.values
    codes = [area.values["code"] for area in values["areas"]]
    if "areas" in top and not codes:
        top.fault("areas", "names no area")
    _check_area_codes(values["areas"])
    _check_tiles(values["areas"])
    _check_targets(values["targets"], values["code"], set(codes))
    _check_parameters(values["parameters"])
    for rule in (values["urban"], values["urban"].values.get("alternative")):
        _check_streets(rule, values["areas"])
    _check_once(values["smart_community"].values["items"], "id")
    made = {"cadence": Cadence(), **top.made()}
    smart = made.pop("smart_community")
    return Outline(
        is_complete=bool(codes) and all(codes),
        smart_items=smart["items"],
        not_assessed=smart.get("not_assessed", ()),
        **made,
    )


def _check_area_codes(areas: tuple[Section, ...]) -> None:
    taken: dict[str, str] = {}
    for area in areas:
        code = area.values["code"]
        retired = area.values.get("retired", ())
        for key, one in (("code", code), *(("retired", old) for old in retired)):
            if one in taken:
                area.fault(key, f"{one} is already the code of {taken[one]}")
            elif one:
                taken[one] = code or "another area"


def _check_tiles(areas: tuple[Section, ...]) -> None:
    taken: set[tuple[int, ...]] = set()
    for area in areas:
        tile = area.values.get("tile")
        if tile is None:
            continue
        if len(tile) != 2:
            area.fault("tile", "must be a column and a row, such as [2, 1]")
        elif tile in taken:
            area.fault("tile", f"{list(tile)} is already the tile of another area")
        taken.add(tile)


def _check_targets(targets: tuple[Section, ...], city_code: str | None, areas: set[str]) -> None:
    seen: set[tuple[str | None, ...]] = set()
    for target in targets:
        values = target.values
        indicator = values["indicator"]
        scope = values.setdefault("scope", "city")
        code = values.setdefault("code", city_code)
        values.setdefault("due", "")
        if scope == "city" and city_code and code not in {city_code, None}:
            target.fault("code", f"{code} is not the city's code {city_code}")
        if scope == "area" and areas and code and code not in areas:
            target.fault("code", f"area {code!r} is not among the areas")
        if indicator and (indicator, scope, code) in seen:
            target.fault("indicator", f"{indicator} already has a target at {scope} {code}")
        seen.add((indicator, scope, code))
        if TARGETABLE.get(indicator) == "share":
            target.refine("value", _SHARE)
        elif values["value"] == 0:
            target.fault("value", "must be above 0")


def _check_parameters(parameters: tuple[Section, ...]) -> None:
    _check_once(parameters, "name")
    for parameter in parameters:
        if parameter.values["name"]:
            parameter.refine("value", number(*PARAMETERS[parameter.values["name"]]))


def _check_once(sections: tuple[Section, ...], key: str) -> None:
    names = [section.values[key] for section in sections]
    for position, section in enumerate(sections):
        if names[position] and names[position] in names[:position]:
            section.fault(key, f"{names[position]} stands twice")


def _check_streets(rule: Section | None, areas: tuple[Section, ...]) -> None:
    codes = {area.values["code"] for area in areas if not area.values.get("is_local")}
    for n, street in enumerate(rule.values["county_seat_streets"] if rule else ()):
        if rule and codes and street and street[:6] not in codes:
            message = f"{street!r} is not a street code within one of the areas"
            rule.fault("county_seat_streets", message, n)
