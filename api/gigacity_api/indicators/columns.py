"""The answer to each predicate, as a column over all objects of its subject."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.definitions import Predicate
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.row_loader import CAMERA_KIND
from gigacity_api.indicators.verdicts import (
    IN,
    OUT,
    UNKNOWN,
    Flags,
    Integers,
    Verdicts,
)


class Counts(NamedTuple):
    """What each object adds to a figure, where that is not its whole weight to one side."""

    known_in: Integers
    known_out: Integers
    unknown: Integers


@dataclass(frozen=True, slots=True)
class VerdictColumn:
    """Verdicts of all objects of a subject, and what each adds."""

    verdicts: Verdicts
    counts: Counts | None = None
    """None: each adds its weight to the side of its verdict."""


Columns = dict[Predicate, VerdictColumn]


def reported(part: Integers, whole: Integers, is_known: Flags) -> VerdictColumn:
    """Parts of wholes that were reported as such; one that was not is unknown as a whole.

    An object is in when its part is the whole, out when it is not.
    """
    known_in = np.where(is_known, np.minimum(part, whole), 0)
    known_out = np.where(is_known, whole - known_in, 0)
    verdicts = np.where(is_known, np.where(known_out == 0, IN, OUT), UNKNOWN).astype(np.int8)
    return VerdictColumn(verdicts, Counts(known_in, known_out, np.where(is_known, 0, whole)))


class Registered(NamedTuple):
    """A community's part of a whole, as the city file has it."""

    part: Integers
    whole: Integers
    is_known: Flags


def _values(inventory: Inventory, field: str) -> tuple[Integers, Flags]:
    values: list[int | None] = [getattr(c, field) for c in inventory.city.communities]
    known = np.array([value is not None for value in values], dtype=np.bool_)
    return np.array([value or 0 for value in values], dtype=np.int64), known


def registered_items(inventory: Inventory) -> dict[Predicate, Registered]:
    """What offices report about communities, once for a city version.

    Unlike surface and households, the whole of key positions is itself reported: a community that
    has not done so adds nothing.
    """
    covered, covered_known = _values(inventory, "area_5g_m2")
    surface, _ = _values(inventory, "surface_m2")
    homes, homes_known = _values(inventory, "tv_households")
    positions, positions_known = _values(inventory, "key_positions")
    cameras = np.bincount(
        inventory.device_community[inventory.devices_of_kind[CAMERA_KIND]],
        minlength=len(inventory.city.communities),
    )
    return {
        Predicate.COMMUNITY_5G_AREA: Registered(covered, surface, covered_known),
        Predicate.COMMUNITY_TV: Registered(homes, inventory.community_households, homes_known),
        Predicate.COMMUNITY_CAMERAS: Registered(
            np.minimum(cameras, positions), positions, positions_known
        ),
    }
