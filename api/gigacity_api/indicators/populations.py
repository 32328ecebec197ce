"""Over which objects a definition counts, with which weight, grouped by level.

A population does not change while a city version is in force; it is built once and used at every
instant.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from gigacity_api.indicators.definitions import Definition, Level, Predicate, Subject
from gigacity_api.indicators.intake import CAMERA_KIND
from gigacity_api.indicators.universe import Universe
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
    stranger_kinds: frozenset[str]
    """Unregistered reporters of these kinds would belong to this figure."""
    wholes: dict[Level, Integers] | None = None
    """The denominators, where they are not what the objects add up to."""


def codes_of(universe: Universe, level: Level) -> list[str]:
    """The codes of a level's groups, in the order of their index."""
    return {
        Level.CITY: [universe.city.code],
        Level.AREA: list(universe.area_index),
        Level.COMMUNITY: list(universe.community_index),
        Level.OLT: list(universe.olt_index),
    }[level]


def _by_level(index: Indices, definition: Definition, **columns: Indices) -> ByLevel:
    whole = np.zeros(len(index), dtype=np.int32)
    groups = {Level(name): column[index] for name, column in columns.items()}
    return {level: Grouped(index, groups.get(level, whole)) for level in definition.levels}


def _every(size: int) -> Indices:
    return np.arange(size, dtype=np.int32)


def _ports(universe: Universe, definition: Definition) -> Population:
    index = _every(len(universe.port_olt))
    levels = _by_level(index, definition, area=universe.port_area, olt=universe.port_olt)
    kinds = frozenset({PORT_REPORTER})
    if not definition.per_households:
        return Population(definition, index, None, levels, levels, None, kinds)
    each = universe.parameter("households_per_10g_port") or 0.0
    weights = np.full(len(index), each)
    wholes = _households(universe, definition)
    return Population(definition, index, weights, levels, levels, None, kinds, wholes)


def _households(universe: Universe, definition: Definition) -> dict[Level, Integers]:
    """All registered households by place."""
    places = {
        Level.CITY: (np.zeros_like(universe.building_area), 1),
        Level.AREA: (universe.building_area, len(universe.area_index)),
    }
    return {level: summed(universe.households, *places[level]) for level in definition.levels}


def is_urban(universe: Universe, definition: Definition) -> Flags:
    """Communities that are urban by the definition's rule."""
    if definition.is_alternative:
        return universe.community_is_urban_otherwise
    return universe.community_is_urban


def _passing_ports(universe: Universe, definition: Definition) -> ByLevel:
    """Ports by the places that they pass; one that passes many buildings of a place counts once."""
    community = universe.building_community[universe.coverage_building]
    port = universe.coverage_port.astype(np.int64)
    if definition.urban_only:
        urban = is_urban(universe, definition)[community]
        community, port = community[urban], port[urban]
    columns = {
        Level.CITY: np.zeros(len(port), dtype=np.int64),
        Level.AREA: universe.community_area[community].astype(np.int64),
        Level.COMMUNITY: community.astype(np.int64),
    }
    size = max(len(universe.port_olt), 1)
    grouped: ByLevel = {}
    for level in definition.levels:
        group, index = np.divmod(np.unique(columns[level] * size + port), size)
        grouped[level] = Grouped(index.astype(np.int32), group.astype(np.int32))
    return grouped


def _buildings(universe: Universe, definition: Definition) -> Population:
    urban = is_urban(universe, definition)[universe.building_community]
    counted = urban if definition.urban_only else np.ones_like(urban)
    index: Indices = np.flatnonzero(counted).astype(np.int32)
    levels = _by_level(
        index, definition, area=universe.building_area, community=universe.building_community
    )
    ports = _passing_ports(universe, definition)
    kinds = frozenset({PORT_REPORTER})
    return Population(definition, index, universe.households[index], levels, ports, None, kinds)


def _communities(universe: Universe, definition: Definition) -> Population:
    index = _every(len(universe.community_area))
    levels = _by_level(index, definition, area=universe.community_area, community=index)
    if definition.predicate is not Predicate.COMMUNITY_SMART:
        # Reported: no telemetry is behind it.
        return Population(definition, index, None, levels, None, None, frozenset())
    cameras = _by_level(
        universe.devices_of_kind[CAMERA_KIND], definition, area=universe.device_area
    )
    ports = _passing_ports(universe, definition)
    kinds = frozenset({PORT_REPORTER, CAMERA_KIND})
    return Population(definition, index, None, levels, ports, cameras, kinds)


def _devices(universe: Universe, definition: Definition) -> Population:
    kind = definition.device_kind
    index = universe.devices_of_kind[kind] if kind else _every(len(universe.device_kind))
    levels = _by_level(
        index, definition, area=universe.device_area, community=universe.device_community
    )
    kinds = frozenset({kind} if kind else universe.devices_of_kind)
    return Population(definition, index, None, levels, None, levels, kinds)


_BUILDERS = {
    Subject.PORT: _ports,
    Subject.BUILDING: _buildings,
    Subject.COMMUNITY: _communities,
    Subject.DEVICE: _devices,
}


def populations(universe: Universe, definitions: list[Definition]) -> dict[str, Population]:
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
            shared[key] = _BUILDERS[definition.subject](universe, definition)
        found[definition.id] = replace(shared[key], definition=definition)
    return found
