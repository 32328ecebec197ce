"""Topic filters of a worker: of its areas, through a shared group, and which filter covers which.

Pure. A filter here is always one that a worker subscribes: below ``gigacity/v1``, of everything, of
one area code, or of the status topics of either.
"""

from collections.abc import Collection, Iterable, Sequence

from gigacity_city.model import Area
from gigacity_contract.topics import PREFIX, area_filter

SHARE = "$share/"


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


def list_filters(filters: Iterable[str], required: Collection[str]) -> str:
    """These as one text for ``GIGACITY_MQTT_FILTERS``; who is not required has ? before it."""
    return ",".join(name if name in required else f"?{name}" for name in sorted(filters))


def listed_filters(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The filters of such a text, and those among them that the broker may refuse."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    optional = frozenset(name[1:] for name in names if name.startswith("?"))
    return tuple(name.removeprefix("?") for name in names), optional


def covers(held: str, needed: str) -> bool:
    """Whether every message that ``needed`` asks for comes to a holder of ``held``, too.

    Through a shared group a message comes to one of its members, which counts: it is kept. Retained
    messages come to no group, so a filter of status is not covered by a shared one.
    """
    if held == needed:
        return True
    if held.startswith(SHARE):
        if needed.endswith("/status"):
            return False
        held = _plain(held)
    wanted = _plain(needed)
    return held.endswith("/#") and wanted.startswith(held.removesuffix("#"))


def overlap(one: str, other: str) -> bool:
    """Whether some message could come by both."""
    pairs = list(zip(_plain(one).split("/"), _plain(other).split("/"), strict=False))
    for mine, theirs in pairs:
        if "#" in {mine, theirs}:
            return True
        if mine != theirs and "+" not in {mine, theirs}:
            return False
    return _plain(one).count("/") == _plain(other).count("/")


def _plain(name: str) -> str:
    return name.split("/", 2)[2] if name.startswith(SHARE) else name


def are_covered(needed: Iterable[str], held: Iterable[str]) -> bool:
    """Whether every needed filter is covered by one of those that are held."""
    holders = list(held)
    return all(any(covers(one, name) for one in holders) for name in needed)
