"""Which instants a late-data marker touches."""

from contextlib import suppress
from typing import NamedTuple

from gigacity_api.errors import CityVersionLostError
from gigacity_api.evaluator.dirty_instants import instants
from gigacity_api.evaluator.reach import reaches_of
from gigacity_api.storage.late_data import LateDataMarker
from gigacity_api.storage.protocols import Cities


class Touched(NamedTuple):
    """The instants of a marker."""

    instants: range
    """Those that can be evaluated again."""
    given_up: int = 0
    """How many are too old: a report that counts at them may have expired."""


def touched_by(
    row: LateDataMarker, cities: Cities, tick_ms: int, *, kept_ms: int, due_ms: int
) -> Touched:
    """The instants at which reports of its range decide anything.

    Args:
        row: the marker.
        cities: say how long reports count, and since when anything was counted.
        tick_ms: distance of two ticks.
        kept_ms: since when every report of an instant's windows is surely there.
        due_ms: the newest tick that is due; later ones will be read with what came late.
    """
    reach_ms = _reach_ms(row, cities)
    # Sessions come with the reports of their time; their own rows may be weeks old.
    if reach_ms is None or row.from_ms is None or row.to_ms is None:
        return Touched(range(0))
    # Before the first city version nothing was counted.
    from_ms = max(row.from_ms, cities.in_force_since_ms)
    found = instants(from_ms, min(row.to_ms + reach_ms, due_ms + 1), 0, tick_ms)
    usable = instants(max(from_ms, kept_ms), found.stop, 0, tick_ms)
    return Touched(usable, len(found) - len(usable))


def _reach_ms(row: LateDataMarker, cities: Cities) -> int | None:
    """How long its reports decide anything, now or in the city of their time."""
    versions = [cities.current]
    with suppress(CityVersionLostError):  # Whoever evaluates the instant says so.
        versions.append(cities.at(row.from_ms or 0))
    found = [reaches_of(city).get(row.measurement) for city in versions]
    return max((ms for ms in found if ms is not None), default=None)
