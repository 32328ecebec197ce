"""Dividing areas among workers: deterministic, balanced by the load that the city file promises.

Pure. The result depends on the city and the number of workers alone, so that every start of the
same plan gives the same owners.
"""

from collections.abc import Iterable, Mapping, Sequence

from gigacity_city.model import City


def expected_load(city: City) -> dict[str, float]:
    """Points a second by area, as its registered ports and devices are expected to report."""
    load = dict.fromkeys((area.code for area in city.areas), 0.0)
    for port in city.ports:
        load[city.olt_by_id[port.key.olt].area] += 1 / city.cadence.pon_s
    for row in city.devices.ranges:
        area = city.community_by_code[row.community].area
        load[area] += len(row.ids) / city.cadence.expected_s(row.kind)
    return load


def divide(
    areas: Iterable[str], load: Mapping[str, float], parts: int
) -> tuple[tuple[str, ...], ...]:
    """Split areas into so many parts; none is empty if there are as many areas.

    The heaviest area first, each to the part that has least: at most a third above the best split.
    """
    return _spread(areas, load, [()] * parts)


def hand_over(
    areas: Iterable[str], load: Mapping[str, float], owners: Sequence[tuple[str, ...]]
) -> tuple[tuple[str, ...], ...]:
    """What the owners have once these areas are spread over them; nobody loses one."""
    return _spread(areas, load, owners)


def _spread(
    areas: Iterable[str], load: Mapping[str, float], owners: Sequence[tuple[str, ...]]
) -> tuple[tuple[str, ...], ...]:
    parts = [list(owned) for owned in owners]
    for area in sorted(set(areas), key=lambda code: (-load.get(code, 0.0), code)):
        least = min(
            range(len(parts)),
            key=lambda i: (sum(load.get(a, 0.0) for a in parts[i]), len(parts[i]), i),
        )
        parts[least].append(area)
    return tuple(tuple(sorted(part)) for part in parts)
