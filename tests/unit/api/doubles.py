"""A store in memory that answers the queries of ``gigacity_api.queries`` by their text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from gigacity_api.errors import StoreError
from gigacity_api.queries.text import Query
from gigacity_contract.city.model import City
from gigacity_contract.influx import Series
from gigacity_contract.measurements import MEASUREMENTS, Measurement

R = TypeVar("R")

_QUERY = re.compile(
    r'SELECT (?P<columns>.+) FROM "(?P<name>\w+)"'
    r" WHERE time > (?P<after>-?\d+)ms AND time <= (?P<until>\d+)ms(?P<where>.*?)"
    r"(?: GROUP BY (?P<tags>.+))?$"
)
_CONDITION = re.compile(r" AND \"(\w+)\" = '([^']*)'")
_LINE = re.compile(rb"(\w+)((?:,[^ ]+)?) (\S+) (\d+)$")


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
        columns = [column.strip('"') for column in match["columns"].split(", ")]
        assert tuple(columns) == query.columns
        found = [
            msgspec.convert([p.time, *((p.tags | p.fields).get(column) for column in columns)], row)
            for p in points
            if any(column in p.fields for column in columns)
        ]
        for first in range(0, len(found), 2):
            yield found[first : first + 2]

    def series(self, query: Query) -> list[Series]:
        """``last()`` of one field by tags."""
        match, points = self._select(query)
        wanted = match["columns"].removeprefix('last("').removesuffix('")')
        newest: dict[tuple[str, ...], Point] = {}
        tags = [tag.strip('"') for tag in match["tags"].split(", ")]
        for point in points:
            if wanted in point.fields:
                newest[tuple(point.tags.get(tag, "") for tag in tags)] = point
        return [
            Series(
                match["name"], dict(zip(tags, values, strict=True)), ["time", "last"],
                [[point.time, point.fields[wanted]]],
            )
            for values, point in newest.items()
        ]  # fmt: skip

    def write(self, measurement: Measurement, lines: list[bytes]) -> None:
        """Store lines of the encoder."""
        if self.failure or self.write_failure:
            raise self.failure or self.write_failure or AssertionError
        for line in lines:
            match = _LINE.match(line)
            assert match, line
            assert match[1].decode() == measurement.name
            tags = dict(part.split("=") for part in match[2].decode().split(",")[1:])
            fields = {}
            for part in match[3].decode().split(","):
                name, value = part.split("=")
                fields[name] = _value(value)
            self.put(measurement.name, int(match[4]), tags, **fields)

    def _select(self, query: Query) -> tuple[re.Match[str], list[Point]]:
        if self.failure:
            raise self.failure
        self.asked.append(query)
        match = _QUERY.match(query.text)
        assert match, query.text
        assert MEASUREMENTS[match["name"]].policy.name == query.policy
        scale = 1_000_000 if MEASUREMENTS[match["name"]].precision == "ns" else 1
        conditions = _CONDITION.findall(match["where"])
        points = [
            Point(p.time // scale, p.tags, p.fields)
            for p in self.found(match["name"])
            if int(match["after"]) < p.time // scale <= int(match["until"])
            and all(p.tags.get(tag) == value for tag, value in conditions)
        ]
        return match, points


def _value(text: str) -> Any:
    if text.startswith('"'):
        return text.strip('"')
    if text in {"true", "false"}:
        return text == "true"
    return int(text[:-1]) if text.endswith("i") else float(text)


@dataclass
class FakeCities:
    """City versions without files: one from the beginning, others from their moment on."""

    current: City
    older: list[tuple[int, City]] = field(default_factory=list)
    """Until when a version was in force."""
    trouble: str = ""

    def refresh(self) -> None:
        """Nothing changes by itself."""

    def at(self, as_of_ms: int) -> City:
        """The version in force at an instant."""
        return next((city for until, city in self.older if as_of_ms < until), self.current)
