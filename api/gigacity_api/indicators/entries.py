"""One object behind a figure: its verdict, why, and what it adds. ``evidence`` lists them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gigacity_api.indicators.codes import unpack_camera, unpack_port
from gigacity_api.indicators.definitions import Definition, Predicate, Subject
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.line_codes import unpack_line
from gigacity_api.indicators.reasons import VerdictReason
from gigacity_api.indicators.row_loader import CAMERA_KIND
from gigacity_api.indicators.smart_community import ItemResult
from gigacity_api.indicators.verdicts import IN, NAMES, VerdictName
from gigacity_api.indicators.why import reason_at

_LINE_PREDICATES = {Predicate.PORT_OPTICS, Predicate.PORT_ONUS}


@dataclass(frozen=True, slots=True)
class Entry:
    """One object."""

    subject: Subject
    id: str
    area: str
    verdict: VerdictName
    reason: VerdictReason
    weight: float
    """What it adds to the denominator: 1, households, ONUs, square metres."""
    last_report_ms: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    """What the newest report said, and what the verdict was made from."""
    community: str | None = None
    parts: tuple["Entry", ...] = ()
    """Of a building: the ports that pass it."""
    items: tuple["ItemEntry", ...] = ()
    """Of a community: the items of the standard."""
    adds: float = 0
    """What it adds to the numerator: its weight if it is in, unless the figure sums counts."""


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


def _time(ts: int) -> int | None:
    return None if ts == NEVER else int(ts)


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def parts_of(
    evaluation: Evaluation, predicate: Predicate, index: int, weight: float
) -> tuple[float, float]:
    """What an object adds to numerator and denominator."""
    column = evaluation.columns[predicate]
    if column.counts is None:
        return (weight if column.verdicts[index] == IN else 0), weight
    known_in, known_out, unknown = (int(part[index]) for part in column.counts)
    return known_in, known_in + known_out + unknown


def port_entry(
    evaluation: Evaluation,
    index: int,
    predicate: Predicate = Predicate.PORT_10G,
    weight: float = 1,
) -> Entry:
    """A port, its verdict and why."""
    inventory, state = evaluation.inventory, evaluation.state
    registered = inventory.city.ports[index]
    said = unpack_port(int(state.ports.code[index]))
    values = {**said._asdict(), "registered_tech": registered.tech}
    if predicate in _LINE_PREDICATES:
        values |= unpack_line(int(state.ports.line[index]))._asdict()
    adds, weight = parts_of(evaluation, predicate, index, weight)
    return Entry(
        Subject.PORT, str(registered.key), inventory.city.areas[inventory.port_area[index]].code,
        NAMES[int(evaluation.columns[predicate].verdicts[index])],
        reason_at(evaluation, predicate, index), weight, _time(state.ports.ts[index]),
        _present(values), adds=adds,
    )  # fmt: skip


def building_entry(evaluation: Evaluation, index: int) -> Entry:
    """A building with every port that passes it."""
    inventory = evaluation.inventory
    building = inventory.city.buildings[index]
    parts = tuple(port_entry(evaluation, port) for port in inventory.ports_of_building(index))
    verdict = int(evaluation.ports.building_passed[index])
    reason = reason_at(evaluation, Predicate.BUILDING_10G, index)
    reports = [part.last_report_ms for part in parts if part.last_report_ms is not None]
    return Entry(
        Subject.BUILDING, building.id, inventory.city.areas[inventory.building_area[index]].code,
        NAMES[verdict], reason, building.households, max(reports, default=None),
        {"households": building.households}, building.community, parts,
        adds=building.households if verdict == IN else 0,
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


def community_entry(
    evaluation: Evaluation, index: int, predicate: Predicate = Predicate.COMMUNITY_SMART
) -> Entry:
    """A community with every item of the standard, and the levels that it reaches."""
    community = evaluation.inventory.city.communities[index]
    verdict = int(evaluation.columns[predicate].verdicts[index])
    levels = {
        f"level_{level}": "not_assessed" if column is None else NAMES[int(column[index])]
        for level, column in evaluation.communities.levels.items()
    }
    adds, weight = parts_of(evaluation, predicate, index, 1)
    return Entry(
        Subject.COMMUNITY, community.code, community.area, NAMES[verdict],
        reason_at(evaluation, predicate, index), weight, values=levels, community=community.code,
        items=item_entries(evaluation, index), adds=adds,
    )  # fmt: skip


def device_entry(
    evaluation: Evaluation, index: int, predicate: Predicate = Predicate.DEVICE_ONLINE
) -> Entry:
    """A device, its session and its carrier; of a camera what it says of itself."""
    inventory, state, devices = evaluation.inventory, evaluation.state, evaluation.devices
    row, name = inventory.device_range(index)
    last = _time(state.devices.ts[index])
    verdict = int(evaluation.columns[predicate].verdicts[index])
    values: dict[str, Any] = {"kind": row.kind}
    if row.gateway:
        values["gateway"] = row.gateway
    session = _time(state.sessions["device"].ts[index])
    if session is not None:
        values["session_ms"] = session
        if devices.ended[index]:
            values["ended_ms"] = int(-state.sessions["device"].code[index])
    if row.kind == CAMERA_KIND and last is not None:
        values |= _present(unpack_camera(int(state.devices.code[index])))
    return Entry(
        Subject.DEVICE, name, inventory.city.areas[inventory.device_area[index]].code,
        NAMES[verdict], reason_at(evaluation, predicate, index), 1, last, values,
        row.community, adds=1 if verdict == IN else 0,
    )  # fmt: skip


def entry(evaluation: Evaluation, definition: Definition, index: int) -> Entry:
    """An object of a definition's subject, as that definition sees it."""
    if definition.subject is Subject.PORT:
        weight = 1.0
        if definition.per_households:
            weight = float(evaluation.inventory.parameter("households_per_10g_port") or 0)
        shown = int(weight) if weight.is_integer() else weight
        return port_entry(evaluation, index, definition.predicate, shown)
    if definition.subject is Subject.BUILDING:
        return building_entry(evaluation, index)
    if definition.subject is Subject.COMMUNITY:
        return community_entry(evaluation, index, definition.predicate)
    return device_entry(evaluation, index, definition.predicate)
