"""Reporters by kind and area: how many are expected, fresh, incomplete, implausible. Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.city_state import UnregisteredReporter
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.inventory import KINDS
from gigacity_api.indicators.plausibility import incomplete_cameras, incomplete_ports
from gigacity_api.indicators.quality import Quality, grade
from gigacity_api.indicators.row_loader import CAMERA_KIND
from gigacity_api.indicators.verdicts import Flags, Indices

PORT = "port"


class Share(NamedTuple):
    """The registered reporters of one kind in one area, and what their newest reports are like."""

    kind: str
    area: str | None
    """None: the whole city."""
    expected: int
    fresh: int
    incomplete: int | None
    """Fresh, without a value that a figure needs; None: no figure needs a value of this kind."""
    implausible: int | None
    """Fresh, and contradicting itself; None: no two values of this kind are laid side by side."""
    unregistered: int
    quality: Quality


class _Reporters(NamedTuple):
    kind: str
    area: Indices
    fresh: Flags
    incomplete: Flags | None
    implausible: Flags | None


def _reporters(evaluation: Evaluation) -> Iterator[_Reporters]:
    inventory, state = evaluation.inventory, evaluation.state
    fresh = evaluation.ports.fresh
    yield _Reporters(
        PORT, inventory.port_area, fresh, incomplete_ports(state.ports, fresh),
        evaluation.implausible_ports,
    )  # fmt: skip
    for kind in KINDS:
        mine = inventory.devices_of_kind[kind]
        fresh = evaluation.devices.fresh[mine]
        incomplete = (
            incomplete_cameras(state.devices.code[mine], fresh) if kind == CAMERA_KIND else None
        )
        yield _Reporters(kind, inventory.device_area[mine], fresh, incomplete, None)


def shares(evaluation: Evaluation) -> Iterator[Share]:
    """Of each kind the city first, then every area that expects or hears anything of it."""
    codes = [area.code for area in evaluation.inventory.city.areas]
    by_area = Counter((s.kind, s.area) for s, _ in current_unregistered(evaluation))
    everywhere = Counter(s.kind for s, _ in current_unregistered(evaluation))
    for mine in _reporters(evaluation):
        counts = [_by_area(mine, flags, len(codes)) for flags in (mine.fresh, *mine[3:])]
        expected = np.bincount(mine.area, minlength=len(codes)).tolist()
        totals = [None if column is None else sum(column) for column in counts]
        yield _share(mine.kind, None, sum(expected), totals, everywhere[mine.kind])
        for index, area in enumerate(codes):
            unregistered = by_area[mine.kind, area]
            here = [None if column is None else column[index] for column in counts]
            if expected[index] or unregistered:
                yield _share(mine.kind, area, expected[index], here, unregistered)


def _by_area(mine: _Reporters, flags: Flags | None, size: int) -> list[int] | None:
    if flags is None:
        return None
    counts: list[int] = np.bincount(mine.area[flags], minlength=size).tolist()
    return counts


def _share(
    kind: str, area: str | None, expected: int, counts: list[int | None], unregistered: int
) -> Share:
    fresh, incomplete, implausible = counts
    found = grade(fresh or 0, expected, unregistered, implausible or 0)
    return Share(
        kind, area, expected, fresh or 0, incomplete, implausible, unregistered, found
    )  # fmt: skip


def current_unregistered(evaluation: Evaluation) -> Iterator[tuple[UnregisteredReporter, int]]:
    """Unregistered reporters that reported inside the window of their kind."""
    windows = {kind: _window_ms(evaluation, kind) for kind in (PORT, *KINDS)}
    for reporter, at in evaluation.state.unregistered.seen.items():
        if at > evaluation.as_of_ms - windows[reporter.kind]:
            yield reporter, at


def _window_ms(evaluation: Evaluation, kind: str) -> int:
    cadence = evaluation.inventory.city.cadence
    return cadence.pon_window_ms() if kind == PORT else cadence.window_ms(kind)
