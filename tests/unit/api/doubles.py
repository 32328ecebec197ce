"""A store in memory that answers the queries of ``gigacity_api.storage.queries`` by their text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from gigacity_api.errors import CityVersionLostError, StoreError
from gigacity_api.storage.queries.text import Query
from gigacity_city.model import City
from gigacity_contract.influx import Series
from gigacity_contract.measurements import MEASUREMENTS, Measurement
from gigacity_contract.rollup_measurements import ROLLUPS
from tests.support.line_protocol import parse_line

R = TypeVar("R")

_QUERY = re.compile(
    r'SELECT (?P<columns>.+) FROM "(?P<name>\w+)"'
    r" WHERE time > (?P<after>-?\d+)ms AND time <= (?P<until>\d+)ms(?P<where>.*?)"
    r"(?: GROUP BY (?P<tags>.+))?$"
)
_CONDITION = re.compile(r" AND \"(\w+)\" = '([^']*)'")
_CHOICE = re.compile(r" AND \((\"(\w+)\" = '[^']*'(?: OR \"\2\" = '[^']*')*)\)")
_DIFFERENCE = re.compile(r" AND \"(\w+)\" != '([^']*)'")
_MEANS = re.compile(
    r'SELECT mean\("first"\), count\("first"\)'
    r" FROM \((?P<inner>.+) GROUP BY time\((?P<every>\d+)ms\), (?P<tags>.+) fill\(none\)\)"
    r" WHERE time > \d+ms AND time <= \d+ms GROUP BY (?P=tags)$"
)
_WHOLE_RANGE = re.compile(r"^time\(\d+ms, \d+ms\), ")
_DAILY = re.compile(r"time\((\d+)d, -(\d+)h\) fill\(none\)$")


@dataclass
class Point:
    """A stored point."""

    time: int
    tags: dict[str, str]
    fields: dict[str, Any]


@dataclass
class FakeStore:
    """Keeps points by measurement; a point of the same tags and time is merged, as servers do."""

    points: dict[str, dict[tuple[Any, ...], Point]] = field(default_factory=dict)
    asked: list[Query] = field(default_factory=list)
    failure: StoreError | None = None
    """Raised by every call while it is set."""
    write_failure: StoreError | None = None
    """Raised by writes while it is set."""

    def put(self, measurement: str, time: int, tags: dict[str, str], **fields: Any) -> None:
        """Store a point."""
        table = self.points.setdefault(measurement, {})
        key = (time, *sorted(tags.items()))
        table.setdefault(key, Point(time, tags, {})).fields.update(fields)

    def found(self, measurement: str) -> list[Point]:
        """Every point of a measurement, oldest first."""
        return sorted(self.points.get(measurement, {}).values(), key=lambda p: p.time)

    def rows(self, query: Query, row: type[R]) -> Iterator[list[R]]:
        """Raw rows, two a batch."""
        match, points = self._select(query)
        if match["tags"]:
            yield from self._daily(match, points, row)
            return
        columns = [column.strip('"') for column in match["columns"].split(", ")]
        assert tuple(columns) == query.columns
        found = [
            msgspec.convert([p.time, *((p.tags | p.fields).get(column) for column in columns)], row)
            for p in points
            if any(column in p.fields for column in columns)
        ]
        for first in range(0, len(found), 2):
            yield found[first : first + 2]

    def _daily(self, match: re.Match[str], points: list[Point], row: type[R]) -> Iterator[list[R]]:
        """``last()`` of one field by day."""
        daily = _DAILY.match(match["tags"])
        assert daily, match["tags"]
        day_ms, offset_ms = int(daily[1]) * 86_400_000, int(daily[2]) * 3_600_000
        wanted = match["columns"].removeprefix('last("').removesuffix('")')
        days = {
            (p.time + offset_ms) // day_ms * day_ms - offset_ms: p.fields[wanted]
            for p in points
            if wanted in p.fields
        }
        yield [msgspec.convert([start, value], row) for start, value in days.items()]

    def series(self, query: Query) -> list[Series]:
        """``last()``, or statistics, of one field by tags."""
        means = _MEANS.match(query.text)
        if means:
            return self._means(query, means)
        match, points = self._select(query)
        functions = re.findall(r'(\w+)\("(\w+)"\)', match["columns"])
        assert query.columns == tuple(name for name, _ in functions)
        assert len({field for _, field in functions}) == 1
        wanted = functions[0][1]
        groups: dict[tuple[str, ...], list[Point]] = {}
        # One interval that is the whole range: ``queries.rollups`` says what for.
        grouped = _WHOLE_RANGE.sub("", match["tags"] or "").removesuffix(" fill(none)")
        tags = [tag.strip('"') for tag in grouped.split(", ") if tag]
        for point in points:
            if point.fields.get(wanted) is not None:
                groups.setdefault(tuple(point.tags.get(t, "") for t in tags), []).append(point)
        return [
            Series(
                match["name"], dict(zip(tags, key, strict=True)), ["time", *query.columns],
                [[mine[-1].time, *(_STATISTICS[f]([p.fields[wanted] for p in mine])
                                   for f in query.columns)]],
            )
            for key, mine in groups.items()
        ]  # fmt: skip

    def _means(self, query: Query, match: re.Match[str]) -> list[Series]:
        """Mean and count of the first value of each interval, by tags."""
        inner = Query(match["inner"], query.policy, ("first",))
        found, points = self._select(inner)
        assert found["columns"] == 'first("value")'
        tags = [tag.strip('"') for tag in match["tags"].split(", ")]
        groups: dict[tuple[str, ...], dict[int, Any]] = {}
        for point in points:
            if point.fields.get("value") is not None:
                firsts = groups.setdefault(tuple(point.tags[t] for t in tags), {})
                firsts.setdefault(point.time // int(match["every"]), point.fields["value"])
        return [
            Series(
                found["name"], dict(zip(tags, key, strict=True)), ["time", *query.columns],
                [[0, sum(mine.values()) / len(mine), len(mine)]],
            )
            for key, mine in groups.items()
        ]  # fmt: skip

    def write(self, measurement: Measurement, lines: list[bytes]) -> None:
        """Store lines of the encoder."""
        if self.failure or self.write_failure:
            raise self.failure or self.write_failure or AssertionError
        for line in lines:
            point = parse_line(line)
            assert point.measurement == measurement.name
            assert point.time is not None
            fields = {name: value for name, (_, value) in point.fields.items()}
            key = _key(measurement.policy.name, measurement.name)
            self.put(key, point.time, point.tags, **fields)

    def _select(self, query: Query) -> tuple[re.Match[str], list[Point]]:
        if self.failure:
            raise self.failure
        self.asked.append(query)
        match = _QUERY.match(query.text)
        assert match, query.text
        key = _key(query.policy, match["name"])
        scale = 1_000_000 if MEASUREMENTS[match["name"]].precision == "ns" else 1
        conditions = _CONDITION.findall(match["where"])
        choices = [
            (tag, set(re.findall("'([^']*)'", text)))
            for text, tag in _CHOICE.findall(match["where"])
        ]
        differences = _DIFFERENCE.findall(match["where"])
        points = [
            Point(p.time // scale, p.tags, p.fields)
            for p in self.found(key)
            if int(match["after"]) < p.time // scale <= int(match["until"])
            and all(p.tags.get(tag) == value for tag, value in conditions)
            and all(p.tags.get(tag) in values for tag, values in choices)
            and all(p.tags.get(tag) != value for tag, value in differences)
        ]
        return match, points


_STATISTICS: dict[str, Callable[[list[Any]], Any]] = {
    "last": lambda values: values[-1],
    "min": min,
    "max": max,
    "mean": lambda values: sum(values) / len(values),
    "count": len,
}


def _key(policy: str, name: str) -> str:
    """The name alone where it says all: a roll-up has the name of what it rolls up."""
    if MEASUREMENTS[name].policy.name == policy:
        return name
    assert (policy, name) in {(row.policy.name, row.name) for row in ROLLUPS.values()}
    return f"{policy}/{name}"


@dataclass
class FakeCities:
    """City versions without files: one from the beginning, others from their moment on."""

    current: City
    older: list[tuple[int, City]] = field(default_factory=list)
    """Until when a version was in force."""
    trouble: str = ""
    in_force_since_ms: int = -(2**62)
    lost_until_ms: int = 0
    """The version in force before is not kept whole."""

    def refresh(self) -> None:
        """Nothing changes by itself."""

    def at(self, as_of_ms: int) -> City:
        """The version in force at an instant."""
        if as_of_ms < self.lost_until_ms:
            raise CityVersionLostError("version abc is no longer whole")
        return next((city for until, city in self.older if as_of_ms < until), self.current)
