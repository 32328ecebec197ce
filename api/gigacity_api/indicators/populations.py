"""Over which objects a definition counts, with which weight, grouped by level.

A population does not change while a city version is in force; it is built once and used at every
instant.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from gigacity_api.indicators.definitions import Definition, Level, Predicate, Subject
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.row_loader import CAMERA_KIND
from gigacity_api.indicators.verdicts import Flags, Indices, Integers, Weights, summed

PORT_REPORTER = "port"


@dataclass(frozen=True, slots=True)
class Grouped:
    """Objects by index, and the group of each."""

    index: Indices
    group: Indices


ByLevel: TypeAlias = dict[Level, Grouped]
"""The same objects, grouped at every level of a definition."""


@dataclass(frozen=True, slots=True)
class Population:
    """What a definition counts, and whose reports it rests on."""

    definition: Definition
    index: Indices
    """The objects that count."""
    weights: Weights | None
    """Households of each of them; None: each counts one."""
    levels: ByLevel
    port_reporters: ByLevel | None
    device_reporters: ByLevel | None
    unregistered_kinds: frozenset[str]
    """Unregistered reporters of these kinds would belong to this figure."""
    wholes: dict[Level, Integers] | None = None
    """The denominators, where they are not what the objects add up to."""


def codes_of(inventory: Inventory, level: Level) -> list[str]:
    """The codes of a level's groups, in the order of their index."""
    return {
        Level.CITY: [inventory.city.code],
        Level.AREA: list(inventory.area_index),
        Level.COMMUNITY: list(inventory.community_index),
        Level.OLT: list(inventory.olt_index),
    }[level]


def _by_level(index: Indices, definition: Definition, **columns: Indices) -> ByLevel:
    whole = np.zeros(len(index), dtype=np.int32)
    groups = {Level(name): column[index] for name, column in columns.items()}
    return {level: Grouped(index, groups.get(level, whole)) for level in definition.levels}


def _every(size: int) -> Indices:
    return np.arange(size, dtype=np.int32)


def _ports(inventory: Inventory, definition: Definition) -> Population:
    index = _every(len(inventory.port_olt))
    levels = _by_level(index, definition, area=inventory.port_area, olt=inventory.port_olt)
    kinds = frozenset({PORT_REPORTER})
    if not definition.per_households:
        return Population(definition, index, None, levels, levels, None, kinds)
    each = inventory.parameter("households_per_10g_port") or 0.0
    weights = np.full(len(index), each)
    wholes = _households(inventory, definition)
    return Population(definition, index, weights, levels, levels, None, kinds, wholes)


def _households(inventory: Inventory, definition: Definition) -> dict[Level, Integers]:
    """All registered households by place."""
    places = {
        Level.CITY: (np.zeros_like(inventory.building_area), 1),
        Level.AREA: (inventory.building_area, len(inventory.area_index)),
    }
    return {level: summed(inventory.households, *places[level]) for level in definition.levels}


def is_urban(inventory: Inventory, definition: Definition) -> Flags:
    """Communities that are urban by the definition's rule."""
    if definition.is_alternative:
        return inventory.community_is_urban_otherwise
    return inventory.community_is_urban


def _passing_ports(inventory: Inventory, definition: Definition) -> ByLevel:
    """Ports by the places that they pass; one that passes many buildings of a place counts once."""
    community = inventory.building_community[inventory.coverage_building]
    port = inventory.coverage_port.astype(np.int64)
    if definition.urban_only:
        urban = is_urban(inventory, definition)[community]
        community, port = community[urban], port[urban]
    columns = {
        Level.CITY: np.zeros(len(port), dtype=np.int64),
        Level.AREA: inventory.community_area[community].astype(np.int64),
        Level.COMMUNITY: community.astype(np.int64),
    }
    size = max(len(inventory.port_olt), 1)
    grouped: ByLevel = {}
    for level in definition.levels:
        group, index = np.divmod(np.unique(columns[level] * size + port), size)
        grouped[level] = Grouped(index.astype(np.int32), group.astype(np.int32))
    return grouped


def _buildings(inventory: Inventory, definition: Definition) -> Population:
    urban = is_urban(inventory, definition)[inventory.building_community]
    counted = urban if definition.urban_only else np.ones_like(urban)
    index: Indices = np.flatnonzero(counted).astype(np.int32)
    levels = _by_level(
        index, definition, area=inventory.building_area, community=inventory.building_community
    )
    ports = _passing_ports(inventory, definition)
    kinds = frozenset({PORT_REPORTER})
    return Population(definition, index, inventory.households[index], levels, ports, None, kinds)


def _communities(inventory: Inventory, definition: Definition) -> Population:
    index = _every(len(inventory.community_area))
    levels = _by_level(index, definition, area=inventory.community_area, community=index)
    if definition.predicate is not Predicate.COMMUNITY_SMART:
        # Reported: no telemetry is behind it.
        return Population(definition, index, None, levels, None, None, frozenset())
    cameras = _by_level(
        inventory.devices_of_kind[CAMERA_KIND], definition, area=inventory.device_area
    )
    ports = _passing_ports(inventory, definition)
    kinds = frozenset({PORT_REPORTER, CAMERA_KIND})
    return Population(definition, index, None, levels, ports, cameras, kinds)


def _devices(inventory: Inventory, definition: Definition) -> Population:
    kind = definition.device_kind
    index = inventory.devices_of_kind[kind] if kind else _every(len(inventory.device_kind))
    levels = _by_level(
        index, definition, area=inventory.device_area, community=inventory.device_community
    )
    kinds = frozenset({kind} if kind else inventory.devices_of_kind)
    return Population(definition, index, None, levels, None, levels, kinds)


_BUILDERS = {
    Subject.PORT: _ports,
    Subject.BUILDING: _buildings,
    Subject.COMMUNITY: _communities,
    Subject.DEVICE: _devices,
}


def populations(inventory: Inventory, definitions: list[Definition]) -> dict[str, Population]:
    """The population of each definition in one city version, by the definition's id.

    Definitions over the same objects at the same levels share their groups, so that what is counted
    by group need be counted once.
    """
    found: dict[str, Population] = {}
    shared: dict[tuple[object, ...], Population] = {}
    for definition in definitions:
        key = (
            definition.subject, definition.levels, definition.device_kind, definition.urban_only,
            definition.is_alternative, definition.per_households,
            definition.predicate is Predicate.COMMUNITY_SMART,
        )  # fmt: skip
        if key not in shared:
            shared[key] = _BUILDERS[definition.subject](inventory, definition)
        found[definition.id] = replace(shared[key], definition=definition)
    return found
