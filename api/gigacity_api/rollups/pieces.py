"""The questions by which a day of one measurement and area is read. Pure.

By series rather than by time: the database opens every series of a question, and unpacks up to a
thousand values of each field of it, however short the range is. So a day is asked of a few series
at a time; each is opened once a day, and the database never holds an area at once.
"""

from collections import Counter
from collections.abc import Iterator

from gigacity_api.storage.queries.query import Query, tag_among, tag_differs
from gigacity_api.storage.queries.rollups import area_rows
from gigacity_city.model import City
from gigacity_contract.local_time import DAY_MS
from gigacity_contract.measurements import PON_PORT, Measurement

PIECE_ROWS = 50_000
"""Expected rows of one question: about half a second of the database's time."""

MAX_NAMED = 100
"""Tag values in one question; its text stays short."""

_PIECE_MS = DAY_MS // 8
"""Of what the city file does not list, nobody knows how much there is."""


def pieces_of(raw: Measurement, area: str, day_ms: int, city: City) -> Iterator[Query]:
    """Questions that together give every row once: of what is registered, then of all else.

    Args:
        raw: the measurement.
        area: an area code, one in force or a former one.
        day_ms: start of the day.
        city: says which series there are, and how often they report.
    """
    end_ms = day_ms + DAY_MS
    tag = "olt" if raw is PON_PORT else "community"
    sizes, interval_s = _registered(raw, city.area_of_code.get(area, area), city)
    for names in _groups(sizes, max(1, round(PIECE_ROWS * interval_s * 1000 / DAY_MS))):
        yield area_rows(raw, area, day_ms, end_ms, (tag_among(tag, names),))
    rest = tuple(tag_differs(tag, name) for name in sizes)
    for from_ms in range(day_ms, end_ms, _PIECE_MS):
        yield area_rows(raw, area, from_ms, from_ms + _PIECE_MS, rest)


def _registered(raw: Measurement, area: str, city: City) -> tuple[Counter[str], float]:
    """How many series each OLT or community of an area has, and seconds between their reports."""
    if raw is PON_PORT:
        olts = city.olt_by_id
        keys = (port.key.olt for port in city.ports)
        return Counter(olt for olt in keys if olts[olt].area == area), city.cadence.pon_s
    kind = raw.name.removeprefix("device_")
    sizes: Counter[str] = Counter()
    for row in city.devices.ranges:
        if row.kind == kind and city.community_by_code[row.community].area == area:
            sizes[row.community] += len(row.ids)
    return sizes, city.cadence.expected_s(kind)


def _groups(sizes: Counter[str], most: int) -> Iterator[tuple[str, ...]]:
    """Names with so many series together at most, or one."""
    group: list[str] = []
    size = 0
    for name in sorted(sizes):
        if group and (size + sizes[name] > most or len(group) == MAX_NAMED):
            yield tuple(group)
            group, size = [], 0
        group.append(name)
        size += sizes[name]
    if group:
        yield tuple(group)
