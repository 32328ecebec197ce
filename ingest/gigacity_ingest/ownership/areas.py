"""Which topics a worker owns: the filters of its areas, and the areas of its filters. Pure."""

from collections.abc import Iterable, Sequence

from gigacity_city.model import Area
from gigacity_contract.topics import EVERY_AREA, PREFIX, SHARE, area_filter


def area_filters(areas: Sequence[Area] | None) -> tuple[str, ...]:
    """Filters of these areas with their retired codes; None: one filter for everything."""
    if areas is None:
        return (area_filter(),)
    codes = [code for area in areas for code in (area.code, *area.retired)]
    return tuple(area_filter(code) for code in dict.fromkeys(codes))


def shared_filters(filters: Sequence[str], group: str) -> tuple[str, ...]:
    """The same through a shared group, and the status topics by ordinary filters.

    A broker sends retained messages to no shared subscription, and so every member reads status by
    itself; rows of presence are the same whoever writes them.
    """
    shared = [f"{SHARE}{group}/{name}" for name in filters]
    status = [
        f"{PREFIX}/+/{levels}" if name == area_filter() else name.removesuffix("#") + levels
        for name in filters
        for levels in ("+/+/status", "community/+/+/status")
    ]
    return (*shared, *status)


def owned_areas(granted: Iterable[str]) -> str:
    """What a worker says in its rows that it owns, from the filters that the broker granted.

    Area codes, retired ones among them, separated by commas; ``*`` for everything; with
    ``$share/<group>/`` before a code that it shares. Neither status alone nor a foreign source owns
    an area.
    """
    owned = []
    for name in sorted(granted):
        share = ""
        if name.startswith(SHARE):
            _, group, name = name.split("/", 2)  # noqa: PLW2901 - the filter without its group
            share = f"{SHARE}{group}/"
        if name == area_filter():
            owned.append(share + EVERY_AREA)
        elif name.startswith(f"{PREFIX}/") and name.endswith("/#"):
            owned.append(share + name.removeprefix(f"{PREFIX}/").removesuffix("/#"))
    return ",".join(owned)
