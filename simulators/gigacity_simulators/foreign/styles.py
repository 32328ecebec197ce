"""How a format writes names, flags, numbers and units, and the fields of a mapping of it."""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldSpec, FieldType
from gigacity_simulators.foreign.readings import PORT_KIND

_STATES = ("admin", "oper")
_TECH = "tech"

BASE_UNITS: Mapping[str, tuple[str, int, str]] = MappingProxyType(
    {
        "energy_total_kwh": ("energy_total_wh", 1000, "Wh"),
        "power_kw": ("power_w", 1000, "W"),
        "volume_total_m3": ("volume_total_l", 1000, "L"),
    }
)
"""Field to the name, factor and unit of devices that count in the small unit."""


def same(name: str) -> str:
    """The field's own name."""
    return name


def camel_case(name: str) -> str:
    """``energy_total_kwh`` as ``EnergyTotalKwh``."""
    return "".join(word.capitalize() for word in name.split("_"))


class ValueStyle(NamedTuple):
    """Of one format."""

    rename: Callable[[str], str] = same
    on: Any = True
    off: Any = False
    states: tuple[Any, Any] = ("up", "down")
    is_text: bool = False
    """Numbers are texts."""
    units: Mapping[str, tuple[str, int, str]] = MappingProxyType({})
    """As ``BASE_UNITS``."""
    path: str = "{}"
    """Where a mapping finds the property."""
    tech: str = ""
    """Where a mapping finds the technology of a port, if not among the others."""

    def said(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Properties of a reading."""
        return {
            self._name(field): self._value(field, value)
            for field, value in values.items()
            if value is not None and not (self.tech and field == _TECH)
        }

    def fields(self, kind: str) -> Iterator[str]:
        """Lines of a mapping: every field of a kind."""
        for spec in PORT_FIELDS if kind == PORT_KIND else KIND_FIELDS[kind]:
            yield f"{spec.name}: {self._mapping(spec)}"
        if kind == PORT_KIND:
            yield f"{_TECH}: {json.dumps(self.tech or self._path(_TECH))}"

    def _name(self, field: str) -> str:
        return self.rename(self.units[field][0] if field in self.units else field)

    def _path(self, field: str) -> str:
        return self.path.format(self._name(field))

    def _value(self, field: str, value: Any) -> Any:
        if isinstance(value, bool):
            return self.on if value else self.off
        if field in _STATES:
            return self.states[0] if value == "up" else self.states[1]
        if isinstance(value, str):
            return value
        if field in self.units:
            value = round(value * self.units[field][1], 6)
        return str(value) if self.is_text else value

    def _mapping(self, spec: FieldSpec) -> str:
        said = f"from: {json.dumps(self._path(spec.name))}"
        if spec.name in _STATES:
            up, down = map(json.dumps, self.states)
            return f"{{{said}, map: {{{up}: up, {down}: down}}}}"
        if spec.type is FieldType.BOOLEAN and self.on is not True:
            return (
                f"{{{said}, map: {{{json.dumps(self.on)}: true, {json.dumps(self.off)}: false}}}}"
            )
        if spec.name in self.units:
            return f"{{{said}, unit: {self.units[spec.name][2]}}}"
        return f"{{{said}}}"
