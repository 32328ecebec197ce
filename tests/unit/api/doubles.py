"""A store in memory that answers queries by their parts, and cities without files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from gigacity_api.errors import CityVersionLostError, StoreError
from gigacity_api.storage.queries.query import Condition, Query
from gigacity_city.model import City
from gigacity_contract.influx import Series
from gigacity_contract.measurements import MEASUREMENTS, Measurement
from gigacity_contract.rollup_measurements import ROLLUPS
from tests.support.line_protocol import parse_line

R = TypeVar("R")


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
        """Raw rows, two a batch; or a function by groups of time, its column after the time."""
        points = self._selected(query)
        if query.field:
            assert not query.by
            yield [
                msgspec.convert([start_ms, *_functions(query, values)], row)
                for (start_ms,), values in _grouped(query, points).items()
            ]
            return
        found = [
            msgspec.convert([p.time, *(_value(p, column) for column in query.columns)], row)
            for p in points
            if any(column in p.fields for column in query.columns)
        ]
        for first in range(0, len(found), 2):
            yield found[first : first + 2]

    def series(self, query: Query) -> list[Series]:
        """Functions of one field by tags, over the range or over one interval that is all of it."""
        points = self._selected(query)
        assert query.field
        assert not query.every_ms or query.every_ms == query.until_ms - query.after_ms
        columns = ["time", *query.columns]
        return [
            Series(
                query.measurement.name,
                dict(zip(query.by, key, strict=True)),
                columns,
                # Of one function the servers tell when its row was, of several they do not.
                [[values[-1][0] if query.columns == ("last",) else 0, *_functions(query, values)]],
            )
            for (*key, _), values in _grouped(query, points).items()
        ]

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

    def _selected(self, query: Query) -> list[Point]:
        if self.failure:
            raise self.failure
        self.asked.append(query)
        name = query.measurement.name
        scale = 1_000_000 if query.measurement.precision == "ns" else 1
        return [
            Point(p.time // scale, p.tags, p.fields)
            for p in self.found(_key(query.policy, name))
            if query.after_ms < p.time // scale <= query.until_ms
            and all(_holds(condition, p) for condition in query.where)
        ]


def _value(point: Point, column: str) -> Any:
    return point.tags.get(column, point.fields.get(column))


def _holds(condition: Condition, point: Point) -> bool:
    value = _value(point, condition.column)
    match condition.operator:
        case "=":
            return value in condition.values
        case "!=":
            return value not in condition.values
        case ">":
            (bound,) = condition.values
            return value is not None and value > bound


def _grouped(query: Query, points: list[Point]) -> dict[tuple[Any, ...], list[tuple[int, Any]]]:
    """Times and values of the field by tags and, last, the start of the interval."""
    groups: dict[tuple[Any, ...], list[tuple[int, Any]]] = {}
    for point in points:
        if (value := point.fields.get(query.field)) is not None:
            start_ms = 0
            if query.every_ms:
                start_ms = point.time - (point.time - query.offset_ms) % query.every_ms
            key = (*(point.tags.get(tag, "") for tag in query.by), start_ms)
            groups.setdefault(key, []).append((point.time, value))
    return groups


def _functions(query: Query, values: list[tuple[int, Any]]) -> list[Any]:
    if query.of_each_ms:
        firsts = {at_ms // query.of_each_ms: value for at_ms, value in reversed(values)}
        chosen = list(firsts.values())
    else:
        chosen = [value for _, value in values]
    return [_STATISTICS[name](chosen) for name in query.columns]


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
