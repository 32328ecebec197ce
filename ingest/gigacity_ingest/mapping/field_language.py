"""Reads how one field is made: ``battery_pct: {from: [Battery, Level], sentinel: [255]}``."""

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gigacity_contract.fields import FieldSpec, FieldType
from gigacity_contract.technology import parse_tech
from gigacity_ingest.mapping.definitions import FieldDefinition
from gigacity_ingest.mapping.keys import section_of
from gigacity_ingest.mapping.nodes import Place
from gigacity_ingest.mapping.property_paths import PropertyPath, property_path
from gigacity_ingest.mapping.units import conversion_to
from gigacity_ingest.mapping.yaml_scalars import Scalar

MAX_PATHS = 20
MAX_FORMS = 1000
MAX_SENTINELS = 100
_STATES = ("up", "down")


def read_field(place: Place, spec: FieldSpec) -> FieldDefinition:
    """How a field is made; a text alone is its ``from``.

    Raises:
        PlaceError: with what is wrong, where nothing can be made of it.
    """
    if not place.is_mapping:
        return FieldDefinition(spec, _paths(place))
    given = section_of(place, "field")
    if "from" not in given:
        raise place.error("'from' is missing: say which property it is made of")
    paths = _paths(given["from"])
    forms = _forms(given["map"], spec) if "map" in given else None
    sentinels = _sentinels(given["sentinel"]) if "sentinel" in given else ()
    _check_forms(given, forms, sentinels, spec)
    factor, offset = _conversion(given, spec)
    return FieldDefinition(spec, paths, factor, offset, forms, sentinels)


def _paths(place: Place) -> tuple[PropertyPath, ...]:
    places = place.one_or_more()
    if not 0 < len(places) <= MAX_PATHS:
        raise place.error(f"names {len(places)} properties; name 1 to {MAX_PATHS}")
    paths = tuple(one.read(property_path) for one in places)
    for number, path in enumerate(paths):
        if path in paths[:number]:
            raise places[number].error("stands twice in this list")
    return paths


def _forms(place: Place, spec: FieldSpec) -> Mapping[Any, Any]:
    """What each form stands for. In Python 1, 1.0 and true are one key, and "1" is another."""
    entries = place.entries()
    if not 0 < len(entries) <= MAX_FORMS:
        raise place.error(f"has {len(entries)} forms; give 1 to {MAX_FORMS}")
    forms: dict[Any, Any] = {}
    for key, at, value_place in entries:
        with place.document.noting():
            if key is None or (isinstance(key, float) and not math.isfinite(key)):
                raise at.error("is no form that a property can have; write it in quotes")
            if key in forms:
                first = next(one for one in forms if one == key)
                raise at.error(
                    f"{_written(key)} and {_written(first)} are one form here: a property that is"
                    " 1, 1.0 or true has the same; keep one of them"
                )
            forms[key] = _field_value(value_place, spec)
    return forms


def _written(key: Scalar) -> str:
    return str(key).lower() if isinstance(key, bool) else repr(key)


def _field_value(place: Place, spec: FieldSpec) -> Any:
    """What a form stands for: a value that the field may have."""
    value = place.scalar()
    if spec.type is FieldType.BOOLEAN:
        return place.flag()
    if spec.type is FieldType.STRING:
        text = place.text()
        if spec.name == "tech":
            return place.read(technology)
        if text not in _STATES:
            raise place.error(f"{text[:64]!r} is not a state of {spec.name}: up or down")
        return text
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.error(f"must be a number: {spec.name} is one")
    if spec.type is FieldType.INTEGER and not float(value).is_integer():
        raise place.error(f"must be a whole number: {spec.name} is one")
    if not (spec.low or 0) <= value <= (spec.high or 0):
        raise place.error(f"is not in {spec.low:g}..{spec.high:g}, the range of {spec.name}")
    return float(value) if spec.type is FieldType.FLOAT else int(value)


def technology(text: str) -> str:
    """A port's technologies in their canonical form.

    Raises:
        ValueError: as ``parse_tech``.
    """
    try:
        return parse_tech(text)
    except ValueError as error:
        raise ValueError(f"is no technology: {error}") from error


def _sentinels(place: Place) -> tuple[Any, ...]:
    places = place.one_or_more()
    if len(places) > MAX_SENTINELS:
        raise place.error(f"has {len(places)} values, at most {MAX_SENTINELS}")
    values = []
    for one in places:
        value = one.scalar()
        if value is None or isinstance(value, bool):
            raise one.error("must be a number or a text; null and absent are no sentinels")
        values.append(value)
    return tuple(values)


def _check_forms(
    given: Mapping[str, Place],
    forms: Mapping[Any, Any] | None,
    sentinels: tuple[Any, ...],
    spec: FieldSpec,
) -> None:
    if forms is None:
        return
    for key in ("scale", "offset", "unit"):
        if key in given:
            raise given[key].error(
                f"cannot stand beside map: what a form stands for is {spec.name} already"
            )
    both = [value for value in sentinels if value in forms]
    if both:
        raise given["sentinel"].error(f"{both[0]!r} is a form of map as well; keep one of them")


def _conversion(given: Mapping[str, Place], spec: FieldSpec) -> tuple[Fraction, Fraction]:
    for key in ("scale", "offset", "unit"):
        if key in given and spec.type in {FieldType.BOOLEAN, FieldType.STRING}:
            raise given[key].error(f"has no place here: {spec.name} is no number; use map")
    scale = _fraction(given["scale"]) if "scale" in given else Fraction(1)
    offset = _fraction(given["offset"]) if "offset" in given else Fraction(0)
    if not scale:
        raise given["scale"].error("must not be 0: every reading would be the same")
    if "unit" not in given:
        return scale, offset
    factor, shift = given["unit"].read(lambda unit: conversion_to(spec, unit))
    return scale * factor, offset * factor + shift


def _fraction(place: Place) -> Fraction:
    """A number exactly as it was written: 0.1 is a tenth."""
    value = place.scalar()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.error("must be a number, such as 0.01")
    if not math.isfinite(value) or not 1e-12 <= abs(value or 1) <= 1e12:
        raise place.error("must be a number of at most 12 digits before and behind the point")
    return Fraction(Decimal(repr(value)))
