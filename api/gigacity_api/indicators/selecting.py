"""Which of a figure's objects are asked for, and in which order. Pure."""

from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.definitions import Definition, Subject
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.ordering import EvidenceSort, ordered
from gigacity_api.indicators.reasons import VerdictReason, code_of
from gigacity_api.indicators.verdicts import Flags, Indices
from gigacity_api.indicators.why import reasons


class Selection(NamedTuple):
    """Conditions that an object meets all of; None or empty: any."""

    verdict: int | None = None
    reasons: frozenset[VerdictReason] = frozenset()
    """One of these."""
    area: int | None = None
    community: int | None = None
    """Of ports: those that pass it."""
    sort: EvidenceSort = "registered"


def select(
    evaluation: Evaluation, definition: Definition, objects: Indices, asked: Selection
) -> Indices:
    """The objects that are asked for, in the order asked for."""
    inventory, subject = evaluation.inventory, definition.subject
    if asked.verdict is not None:
        objects = objects[evaluation.verdicts(definition)[objects] == asked.verdict]
    if asked.reasons:
        wanted = np.array([code_of(reason) for reason in asked.reasons], dtype=np.int8)
        objects = objects[np.isin(reasons(evaluation, definition.predicate)[objects], wanted)]
    if asked.area is not None:
        objects = objects[_areas(inventory, subject)[objects] == asked.area]
    if asked.community is not None:
        objects = objects[_is_of(inventory, subject, asked.community)[objects]]
    return ordered(evaluation, definition, objects, asked.sort)


def _areas(inventory: Inventory, subject: Subject) -> Indices:
    return {
        Subject.PORT: inventory.port_area,
        Subject.BUILDING: inventory.building_area,
        Subject.COMMUNITY: inventory.community_area,
        Subject.DEVICE: inventory.device_area,
    }[subject]


def _is_of(inventory: Inventory, subject: Subject, community: int) -> Flags:
    found: Flags
    if subject is Subject.PORT:
        passes = inventory.building_community[inventory.coverage_building] == community
        found = np.zeros(len(inventory.port_olt), dtype=np.bool_)
        found[inventory.coverage_port[passes]] = True
    elif subject is Subject.BUILDING:
        found = inventory.building_community == community
    elif subject is Subject.COMMUNITY:
        found = np.arange(len(inventory.community_area)) == community
    else:
        found = inventory.device_community == community
    return found
