"""Orders in which evidence may be listed: a key for every object of a definition's subject.

Every key is a column of one instant, and equals stay in the order of the city file: a list has one
order, on whichever page it goes on.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gigacity_api.indicators.definitions import Definition, Subject
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.reasons import ALL
from gigacity_api.indicators.verdicts import IN, OUT, UNKNOWN, Indices, Integers
from gigacity_api.indicators.why import reasons

EvidenceSort = Literal[
    "registered", "code", "-code", "verdict", "-verdict", "reason", "-reason", "last_report",
    "-last_report", "weight", "-weight", "adds", "-adds",
]  # fmt: skip
"""``registered`` is the order of the city file."""

Keys = NDArray[np.int64] | NDArray[np.float64]

_VERDICT_RANK = {OUT: 0, UNKNOWN: 1, IN: 2}
_REASON_RANK = np.argsort(np.argsort([str(reason) for reason in ALL]))


def ordered(
    evaluation: Evaluation, definition: Definition, objects: Indices, sort: EvidenceSort
) -> Indices:
    """The objects in an order; those that never reported come last by ``last_report``."""
    column = sort.removeprefix("-")
    if column == "registered":
        return objects
    keys = _keys(evaluation, definition, column)[objects]
    is_last = keys == NEVER
    order = np.lexsort((-keys if sort.startswith("-") else keys, is_last))
    return objects[order]


def _keys(evaluation: Evaluation, definition: Definition, column: str) -> Keys:
    if column == "code":
        return code_rank(evaluation.inventory, definition.subject)
    if column == "verdict":
        verdicts = evaluation.verdicts(definition)
        ranks = np.array([_VERDICT_RANK[v] for v in (UNKNOWN, OUT, IN)], dtype=np.int64)
        found: Integers = ranks[verdicts.astype(np.int64) + 1]
        return found
    if column == "reason":
        rank: Integers = _REASON_RANK[reasons(evaluation, definition.predicate)]
        return rank
    if column == "last_report":
        return _last_reports(evaluation, definition.subject)
    adds, weight = parts(evaluation, definition)
    return adds if column == "adds" else weight


def _last_reports(evaluation: Evaluation, subject: Subject) -> Integers:
    inventory, state = evaluation.inventory, evaluation.state
    if subject is Subject.PORT:
        return state.ports.ts
    if subject is Subject.DEVICE:
        return state.devices.ts
    if subject is Subject.COMMUNITY:
        return np.full(len(inventory.community_area), NEVER, dtype=np.int64)
    newest = np.full(len(inventory.building_area), NEVER, dtype=np.int64)
    np.maximum.at(newest, inventory.coverage_building, state.ports.ts[inventory.coverage_port])
    return newest


def parts(evaluation: Evaluation, definition: Definition) -> tuple[Keys, Keys]:
    """What every object of the subject adds to numerator and denominator."""
    column = evaluation.columns[definition.predicate]
    if column.counts is not None:
        known_in, known_out, unknown = column.counts
        return known_in, known_in + known_out + unknown
    weight = _weights(evaluation.inventory, definition, len(column.verdicts))
    return np.where(column.verdicts == IN, weight, 0), weight


def _weights(inventory: Inventory, definition: Definition, size: int) -> Keys:
    if definition.subject is Subject.BUILDING:
        return inventory.households
    each = inventory.parameter("households_per_10g_port") if definition.per_households else 1
    return np.full(size, each or 0, dtype=np.float64)


def code_rank(inventory: Inventory, subject: Subject) -> Integers:
    """Where each object stands by its code; kept with the inventory.

    Ports by OLT, then slot and port as numbers; devices by community, then prefix and number of
    their id; the others as texts.
    """
    found = inventory.code_ranks.get(subject)
    if found is None:
        order = np.array(_ORDERS[subject](inventory), dtype=np.int64)
        found = np.empty_like(order)
        found[order] = np.arange(len(order))
        inventory.code_ranks[subject] = found
    return found


def _ports(inventory: Inventory) -> list[int]:
    keys = [(p.key.olt, p.key.slot, p.key.port) for p in inventory.city.ports]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _buildings(inventory: Inventory) -> list[int]:
    return sorted(
        range(len(inventory.city.buildings)), key=lambda i: inventory.city.buildings[i].id
    )


def _communities(inventory: Inventory) -> list[int]:
    communities = inventory.city.communities
    return sorted(range(len(communities)), key=lambda i: communities[i].code)


def _devices(inventory: Inventory) -> list[int]:
    """Rows of the registry in order: inside one, the numbers ascend already."""
    rows = sorted(
        inventory.city.devices.ranges,
        key=lambda row: (row.community, row.ids.prefix, row.ids.first or 0),
    )
    return [index for row in rows for index in range(row.offset, row.offset + len(row.ids))]


_ORDERS = {
    Subject.PORT: _ports,
    Subject.BUILDING: _buildings,
    Subject.COMMUNITY: _communities,
    Subject.DEVICE: _devices,
}
