"""The objects behind a figure, each with its verdict and why.

Read from one evaluation, so that what is listed adds up to the figure's numerator and denominator.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gigacity_api.indicators.codes import unpack_camera, unpack_port
from gigacity_api.indicators.definitions import Definition, Level, Subject
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.intake import CAMERA_KIND
from gigacity_api.indicators.newest import NEVER
from gigacity_api.indicators.populations import Population, codes_of
from gigacity_api.indicators.reasons import Reason
from gigacity_api.indicators.smart_community import ItemResult
from gigacity_api.indicators.verdicts import IN, NAMES, OUT, Indices, VerdictName


@dataclass(frozen=True, slots=True)
class Entry:
    """One object."""

    subject: Subject
    id: str
    area: str
    verdict: VerdictName
    reason: Reason
    weight: int
    """What it adds to the denominator, and if it is in to the numerator: 1, or households."""
    last_report_ms: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    """What the newest report said, and what the verdict was made from."""
    community: str | None = None
    parts: tuple["Entry", ...] = ()
    """Of a building: the ports that pass it."""
    items: tuple["ItemEntry", ...] = ()
    """Of a community: the items of the standard."""


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """One community against one item of the standard."""

    result: ItemResult
    verdict: VerdictName
    numerator: int | None
    denominator: int | None
    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a list."""

    entries: list[Entry]
    total: int
    """How many the whole list has."""
    next_offset: int | None


def _time(ts: int) -> int | None:
    return None if ts == NEVER else int(ts)


def port_entry(evaluation: Evaluation, index: int) -> Entry:
    """A port, its verdict and why."""
    universe, state = evaluation.universe, evaluation.state
    registered = universe.city.ports[index]
    tech, admin, oper = unpack_port(int(state.ports.code[index]))
    last = _time(state.ports.ts[index])
    verdict = int(evaluation.ports.in_service_10g[index])
    if last is None:
        reason = Reason.NEVER_REPORTED
    elif not evaluation.ports.fresh[index]:
        reason = Reason.PORT_STALE
    elif verdict == IN:
        reason = Reason.PORT_IN_SERVICE_10G
    elif verdict != OUT:
        reason = Reason.PORT_INCOMPLETE
    elif admin == "down":
        reason = Reason.PORT_ADMIN_DOWN
    elif oper == "down":
        reason = Reason.PORT_OPER_DOWN
    else:
        reason = Reason.PORT_BELOW_10G
    values = {"tech": tech, "admin": admin, "oper": oper, "registered_tech": registered.tech}
    area = universe.city.areas[universe.port_area[index]].code
    return Entry(
        Subject.PORT, str(registered.key), area, NAMES[verdict], reason, 1, last,
        {name: value for name, value in values.items() if value is not None},
    )  # fmt: skip


def building_entry(evaluation: Evaluation, index: int) -> Entry:
    """A building with every port that passes it."""
    universe = evaluation.universe
    building = universe.city.buildings[index]
    parts = tuple(port_entry(evaluation, port) for port in universe.ports_of_building(index))
    verdict = int(evaluation.ports.building_passed[index])
    if not parts:
        reason = Reason.BUILDING_NOT_PASSED
    elif verdict == IN:
        reason = Reason.BUILDING_HAS_10G_PORT
    elif verdict == OUT:
        reason = Reason.BUILDING_ALL_PORTS_OUT
    else:
        reason = Reason.BUILDING_PORTS_UNKNOWN
    reports = [part.last_report_ms for part in parts if part.last_report_ms is not None]
    return Entry(
        Subject.BUILDING, building.id, universe.city.areas[universe.building_area[index]].code,
        NAMES[verdict], reason, building.households, max(reports, default=None),
        {"households": building.households}, building.community, parts,
    )  # fmt: skip


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def item_entries(evaluation: Evaluation, community: int) -> tuple[ItemEntry, ...]:
    """A community against every item."""
    return tuple(
        ItemEntry(
            result,
            NAMES[int(result.verdict[community])],
            int(result.numerator[community]) if result.denominator[community] else None,
            int(result.denominator[community]) or None,
            _number(result.value[community]),
            _number(result.lower[community]),
            _number(result.upper[community]),
        )
        for result in evaluation.communities.items
    )


def community_entry(evaluation: Evaluation, index: int) -> Entry:
    """A community with every item of the standard."""
    community = evaluation.universe.city.communities[index]
    verdict = int(evaluation.communities.smart[index])
    reason = {
        IN: Reason.COMMUNITY_ALL_ITEMS_PASS,
        OUT: Reason.COMMUNITY_ITEM_FAILS,
    }.get(verdict, Reason.COMMUNITY_ITEMS_UNKNOWN)
    return Entry(
        Subject.COMMUNITY, community.code, community.area, NAMES[verdict], reason, 1,
        community=community.code, items=item_entries(evaluation, index),
    )  # fmt: skip


def device_entry(evaluation: Evaluation, index: int) -> Entry:
    """A device, its session and its carrier."""
    universe, state, devices = evaluation.universe, evaluation.state, evaluation.devices
    row, name = universe.device_range(index)
    last = _time(state.devices.ts[index])
    if devices.ended[index]:
        reason = Reason.DEVICE_SESSION_ENDED
    elif devices.fresh[index]:
        reason = Reason.DEVICE_REPORTS
    elif devices.carrier_alive[index]:
        reason = Reason.DEVICE_SILENT
    elif last is None:
        reason = Reason.NEVER_REPORTED
    else:
        reason = Reason.DEVICE_CARRIER_UNPROVEN
    values: dict[str, Any] = {"kind": row.kind}
    if row.gateway:
        values["gateway"] = row.gateway
    session = _time(state.sessions["device"].ts[index])
    if session is not None:
        values["session_ms"] = session
        if devices.ended[index]:
            values["ended_ms"] = int(-state.sessions["device"].code[index])
    if row.kind == CAMERA_KIND and last is not None:
        camera = unpack_camera(int(state.devices.code[index]))
        values |= {key: value for key, value in camera.items() if value is not None}
    return Entry(
        Subject.DEVICE, name, universe.city.areas[universe.device_area[index]].code,
        NAMES[int(devices.online[index])], reason, 1, last, values, row.community,
    )  # fmt: skip


ENTRY_OF = {
    Subject.PORT: port_entry,
    Subject.BUILDING: building_entry,
    Subject.COMMUNITY: community_entry,
    Subject.DEVICE: device_entry,
}


def objects_of(evaluation: Evaluation, population: Population, level: Level, code: str) -> Indices:
    """The objects that a figure counts, in the order of the city file.

    Raises:
        KeyError: the level has no such code, or the definition no such level.
    """
    grouped = population.levels[level]
    codes = codes_of(evaluation.universe, level)
    if code not in codes:
        raise KeyError(code)
    objects: Indices = grouped.index[grouped.group == codes.index(code)]
    return objects


def page(
    evaluation: Evaluation,
    definition: Definition,
    objects: Indices,
    *,
    verdict: int | None,
    offset: int,
    limit: int,
) -> Page:
    """Some of the objects, those with one verdict if it is given."""
    if verdict is not None:
        objects = objects[evaluation.verdicts(definition)[objects] == verdict]
    chosen = objects[offset : offset + limit]
    make = ENTRY_OF[definition.subject]
    end = offset + len(chosen)
    return Page(
        [make(evaluation, int(index)) for index in chosen],
        len(objects),
        end if end < len(objects) else None,
    )
