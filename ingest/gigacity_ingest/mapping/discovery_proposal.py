"""Proposes a mapping from what Home Assistant discovery says of topics, units and classes.

What is proposed loads as it stands; whether it is right is for its reader to say. Each field
comes from a class and a unit that can become the field's; what fits nothing is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gigacity_contract.decoding import PayloadError
from gigacity_contract.fields import KIND_FIELDS, FieldSpec, FieldType
from gigacity_ingest.formats.home_assistant import DiscoveredEntity, read_discovery
from gigacity_ingest.mapping.proposals import (
    MappingSuggestion,
    ProposedSource,
    proposal,
    quoted,
    source_lines,
)
from gigacity_ingest.mapping.units import conversion_to

_FIELDS_OF_CLASS: Mapping[str, tuple[str, ...]] = {
    "battery": ("battery_pct",),
    "battery_charging": ("charging",),
    "carbon_dioxide": ("co2_ppm",),
    "current": ("current_a",),
    "door": ("door_open",),
    "energy": ("energy_total_kwh",),
    "garage_door": ("door_open", "barrier_open"),
    "gas": ("alarm", "methane_pct_lel", "volume_total_m3"),
    "humidity": ("humidity_pct",),
    "lock": ("door_open",),
    "moving": ("displaced", "moving"),
    "opening": ("door_open", "lid_open", "barrier_open"),
    "pm10": ("pm10_ug_per_m3",),
    "pm25": ("pm25_ug_per_m3",),
    "power": ("power_w", "power_kw"),
    "problem": ("fault",),
    "safety": ("pressed",),
    "signal_strength": ("rssi_dbm",),
    "smoke": ("alarm",),
    "sound_pressure": ("noise_db",),
    "temperature": ("temp_c",),
    "voltage": ("voltage_v",),
    "volume_flow_rate": ("flow_m3_per_h",),
    "water": ("volume_total_m3",),
}
"""What a device class may be of; the kind decides which."""
_KIND_OF_CLASS = {
    "smoke": "smoke_detector",
    "gas": "gas_detector",
    "door": "access_gate",
    "lock": "access_gate",
    "pm25": "air_quality",
    "pm10": "air_quality",
    "carbon_dioxide": "air_quality",
    "water": "water_meter",
    "volume_flow_rate": "water_meter",
    "energy": "electricity_meter",
    "power": "electricity_meter",
    "current": "electricity_meter",
    "garage_door": "parking_gate",
    "safety": "sos_button",
    "moving": "manhole_cover",
}
"""The kind that a class speaks for, the surest first."""


class _SuggestedSource(NamedTuple):
    """What becomes one source: topics of one pattern, read by one decoder."""

    decoder: str
    topic: str
    registry: str


def suggest_from_discovery(
    documents: Iterable[tuple[str, bytes]], area: str = "000000"
) -> MappingSuggestion:
    """A mapping for every device of some discovery documents.

    Args:
        documents: topic and body of each, as they are retained.
        area: the code that will own the sources.
    """
    notes: list[str] = []
    sources: dict[_SuggestedSource, dict[str, list[DiscoveredEntity]]] = {}
    for topic, payload in documents:
        try:
            discovery = read_discovery(topic, payload)
        except PayloadError as error:
            notes.append(f"{topic}: {error.error}")
            continue
        notes += discovery.notes
        for entity in discovery.entities:
            devices = sources.setdefault(_source_of(entity), {})
            devices.setdefault(entity.device, []).append(entity)
    blocks: list[str] = []
    foreign: list[tuple[str, str]] = []
    for number, (source, devices) in enumerate(sources.items(), start=1):
        name = f"discovered-{number}"
        kinds, told = _kinds_of(devices)
        notes += told
        if kinds:
            made = ProposedSource(name, source.decoder, [source.topic], source.registry)
            blocks += source_lines(made, area, kinds)
            foreign += [(name, _foreign_id(source, entities[0])) for entities in devices.values()]
    return proposal("Home Assistant discovery", blocks, foreign, notes)


def _source_of(entity: DiscoveredEntity) -> _SuggestedSource:
    levels = entity.topic.split("/")
    if "zigbee2mqtt" in entity.origin.lower() or levels[0] == "zigbee2mqtt":
        return _SuggestedSource("zigbee2mqtt", f"{levels[0]}/#", "{device}")
    if not entity.path and len(levels) > 3 and levels[-1] == "state":
        topic = "/".join([*levels[:-3], "+", "+", "state"])
        return _SuggestedSource("esphome", topic, "{device}")
    called = {*entity.names, *(name.lower().replace(" ", "_") for name in entity.names)}
    at = next((place for place, level in enumerate(levels) if level in called), None)
    if at is None:
        return _SuggestedSource("json", entity.topic, entity.device)
    return _SuggestedSource(
        "json", "/".join([*levels[:at], "{device}", *levels[at + 1 :]]), "{device}"
    )


def _foreign_id(source: _SuggestedSource, entity: DiscoveredEntity) -> str:
    """What the registry is asked for."""
    levels = entity.topic.split("/")
    if source.decoder == "zigbee2mqtt":
        return "/".join(levels[1:])
    if source.decoder == "esphome":
        return "/".join(levels[:-3])
    if source.registry != "{device}":
        return source.registry
    return levels[source.topic.split("/").index("{device}")]


def _kinds_of(
    devices: Mapping[str, Sequence[DiscoveredEntity]],
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Fields by kind, each as YAML; devices of one kind are one entry."""
    kinds: dict[str, dict[str, str]] = {}
    notes: list[str] = []
    for device, entities in devices.items():
        kind = _kind_of(entities)
        if kind is None:
            classes = ", ".join(entity.device_class or "none" for entity in entities)
            notes.append(f"{device}: no kind fits the classes {classes}")
            continue
        specs = {spec.name: spec for spec in KIND_FIELDS[kind]}
        fields = kinds.setdefault(kind, {})
        for entity in entities:
            spec, why = _field_of(entity, specs)
            if spec is None:
                notes.append(f"{device}: {_property(entity)}: {why}")
            else:
                fields.setdefault(spec.name, _field_text(entity, spec))
    return {kind: fields for kind, fields in kinds.items() if fields}, notes


