"""The messages of a run, with the lines that they must become. Pure.

``pon``: 16 ports of one OLT; ``device``: one report of one device; ``bundle10``, ``bundle100``: so
many reports of one gateway's devices. Values are drawn from a seeded generator inside the
contract's ranges; every message makes distinct points.
"""

import json
import random
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Literal, NamedTuple

from gigacity_city.model import City
from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldSpec, FieldType
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT
from gigacity_contract.topics import (
    MessageKind,
    device_identity,
    gateway_identity,
    olt_identity,
    topic_of,
)

ShapeName = Literal["pon", "device", "bundle10", "bundle100"]
BUNDLED: dict[ShapeName, int] = {"bundle10": 10, "bundle100": 100}
"""Reports of a bundle."""
PORTS = 16
HIGHEST_SLOT = 255
MOST_DEVICES = 100_000
HIGHEST = 10**9
"""Of a number whose range has no nearer end."""


COUNTED_PORTS: tuple[tuple[str, str], ...] = ((PON_PORT.name, PORT_FIELDS[0].name),)
COUNTED_DEVICES = tuple((DEVICE_MEASUREMENTS[k].name, f[0].name) for k, f in KIND_FIELDS.items())
"""Measurement and a field of it that every point has."""


class Sample(NamedTuple):
    """One message."""

    area: str
    topic: str
    payload: bytes
    lines: tuple[str, ...]


class Shape(NamedTuple):
    """Messages of one kind, ready to be sent."""

    name: ShapeName
    samples: list[Sample]
    points: int
    counted: tuple[tuple[str, str], ...]
    """Measurement and a field of it that every point has."""


def build_shape(name: ShapeName, messages: int, city: City, *, now_ms: int, seed: int) -> Shape:
    """The messages of one shape; the same for the same seed and instant."""
    dice = random.Random(seed)  # noqa: S311 - readings, not secrets
    if name in BUNDLED:
        made = bundles(city, now_ms, dice, BUNDLED[name])
    else:
        made = port_reports(city, now_ms, dice) if name == "pon" else _devices(city, now_ms, dice)
    samples = list(islice(made, messages))
    counted = COUNTED_PORTS if name == "pon" else COUNTED_DEVICES
    return Shape(name, samples, sum(len(s.lines) for s in samples), counted)


def port_reports(city: City, now_ms: int, dice: random.Random) -> Iterator[Sample]:
    """Reports of 16 ports, one OLT after another, without end."""
    known: dict[str, list[tuple[int, int, str]]] = {olt.id: [] for olt in city.olts}
    for port in city.ports:
        known[port.key.olt].append((port.key.slot, port.key.port, port.tech))
    # An OLT with fewer reports some that nobody registered, too.
    more = [(HIGHEST_SLOT, number, "xgs-pon") for number in range(PORTS)]
    reported = {olt: (mine + more)[:PORTS] for olt, mine in known.items()}
    lap = 0
    while True:
        for number, olt in enumerate(city.olts):
            ts = now_ms + lap * 1000 + number % 1000
            ports, lines = [], []
            for slot, place, tech in reported[olt.id]:
                values = _values(PORT_FIELDS, dice)
                ports.append({"slot": slot, "port": place, "tech": tech} | values)
                tags = f"area={olt.area},olt={olt.id},port={place},slot={slot},tech={tech}"
                lines.append(_line(f"{PON_PORT.name},{tags}", PORT_FIELDS, values, ts))
            topic = topic_of(olt_identity(olt.area, olt.id), MessageKind.PON)
            body = {"ts": ts, "seq": lap, "ports": ports}
            yield Sample(olt.area, topic, _json(body), tuple(lines))
        lap += 1


def _devices(city: City, now_ms: int, dice: random.Random) -> Iterator[Sample]:
    areas = {community.code: community.area for community in city.communities}
    rows = city.devices.ranges
    # Every n-th of them, so that all kinds and areas take part.
    every = max(1, sum(len(row.ids) for row in rows) // MOST_DEVICES)
    known = [
        (areas[row.community], row.community, row.kind, device)
        for row in rows
        for device in row.ids.ids()
    ][::every][:MOST_DEVICES]
    lap = 0
    while True:
        for number, (area, community, kind, device) in enumerate(known):
            ts = now_ms + lap * 1000 + number % 1000
            values = _values(KIND_FIELDS[kind], dice)
            line = _device_line(area, community, kind, device, values, ts)
            topic = topic_of(device_identity(area, community, device), MessageKind.TELEMETRY)
            body = {"kind": kind, "ts": ts, "seq": lap, "values": values}
            yield Sample(area, topic, _json(body), (line,))
        lap += 1


def bundles(city: City, now_ms: int, dice: random.Random, size: int) -> Iterator[Sample]:
    """Bundles of so many reports, one gateway after another, without end."""
    areas = {community.code: community.area for community in city.communities}
    carried: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for row in city.devices.ranges:
        if row.gateway:
            mine = carried.setdefault((areas[row.community], row.gateway), [])
            mine += [(row.community, row.kind, device) for device in row.ids.ids()]
    lap = 0
    while True:
        for (area, gateway), devices in carried.items():
            topic = topic_of(gateway_identity(area, gateway), MessageKind.BUNDLE)
            reports, lines = [], []
            for number in range(lap * size, (lap + 1) * size):
                community, kind, device = devices[number % len(devices)]
                ts = now_ms + number // len(devices) * 1000
                values = _values(KIND_FIELDS[kind], dice)
                lines.append(_device_line(area, community, kind, device, values, ts))
                reports.append({"community": community, "device": device, "ts": ts, "kind": kind,
                                "values": values})  # fmt: skip
            yield Sample(area, topic, _json({"seq": lap, "reports": reports}), tuple(lines))
        lap += 1


def _device_line(
    area: str, community: str, kind: str, device: str, values: dict[str, Any], ts: int
) -> str:
    tags = f"area={area},community={community},device={device}"
    return _line(f"{DEVICE_MEASUREMENTS[kind].name},{tags}", KIND_FIELDS[kind], values, ts)


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _values(fields: Iterable[FieldSpec], dice: random.Random) -> dict[str, Any]:
    return {field.name: _value(field, dice) for field in fields}


def _value(field: FieldSpec, dice: random.Random) -> Any:
    if field.type is FieldType.STRING:  # admin and oper
        return "up"
    if field.type is FieldType.BOOLEAN:
        return dice.random() < 0.5
    low = 0 if field.low is None else field.low
    high = HIGHEST if field.high is None else min(field.high, HIGHEST)
    if field.type is FieldType.INTEGER:
        return int(low + (high - low) * dice.random())
    return round(low + (high - low) * dice.random(), 2)


def _line(series: str, fields: Iterable[FieldSpec], values: dict[str, Any], ts: int) -> str:
    parts = []
    for field in fields:
        value = values[field.name]
        if field.type is FieldType.STRING:
            parts.append(f'{field.name}="{value}"')
        elif field.type is FieldType.INTEGER:
            parts.append(f"{field.name}={value}i")
        else:
            parts.append(f"{field.name}={value}")
    return f"{series} {','.join(parts)} {ts}"
