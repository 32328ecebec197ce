"""Measures consumers one after another, each over the same messages at the same pace."""

import http.client
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from gigacity_city.model import City
from gigacity_contract.clock import Clock
from gigacity_contract.topics import area_filter
from gigacity_deploy.processes import Child
from gigacity_deploy.sockets import LOOPBACK, free_port
from tests.bench.ingest.consumers import ConsumerName, Work, command_of
from tests.bench.ingest.shapes import (
    COUNTED_DEVICES,
    COUNTED_PORTS,
    Sample,
    ShapeName,
    build_shape,
    bundles,
    port_reports,
)
from tests.bench.ingest.surroundings import Surroundings
from tests.bench.ingest.wire import end_session, make_session
from tests.bench.pace.sending import PacedMessages, Publisher
from tests.bench.process_watch import Usage, usage
from tests.bench.storm.latency import Histogram, parse_histogram

PaceName = ShapeName | Literal["city"]
STOP_S = 30.0
LAP_POINTS_PER_S = 15_000
_START_S = 30.0
_LAP_S = 60.0
_STORED_S = 15.0
_SAMPLES: dict[PaceName, int] = {
    "pon": 2600, "device": 20_000, "bundle10": 7430, "bundle100": 2972, "city": 5200,
}  # fmt: skip
"""Every publisher comes round, and each carried device is met several times."""
CITY_BUNDLE = 29
"""To each report of 16 ports, so that devices have 5,000 of 7,800 points, as in the load test."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    consumers: Sequence[ConsumerName]
    shapes: Sequence[PaceName]
    rates: Sequence[float]
    seconds: float
    warm_up_s: float
    folder: Path
    city_folder: Path
    city: City


@dataclass(frozen=True, slots=True)
class PaceResult:
    """One consumer, one shape, one rate."""

    consumer: str
    shape: str
    wanted_points_per_s: float
    points_per_s: float
    cpu_s_per_million: float
    core_percent: float
    peak_rss_mb: float
    p50_s: float | None
    """From publishing to storing, by the worker's own histogram; None for others."""
    p99_s: float | None
    publisher_late_s: float
    published: int
    """Points, from the start."""
    stored: int

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def samples_of(name: PaceName, city: City, now_ms: int, count: int = 0) -> list[Sample]:
    """Messages that all have the same ``ts``; 0: as many as a run needs."""
    count, dice = count or _SAMPLES[name], random.Random(1)  # noqa: S311 - readings, not secrets
    if name == "city":
        both = zip(
            port_reports(city, now_ms, dice), bundles(city, now_ms, dice, CITY_BUNDLE), strict=False
        )
        made = [sample for pair in islice(both, count // 2) for sample in pair]
    else:
        made = build_shape(name, count, city, now_ms=now_ms, seed=1).samples
    return [_at_one_instant(sample, now_ms) for sample in made]


def _at_one_instant(sample: Sample, now_ms: int) -> Sample:
    """The same with one ``ts``: the members before it have no number of 13 digits."""
    payload = sample.payload
    for part in payload.split(b'"ts":')[1:]:
        payload = payload.replace(b'"ts":' + part[:13], b'"ts":%d' % now_ms)
    return sample._replace(payload=payload)


class PaceRun:
    """One plan over one broker and one database."""

    def __init__(self, plan: Plan, around: Surroundings, clock: Clock) -> None:
        self._plan = plan
        self._around = around
        self._clock = clock
        self._number = 0

    def measure(self, name: ConsumerName, shape: PaceName, rate: float) -> PaceResult:
        """Start the consumer, publish, look at it after the warm-up and at the end."""
        self._number += 1
        plan, around, client_id = self._plan, self._around, f"pace-{self._number}-{name}"
        folder, port = plan.folder / client_id, free_port()
        folder.mkdir(parents=True)
        around.target.prepare(client_id)
        if name != "telegraf":  # It subscribes by itself, before the first message comes.
            make_session(around.reader, client_id, [area_filter()])
        made_ms = self._clock.now_ms()
        paced = PacedMessages(
            samples_of(shape, plan.city, made_ms), made_ms, rate, LAP_POINTS_PER_S
        )
        argv, env = command_of(
            name,
            Work(
                shape=shape, messages=1_000_000, points=1_000_000, client_id=client_id,
                login=around.reader, target=around.target, bucket=client_id, folder=folder,
                city=plan.city_folder,
            ),
        )  # fmt: skip
        child = Child(name, argv, log=folder / f"{name}.log",
                      env=env | {"GIGACITY_HTTP_LISTEN": f"{LOOPBACK}:{port}"})  # fmt: skip
        publisher = Publisher(dict(around.logins), paced, self._clock.now_ms)
        try:
            child.start()
            if name == "worker":
                child.wait_ready(lambda: _metrics(port) is not None, deadline_s=_START_S)
            else:
                time.sleep(3.0)
            publisher.start()
            publisher.is_warm.wait(_LAP_S)
            time.sleep(plan.warm_up_s)
            first = self._look(child.pid, publisher, port)
            time.sleep(plan.seconds)
            last = self._look(child.pid, publisher, port)
            publisher.stop()
            stored = self._stored(client_id, publisher.points)
        finally:
            publisher.stop()
            child.stop(STOP_S)
            around.target.forget(client_id)
            end_session(around.reader, client_id)
        return _result(name, shape, rate, first, last, publisher, stored)

    def _stored(self, bucket: str, published: int) -> int:
        """Points that are there once all are, or after a while."""
        give_up_s = time.monotonic() + _STORED_S
        while True:
            stored = self._around.target.count(bucket, (*COUNTED_PORTS, *COUNTED_DEVICES))
            if stored >= published or time.monotonic() > give_up_s:
                return stored
            time.sleep(0.5)

    def _look(self, pid: int, publisher: Publisher, port: int) -> "_Look":
        used = usage(pid)
        if used is None:
            raise OSError("the consumer ended by itself; see its log")
        return _Look(time.monotonic(), publisher.points, used, _metrics(port))


@dataclass(frozen=True, slots=True)
class _Look:
    at_s: float
    points: int
    used: Usage
    latency: Histogram | None


def _result(
    name: str,
    shape: str,
    rate: float,
    first: _Look,
    last: _Look,
    publisher: Publisher,
    stored: int,
) -> PaceResult:
    seconds, points = last.at_s - first.at_s, last.points - first.points
    cpu_s = last.used.cpu_s - first.used.cpu_s
    found = None if last.latency is None else last.latency.since(first.latency)
    return PaceResult(
        name, shape, rate, points / seconds, cpu_s / max(points, 1) * 1e6, cpu_s / seconds * 100,
        last.used.peak_rss_mb,
        None if found is None else found.quantile_s(0.5),
        None if found is None else found.quantile_s(0.99),
        publisher.late_s, publisher.points, stored,
    )  # fmt: skip


def _metrics(port: int) -> Histogram | None:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/metrics")
        return parse_histogram(connection.getresponse().read().decode())
    except OSError:
        return None
    finally:
        connection.close()
