"""Where areas stand in a map of tiles: in rough compass position, without a boundary. Pure."""

from collections.abc import Sequence

_COLUMNS = 4
"""Of a city that does not say where its areas lie."""


def positions(given: Sequence[tuple[int, ...] | None]) -> list[tuple[int, ...]]:
    """Column and row of each area: the city's own where it gives all of them, else in order."""
    found = [tile for tile in given if tile is not None]
    if len(found) == len(given) == len(set(found)):
        return found
    return [(place % _COLUMNS, place // _COLUMNS) for place in range(len(given))]
