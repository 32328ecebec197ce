"""Reporters by kind and area: how many are expected, fresh, incomplete, implausible. Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.city_state import UnregisteredReporter
from gigacity_api.indicators.evaluation import report_windows, unregistered_by_area
from gigacity_api.indicators.inventory import CAMERA_KIND, KINDS
from gigacity_api.indicators.levels import PORT_REPORTER
from gigacity_api.indicators.quality import Quality, grade
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.subjects.device.cameras import incomplete_cameras
from gigacity_api.indicators.subjects.device.presence import device_presence
from gigacity_api.indicators.subjects.port.plausibility import implausible_ports, incomplete_ports
from gigacity_api.indicators.subjects.port.subject import fresh_ports
from gigacity_api.indicators.verdicts import Flags, Indices


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


def _reporters(instant: CityInstant) -> Iterator[_Reporters]:
    inventory = instant.inventory
    yield _Reporters(
        PORT_REPORTER,
        inventory.port_area,
        fresh_ports(instant),
        incomplete_ports(instant),
        implausible_ports(instant),
    )
    for kind in KINDS:
        mine = inventory.devices_of_kind[kind]
        incomplete = incomplete_cameras(instant)[mine] if kind == CAMERA_KIND else None
        fresh = device_presence(instant).fresh[mine]
        yield _Reporters(kind, inventory.device_area[mine], fresh, incomplete, None)


def shares(instant: CityInstant) -> Iterator[Share]:
    """Of each kind the city first, then every area that expects or hears anything of it."""
    codes = [area.code for area in instant.inventory.city.areas]
    by_area = unregistered_by_area(instant)
    everywhere: Counter[str] = Counter()
    for (kind, _), count in by_area.items():
        everywhere[kind] += count
    for mine in _reporters(instant):
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


def current_unregistered(instant: CityInstant) -> Iterator[tuple[UnregisteredReporter, int]]:
    """Unregistered reporters that reported inside the window of their kind."""
    windows = report_windows(instant.inventory.city)
    for reporter, at in instant.state.unregistered.seen.items():
        if at > instant.as_of_ms - windows[reporter.kind]:
            yield reporter, at
