"""Bundles of gateways to points: two thirds of a city's points come in them.

A bundle is taken whole, or left whole to the general decoder: nothing is written before every
report of it has turned out to be a usual one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import astuple

from gigacity_ingest.decode.carried import CarriedGroup, GroupKey
from gigacity_ingest.decode.outcome import Outcome
from gigacity_ingest.decode.point_spans import Series
from gigacity_ingest.decode.safety import SafetyCall
from gigacity_ingest.decode.sequences import UNKNOWN, SequenceTracker
from gigacity_ingest.encode.device_lines import SHAPES_OF_VALUES


class BundlePoints:
    """The points of one bundle, before they are taken."""

    __slots__ = ("_calls", "_counted", "_made", "_series", "_times")

    def __init__(self) -> None:
        self._made: list[Any] = []
        self._series: list[Series] = []
        self._times: list[int] = []
        self._calls: list[SafetyCall] = []
        self._counted: list[tuple[CarriedGroup, str, str, int]] = []
        """Group, community, device and number of the reports that are counted."""

    def collect(self, reports: Sequence[Any], groups: Mapping[GroupKey, CarriedGroup]) -> bool:
        """Make the points; False if a report has no value, or stands there twice.

        Raises:
            KeyError: the gateway has not carried one of the devices yet.
        """
        made, series, times, devices = self._made, self._series, self._times, list[str]()
        for report in reports:
            community, device, ts, values, seq = astuple(report)
            group = groups[community, values.__class__]
            prefix = group.prefixes[device]
            row: Sequence[Any] = astuple(values)
            shape = group.shape
            picked = shape.pick(row) if shape.absent else row
            if row.count(None) != shape.absent or (shape.absent and None in picked):
                shape = group.shape = SHAPES_OF_VALUES[values.__class__].shape_of(row)
                picked = shape.pick(row)
            if not picked:
                return False
            made.append(shape.make(prefix, *picked, ts))
            series.append(group.series)
            times.append(ts)
            devices.append(device)
            if group.flag >= 0 and row[group.flag]:
                self._calls.append((prefix, ts))
            if seq is not None:
                self._counted.append((group, community, device, seq))
        if len(set(devices)) == len(devices):
            return True
        return len({(r.community, r.device, r.ts) for r in reports}) == len(devices)

    def are_within(self, low_ms: int, high_ms: int) -> bool:
        """Whether a working clock can have given every time."""
        times = self._times
        return not times or (low_ms <= min(times) and max(times) <= high_ms)

    def add_to(self, out: Outcome, now_ms: int, sequences: SequenceTracker) -> None:
        """Take them."""
        times = self._times
        if times:
            out.lines.points += self._made
            out.bundled_series += self._series
            out.bundled_times += times
            # As in the general decoder: the newest of them tells how long the message took.
            out.instants += [min(max(times), now_ms)] * len(times)
            out.safety_calls += self._calls
        for group, community, device, seq in self._counted:
            last = group.last_seqs.get(device, UNKNOWN)
            group.last_seqs[device] = sequences.observe(f"{community}/{device}", last, seq)
