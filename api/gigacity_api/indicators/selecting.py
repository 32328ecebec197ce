"""Which of a figure's objects are asked for, and in which order.

Every key of an order is a column of one instant, and equals stay in the order of the city file: a
list has one order, on whichever page it goes on.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.rules import CityInstant, ReasonColumn
from gigacity_api.indicators.verdicts import IN, OUT, UNKNOWN, Flags, Indices, Integers, Weights

EvidenceSort = Literal[
    "registered", "code", "-code", "verdict", "-verdict", "reason", "-reason", "last_report",
    "-last_report", "weight", "-weight", "adds", "-adds",
]  # fmt: skip
"""``registered`` is the order of the city file."""

_VERDICT_RANK = {OUT: 0, UNKNOWN: 1, IN: 2}


class Selection(NamedTuple):
    """Conditions that an object meets all of; None or empty: any."""

    verdict: int | None = None
    reasons: frozenset[str] = frozenset()
    """One of these slugs."""
    area: int | None = None
    community: int | None = None
    """Of ports: those that pass it."""
    sort: EvidenceSort = "registered"


def select(
    instant: CityInstant, definition: Definition, objects: Indices, asked: Selection
) -> Indices:
    """The objects that are asked for, in the order asked for."""
    inventory, rule = instant.inventory, definition.rule
    if asked.verdict is not None:
        objects = objects[rule.judge(instant).verdicts[objects] == asked.verdict]
    if asked.reasons:
        objects = objects[_has_reason(rule.explain(instant), asked.reasons)[objects]]
    if asked.area is not None:
        objects = objects[definition.areas(inventory)[objects] == asked.area]
    if asked.community is not None:
        objects = objects[definition.is_of_community(inventory, asked.community)[objects]]
    return _ordered(instant, definition, objects, asked.sort)


def _has_reason(reasons: ReasonColumn, slugs: frozenset[str]) -> Flags:
    wanted = [code for code, reason in enumerate(reasons.table) if reason.slug in slugs]
    return np.isin(reasons.codes, np.array(wanted, dtype=np.int8))


def _ordered(
    instant: CityInstant, definition: Definition, objects: Indices, sort: EvidenceSort
) -> Indices:
    """The objects in an order; those that never reported come last by ``last_report``."""
    column = sort.removeprefix("-")
    if column == "registered":
        return objects
    keys = _keys(instant, definition, column)[objects]
    is_last = keys == NEVER
    order = np.lexsort((-keys if sort.startswith("-") else keys, is_last))
    return objects[order]


def _keys(instant: CityInstant, definition: Definition, column: str) -> Weights:
    if column == "code":
        return _code_rank(instant.inventory, definition)
    if column == "verdict":
        ranks = [_VERDICT_RANK[verdict] for verdict in (UNKNOWN, OUT, IN)]
        return _looked_up(ranks, definition.rule.judge(instant).verdicts + 1)
    if column == "reason":
        reasons = definition.rule.explain(instant)
        slugs = sorted(reason.slug for reason in reasons.table)
        return _looked_up([slugs.index(r.slug) for r in reasons.table], reasons.codes)
    if column == "last_report":
        return definition.last_reports(instant)
    adds, weight = definition.parts(instant)
    return adds if column == "adds" else weight


def _looked_up(ranks: list[int], codes: NDArray[np.int8]) -> Integers:
    found: Integers = np.array(ranks, dtype=np.int64)[codes]
    return found


def _code_rank(inventory: Inventory, definition: Definition) -> Integers:
    """Where each object stands by its code; made once for a city version."""

    def make() -> Integers:
        order = np.array(definition.code_order(inventory), dtype=np.int64)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        return rank

    return inventory.once(("code rank", definition.subject), make)
