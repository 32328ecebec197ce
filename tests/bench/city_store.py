"""A city that reports on time, as the chunked JSON answers of a database: no database needed.

Answers are made from the query's text and decoded by the adapter's own decoder. The CPU that making
them takes is counted apart, so that a measurement can leave it out.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeVar

from gigacity_api.storage.answers import RowDecoder
from gigacity_api.storage.queries.query import ROWS_AT_ONCE, Query
from gigacity_city.model import City
from gigacity_city.registry import DeviceRegistry
from gigacity_contract.fields import FieldType
from gigacity_contract.influx import Series
from gigacity_contract.measurements import MEASUREMENTS, Measurement

R = TypeVar("R")

_RANGE = re.compile(r'FROM "(\w+)" WHERE time > (\d+)ms AND time <= (\d+)ms')
_AREA = re.compile(r"\"area\" = '(\d+)'")
_COMMUNITY = re.compile(r"\"community\" = '(\w+)'")
_VALUES = {FieldType.BOOLEAN: "true", FieldType.INTEGER: "17", FieldType.FLOAT: "-19.25",
           FieldType.STRING: '"up"'}  # fmt: skip


HOUR_MS = 3_600_000


class Reporter(NamedTuple):
    """One port or device; a port that is out reports that it is down, a device is silent."""

    tags: dict[str, str]
    interval_ms: int
    phase_ms: int
    number: int

    def first_after(self, at_ms: int) -> int:
        """The time of its first report after an instant."""
        return at_ms + 1 + (self.phase_ms - at_ms - 1) % self.interval_ms

    def is_out(self, at_ms: int) -> bool:
        """Whether it does not work: one object in a hundred at any time, for an hour each."""
        hour = (at_ms + self.number * 7919 % HOUR_MS) // HOUR_MS
        return (self.number * 2_654_435_761 + hour * 40_503) % 100 == 0


def multiplied(city: City, times: int) -> City:
    """The same city, so many times beside itself in the same areas."""
    parts = range(times)
    devices, offset = [], 0
    for k in parts:
        for row in city.devices.ranges:
            count = sum(1 for _ in row.ids.ids())
            gateway = f"{row.gateway}-{k}" if row.gateway else row.gateway
            devices.append(
                row._replace(community=f"{row.community}{k}", gateway=gateway, offset=offset)
            )
            offset += count
    buildings, ports = len(city.buildings), len(city.ports)
    return replace(
        city, version=f"{times:016d}",
        communities=tuple(replace(c, code=f"{c.code}{k}") for k in parts for c in city.communities),
        buildings=tuple(
            b._replace(id=f"{b.id}-{k}", community=f"{b.community}{k}")
            for k in parts
            for b in city.buildings
        ),
        olts=tuple(o._replace(id=f"{o.id}-{k}") for k in parts for o in city.olts),
        ports=tuple(
            p._replace(key=p.key._replace(olt=f"{p.key.olt}-{k}"))
            for k in parts
            for p in city.ports
        ),
        coverage=tuple(
            (b + k * buildings, p + k * ports) for k in parts for b, p in city.coverage
        ),
        gateways=tuple(g._replace(id=f"{g.id}-{k}") for k in parts for g in city.gateways),
        devices=DeviceRegistry(devices),
    )  # fmt: skip


class CityStore:
    """As ``Store``: every object reports at its interval; writes are counted and dropped."""

    def __init__(self, city: City, *, one_in: int = 1) -> None:
        """Everything that reports, or of every measurement one object in so many."""
        self.city = city
        self.rows_made = 0
        self.making_s = 0.0
        self.bytes_written = 0
        self.lines_written: Counter[str] = Counter()
        self._reporters: dict[str, list[Reporter]] = {"pon_port": []}
        interval = round(city.cadence.pon_s * 1000)
        for number, port in enumerate(city.ports):
            tags = {
                "area": city.olt_by_id[port.key.olt].area, "olt": port.key.olt,
                "slot": str(port.key.slot), "port": str(port.key.port), "tech": port.tech,
            }  # fmt: skip
            self._reporters["pon_port"].append(
                Reporter(tags, interval, number * 7919 % interval, number)
            )
        for row in city.devices.ranges:
            area = city.community_by_code[row.community].area
            interval = round(city.cadence.expected_s(row.kind) * 1000)
            mine = self._reporters.setdefault(f"device_{row.kind}", [])
            for number, device in enumerate(row.ids.ids(), row.offset):
                tags = {"area": area, "community": row.community, "device": device}
                mine.append(Reporter(tags, interval, number * 7919 % interval, number))
        if one_in > 1:
            self._reporters = {name: mine[::one_in] for name, mine in self._reporters.items()}

    def rows(self, query: Query, row: type[R]) -> Iterator[list[R]]:
        """As the adapter decodes them."""
        return RowDecoder(row, query.columns).batches(self.documents(query.text, query.columns))

    def series(self, query: Query) -> list[Series]:
        """No session has any row."""
        return []

    def write(self, measurement: Measurement, lines: list[bytes]) -> None:
        """Counted."""
        self.bytes_written += sum(map(len, lines))
        self.lines_written[measurement.name] += len(lines)

    @property
    def measurements(self) -> Iterable[str]:
        """Those that anything reports to."""
        return self._reporters

    def reporters(self, name: str) -> list[Reporter]:
        """Everything that reports to a measurement."""
        return self._reporters[name]

    def points(
        self,
        name: str,
        after_ms: int,
        until_ms: int,
        area: str = "",
        communities: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[int, Reporter]]:
        """Time and reporter of what a range holds."""
        for reporter in self._reporters.get(name, ()):
            if area and reporter.tags["area"] != area:
                continue
            if communities and reporter.tags["community"] not in communities:
                continue
            first_ms = reporter.first_after(after_ms)
            for at_ms in range(first_ms, until_ms + 1, reporter.interval_ms):
                if name == "pon_port" or not reporter.is_out(at_ms):
                    yield at_ms, reporter

    def documents(self, text: str, columns: tuple[str, ...]) -> Iterator[bytes]:
        """The chunked answer to a query of raw rows."""
        match = _RANGE.search(text)
        assert match, text
        area = _AREA.search(text)
        communities = frozenset(_COMMUNITY.findall(text))
        found = self.points(
            match[1], int(match[2]), int(match[3]), area[1] if area else "", communities
        )
        types = {f.name: f.type for f in MEASUREMENTS[match[1]].fields}
        oper = columns.index("oper") if "oper" in columns else None
        started = time.thread_time()
        rows: list[str] = []
        for at_ms, reporter in found:
            tags = reporter.tags
            values = [f'"{tags[c]}"' if c in tags else _VALUES[types[c]] for c in columns]
            if oper is not None and reporter.is_out(at_ms):
                values[oper] = '"down"'
            rows.append(f"[{at_ms},{','.join(values)}]")
            if len(rows) == ROWS_AT_ONCE:
                document = self._document(columns, rows, is_last=False)
                self.making_s += time.thread_time() - started
                yield document
                started = time.thread_time()
                rows = []
        document = self._document(columns, rows, is_last=True)
        self.making_s += time.thread_time() - started
        yield document

    def _document(self, names: tuple[str, ...], rows: list[str], *, is_last: bool) -> bytes:
        self.rows_made += len(rows)
        columns = ",".join(f'"{c}"' for c in ("time", *names))
        partial = "" if is_last else ',"partial":true'
        values = f'[{{"name":"m","columns":[{columns}],"values":[{",".join(rows)}]{partial}}}]'
        return f'{{"results":[{{"statement_id":0,"series":{values}{partial}}}]}}'.encode()