def _kind_of(entities: Sequence[DiscoveredEntity]) -> str | None:
    classes = {entity.device_class for entity in entities}
    is_measured = any(e.device_class == "gas" and e.states is None for e in entities)
    if is_measured and any(e.unit in {"m³", "ft³", "L"} for e in entities):
        return "gas_meter"
    if "energy" in classes and any(e.component == "switch" for e in entities):
        return "street_light"
    return next((kind for name, kind in _KIND_OF_CLASS.items() if name in classes), None)


def _field_of(
    entity: DiscoveredEntity, specs: Mapping[str, FieldSpec]
) -> tuple[FieldSpec | None, str]:
    """The field that an entity is, or why there is none."""
    names = _FIELDS_OF_CLASS.get(entity.device_class, ())
    if entity.component == "switch":
        names = ("lamp_on",)
    elif entity.component == "valve":
        names = ("valve_open",)
    why = f"class {entity.device_class or 'none'} is no field of the kind"
    for name in names:
        spec = specs.get(name)
        if spec is None or (spec.type is FieldType.BOOLEAN) != (entity.states is not None):
            continue
        try:
            if entity.unit and spec.unit:
                conversion_to(spec, entity.unit)
        except ValueError:
            why = f"unit {entity.unit} cannot become {spec.unit}, the unit of {name}"
            continue
        return spec, ""
    return None, why


def _property(entity: DiscoveredEntity) -> str:
    """The path of the property, as a mapping writes it."""
    if entity.path:
        return ".".join(step.replace(".", "\\.") for step in entity.path)
    levels = entity.topic.split("/")
    return levels[-2] if len(levels) > 3 and levels[-1] == "state" else "value"


def _field_text(entity: DiscoveredEntity, spec: FieldSpec) -> str:
    parts = [f"from: {quoted(_property(entity))}"]
    if entity.states is not None:
        on, off = entity.states
        parts.append(f"map: {{{quoted(on)}: true, {quoted(off)}: false}}")
    elif entity.unit and spec.unit:
        parts.append(f"unit: {quoted(entity.unit)}")
    return "{" + ", ".join(parts) + "}"
