"""Fields of payload structs as data: name, storage type, unit, plausible range."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import msgspec
from msgspec import inspect as mi

from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.payloads import Port


class FieldType(StrEnum):
    """Storage types; they never follow the value that happens to arrive."""

    FLOAT = "float"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One stored field."""

    name: str
    type: FieldType
    unit: str = ""
    low: float | None = None
    high: float | None = None


_TYPES: dict[type[Any], FieldType] = {
    mi.FloatType: FieldType.FLOAT,
    mi.IntType: FieldType.INTEGER,
    mi.BoolType: FieldType.BOOLEAN,
    mi.StrType: FieldType.STRING,
    mi.LiteralType: FieldType.STRING,
}


def _field(struct_field: mi.Field) -> FieldSpec:
    kind, unit = struct_field.type, ""
    if isinstance(kind, mi.UnionType):
        kind = next(t for t in kind.types if not isinstance(t, mi.NoneType))
    if isinstance(kind, mi.Metadata):
        unit = str((kind.extra or {}).get("unit", ""))
        kind = kind.type
    low, high = getattr(kind, "ge", None), getattr(kind, "le", None)
    return FieldSpec(struct_field.encode_name, _TYPES[type(kind)], unit, low, high)


def fields_of(
    struct: type[msgspec.Struct], *, without: frozenset[str] = frozenset()
) -> tuple[FieldSpec, ...]:
    """The fields of a payload struct, in its order, apart from those that become tags."""
    info = mi.type_info(struct)
    return tuple(
        _field(f) for f in cast("mi.StructType", info).fields if f.encode_name not in without
    )


PORT_TAGS = ("slot", "port", "tech")
PORT_FIELDS: tuple[FieldSpec, ...] = fields_of(Port, without=frozenset(PORT_TAGS))
"""Fields of ``pon_port``: admin and oper, then the optional ones."""

KIND_FIELDS: dict[str, tuple[FieldSpec, ...]] = {
    name: fields_of(kind.values) for name, kind in CATALOGUE.items()
}
"""Fields of ``device_<kind>`` by kind."""
