"""Which of a figure's objects are asked for, and in which order. Pure."""

from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.definitions import Definition, Subject
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.ordering import EvidenceSort, ordered
from gigacity_api.indicators.reasons import Reason, code_of
from gigacity_api.indicators.universe import Universe
from gigacity_api.indicators.verdicts import Flags, Indices
from gigacity_api.indicators.why import reasons


class Selection(NamedTuple):
    """Conditions that an object meets all of; None or empty: any."""

    verdict: int | None = None
    reasons: frozenset[Reason] = frozenset()
    """One of these."""
    area: int | None = None
    community: int | None = None
    """Of ports: those that pass it."""
    sort: EvidenceSort = "registered"


def select(
    evaluation: Evaluation, definition: Definition, objects: Indices, asked: Selection
) -> Indices:
    """The objects that are asked for, in the order asked for."""
    universe, subject = evaluation.universe, definition.subject
    if asked.verdict is not None:
        objects = objects[evaluation.verdicts(definition)[objects] == asked.verdict]
    if asked.reasons:
        wanted = np.array([code_of(reason) for reason in asked.reasons], dtype=np.int8)
        objects = objects[np.isin(reasons(evaluation, definition.predicate)[objects], wanted)]
    if asked.area is not None:
        objects = objects[_areas(universe, subject)[objects] == asked.area]
    if asked.community is not None:
        objects = objects[_is_of(universe, subject, asked.community)[objects]]
    return ordered(evaluation, definition, objects, asked.sort)


def _areas(universe: Universe, subject: Subject) -> Indices:
    return {
        Subject.PORT: universe.port_area,
        Subject.BUILDING: universe.building_area,
        Subject.COMMUNITY: universe.community_area,
        Subject.DEVICE: universe.device_area,
    }[subject]


def _is_of(universe: Universe, subject: Subject, community: int) -> Flags:
    found: Flags
    if subject is Subject.PORT:
        passes = universe.building_community[universe.coverage_building] == community
        found = np.zeros(len(universe.port_olt), dtype=np.bool_)
        found[universe.coverage_port[passes]] = True
    elif subject is Subject.BUILDING:
        found = universe.building_community == community
    elif subject is Subject.COMMUNITY:
        found = np.arange(len(universe.community_area)) == community
    else:
        found = universe.device_community == community
    return found
