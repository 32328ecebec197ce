"""Which method a figure was made with: the definition's version, and the numbers it took.

A figure names its definition's ``method_version`` and the city version; that city file, which is
kept for ever, has every number. ``method_of`` makes one word of both, which changes when a formula
or one of its numbers does, and not when the city merely has another building. Old figures keep the
word that their own city version gives.
"""

import hashlib
import json
from typing import NamedTuple

from gigacity_api.indicators.definitions import Definition, Indicator, Predicate, Subject
from gigacity_api.indicators.row_loader import CAMERA_KIND
from gigacity_city.model import City, Source, UrbanRule


class Used(NamedTuple):
    """A number or rule of the city file that a formula uses."""

    name: str
    value: float | str
    source: Source | None
    """None: no text says so; the city's own cadence."""


def _rule(rule: UrbanRule) -> str:
    everywhere = ",".join(map(str, sorted(rule.everywhere)))
    if not rule.county_seat:
        return f"{everywhere} everywhere"
    seat = ",".join(map(str, sorted(rule.county_seat)))
    return f"{everywhere} everywhere; {seat} in {','.join(sorted(rule.county_seat_streets))}"


def _urban(city: City, definition: Definition) -> list[Used]:
    rule = city.urban.alternative if definition.is_alternative else city.urban
    return [Used("urban", _rule(rule), rule.source)] if rule is not None else []


def _thresholds(city: City, definition: Definition) -> list[Used]:
    if definition.predicate is Predicate.COMMUNITY_SMART:
        items = [item for item in city.smart_items if item.required]
    else:
        items = [item for item in city.smart_items if item.id == definition.item]
    return [Used(f"threshold.{i.id}", i.threshold, i.reference) for i in items]


def _windows(city: City, definition: Definition) -> list[Used]:
    windows: dict[str, int] = {}
    if definition.predicate is Predicate.COMMUNITY_SMART:
        windows = {
            "window_ms.pon": city.cadence.pon_window_ms(),
            "window_ms.camera": city.cadence.window_ms(CAMERA_KIND),
        }
    elif definition.subject in {Subject.PORT, Subject.BUILDING}:
        windows = {"window_ms.pon": city.cadence.pon_window_ms()}
    elif definition.subject is Subject.DEVICE:
        kinds = (definition.device_kind,) if definition.device_kind else city.device_kinds
        windows = {f"window_ms.{kind}": city.cadence.window_ms(kind) for kind in kinds}
    return [Used(name, value, None) for name, value in windows.items()]


def used_by(city: City, indicator: Indicator) -> tuple[Used, ...]:
    """Everything of the city file that a formula uses, its registered objects apart."""
    parameters = city.parameter_by_name
    named = [
        Used(name, parameters[name].value, parameters[name].source)
        for name in indicator.parameters
        if name in parameters
    ]
    if not isinstance(indicator, Definition):
        return tuple(named)
    if indicator.urban_only:
        named += _urban(city, indicator)
    return (*named, *_thresholds(city, indicator), *_windows(city, indicator))


def method_of(city: City, indicator: Indicator) -> str:
    """Version of the formula, and a hash over the numbers it uses: ``1-3f9a02c4``."""
    used = [[one.name, one.value] for one in used_by(city, indicator)]
    digest = hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest()
    return f"{indicator.method_version}-{digest[:8]}"
