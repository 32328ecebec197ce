"""A day of raw reports, made fast: each object's model is asked once a slice, not once a report.

Within a slice (an hour, and five minutes in the last one) an object repeats what it said, with
another last digit of each decimal number; counters and states move from slice to slice. Objects,
times and outages are those of ``CityStore``.

What no board reads is thinned, since it would double the filling: fields of ports that none shows,
and before the last hour the devices of kinds that boards show of one community alone, but for that
community's. They report once a slice.
"""

import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from gigacity_contract.line_protocol import PointTemplate, tag_prefix
from gigacity_contract.measurements import MEASUREMENTS, PON_PORT, Measurement
from gigacity_simulators.models.catalogue import ALARM_KINDS, DEVICE_MODELS
from gigacity_simulators.models.condition import ALARM
from tests.bench.city_lines import CityLines
from tests.bench.city_store import HOUR_MS, CityStore, Reporter
from tests.support.boards import queries

LAST_SLICE_MS = 300_000
CALLS_ONE_IN = 4_000
"""So many devices of a kind for one call (smoke, help) in a slice."""
_LAST_DIGIT = re.compile(rb"(=-?\d+\.\d*)\d(?=,|$)")
_NAME = re.compile(r'"(\w+)"')
_VARIANTS = 97


class _Repeated(NamedTuple):
    """What an object says in a slice, with places for digits and time."""

    first_ms: int
    first: bytes
    """Its first report, with every field."""
    template: bytes
    digits: int


@cache
def _texts_of(name: str) -> tuple[str, ...]:
    """Queries of boards that read raw rows of a measurement."""
    return tuple(text for _, text in queries() if f'"raw"."{name}"' in text)


def fields_of_boards(measurement: Measurement) -> frozenset[str]:
    """Fields of raw rows that any board reads."""
    return frozenset(name for text in _texts_of(measurement.name) for name in _NAME.findall(text))


def _is_read_whole(name: str) -> bool:
    """Whether raw rows of everything are needed: ports always, what a board shows of areas."""
    if name == PON_PORT.name:
        return True
    return any('"area" =~' in text for text in _texts_of(name))


class DayOfReports:
    """Lines of everything that reports."""

    def __init__(self, store: CityStore, chosen: frozenset[str]) -> None:
        """Of a city, with the OLT and the community that the boards of one of them show."""
        self._store, self._chosen = store, chosen
        self._prefixes: dict[tuple[str, int], bytes] = {}
        choice = random.Random(1)  # noqa: S311 - no secret
        self._digits = [
            [tuple(choice.randrange(10) for _ in range(size)) for _ in range(_VARIANTS)]
            for size in range(16)
        ]
        self._templates = {
            name: (PointTemplate(MEASUREMENTS[name]), self._read(name))
            for name in store.measurements
        }

    @staticmethod
    def _read(name: str) -> list[bool]:
        measurement = MEASUREMENTS[name]
        read = fields_of_boards(measurement)
        return [field.name in read or name != PON_PORT.name for field in measurement.fields]

    def slices(self, t_ms: int, hours: int) -> Iterator[tuple[int, int]]:
        """Parts of the day, oldest first: whole hours, the last one in pieces."""
        for back in range(hours, 1, -1):
            yield t_ms - back * HOUR_MS, t_ms - (back - 1) * HOUR_MS
        for start in range(t_ms - HOUR_MS, t_ms, LAST_SLICE_MS):
            yield start, start + LAST_SLICE_MS

    def lines(self, after_ms: int, until_ms: int) -> Iterator[bytes]:
        """Every report of a slice, in the order in which rounds of reports come."""
        for name in self._store.measurements:
            yield from self._of(name, self._store.reporters(name), after_ms, until_ms)

    def lines_of_chosen(self, after_ms: int, until_ms: int) -> Iterator[bytes]:
        """Those of the OLT and the community alone, which their boards read over long ranges."""
        for name in self._store.measurements:
            mine = [r for r in self._store.reporters(name) if self._is_chosen(r)]
            if mine:
                yield from self._of(name, mine, after_ms, until_ms)

    def _is_chosen(self, reporter: Reporter) -> bool:
        return not self._chosen.isdisjoint(reporter.tags.values())

    def _of(
        self, name: str, reporters: list[Reporter], after_ms: int, until_ms: int
    ) -> Iterator[bytes]:
        interval = reporters[0].interval_ms
        said = [
            (reporter, repeated)
            for reporter in reporters
            if (repeated := self._repeated(name, reporter, after_ms, until_ms)) is not None
        ]
        for _, one in said:
            yield one.first
        if until_ms - after_ms > LAST_SLICE_MS and not _is_read_whole(name):
            said = [pair for pair in said if self._is_chosen(pair[0])]
        for step, offset in enumerate(range(interval, until_ms - after_ms, interval)):
            end_ms = until_ms - offset
            for number, (_, one) in enumerate(said):
                if one.first_ms <= end_ms:
                    digits = self._digits[one.digits][(number + step) % _VARIANTS]
                    yield one.template % (*digits, one.first_ms + offset)

    def _repeated(
        self, name: str, reporter: Reporter, after_ms: int, until_ms: int
    ) -> _Repeated | None:
        first_ms = reporter.first_after(after_ms)
        is_out = name != PON_PORT.name and reporter.is_out(first_ms)
        if first_ms > until_ms or is_out:
            return None
        measurement = MEASUREMENTS[name]
        prefix = self._prefixes.get((name, reporter.number))
        if prefix is None:
            prefix = tag_prefix(measurement, reporter.tags).encode()
            self._prefixes[name, reporter.number] = prefix
        template, read = self._templates[name]
        values = self._values(name, measurement, reporter, first_ms, is_first=True)
        first = template.format(prefix, values, first_ms)
        if first is None:
            return None
        if not all(read) or name.removeprefix("device_") in ALARM_KINDS:
            values = self._values(name, measurement, reporter, first_ms, is_first=False)
            values = [value if known else None for value, known in zip(values, read, strict=True)]
            again = template.format(prefix, values, first_ms) or first
        else:
            again = first
        head, _, _ = again.rpartition(b" ")
        tags, _, body = head.rpartition(b" ")
        body, digits = _LAST_DIGIT.subn(rb"\1%d", body)
        return _Repeated(first_ms, first, b"%b %b %%d" % (tags, body), digits)

    @staticmethod
    def _values(
        name: str, measurement: Measurement, reporter: Reporter, at_ms: int, *, is_first: bool
    ) -> list[Any]:
        kind = name.removeprefix("device_")
        calls = (reporter.number + at_ms // LAST_SLICE_MS * 7) % CALLS_ONE_IN == 0
        if is_first and kind in ALARM_KINDS and calls:
            said: Any = DEVICE_MODELS[kind](reporter.number, at_ms, ALARM)
        else:
            said = CityLines.said(name, reporter, at_ms)
        return [getattr(said, field.name) for field in measurement.fields]
