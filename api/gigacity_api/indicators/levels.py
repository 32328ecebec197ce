"""Levels of figures, and the objects that a definition counts, grouped by them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

import numpy as np

from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.verdicts import Indices, Integers

ReporterKind = Literal["ports", "devices"]
PORT_REPORTER = "port"


class Level(StrEnum):
    """Scopes of a figure."""

    CITY = "city"
    AREA = "area"
    COMMUNITY = "community"
    OLT = "olt"


def codes_of(inventory: Inventory, level: Level) -> list[str]:
    """The codes of a level's groups, in the order of their index."""
    return {
        Level.CITY: [inventory.city.code],
        Level.AREA: list(inventory.area_index),
        Level.COMMUNITY: list(inventory.community_index),
        Level.OLT: list(inventory.olt_index),
    }[level]


@dataclass(frozen=True, slots=True)
class Grouped:
    """Objects by index, and the group of each."""

    index: Indices
    group: Indices


ByLevel: TypeAlias = dict[Level, Grouped]
"""The same objects, grouped at every level of a definition."""


def every(size: int) -> Indices:
    """All objects of a subject."""
    return np.arange(size, dtype=np.int32)


def by_level(index: Indices, levels: tuple[Level, ...], **groups: Indices) -> ByLevel:
    """Objects by place.

    Args:
        index: the objects that count.
        levels: where figures are made.
        groups: by level the place of every object of the subject; the city needs none.

    Raises:
        KeyError: nothing says where the objects are at one of the levels.
    """
    columns = {Level(name): column[index] for name, column in groups.items()}
    columns[Level.CITY] = np.zeros(len(index), dtype=np.int32)
    return {level: Grouped(index, columns[level]) for level in levels}


@dataclass(frozen=True, slots=True)
class Population:
    """What a definition counts.

    It does not change while a city version is in force; it is built once and used at every instant.
    Definitions over the same objects at the same levels share it, so that what is counted by group
    need be counted once.
    """

    index: Indices
    """The objects that count."""
    levels: ByLevel
    reporters: tuple[tuple[ReporterKind, ByLevel], ...] = ()
    """Whose reports it rests on."""
    unregistered_kinds: frozenset[str] = frozenset()
    """Unregistered reporters of these kinds would belong to this figure."""
    wholes: dict[Level, Integers] | None = None
    """The denominators, where they are not what the objects add up to."""
