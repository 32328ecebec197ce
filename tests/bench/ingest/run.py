"""The rounds of a bench: fill every queue, then let each consumer empty its own, one at a time."""

import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.topics import area_filter
from gigacity_deploy.processes import Child
from tests.bench.ingest.consumers import CEILING, ConsumerName, Work, command_of
from tests.bench.ingest.drain_watch import Drain, Watched, watch_drain
from tests.bench.ingest.results import Round, ShapeResult
from tests.bench.ingest.shapes import Shape
from tests.bench.ingest.surroundings import Surroundings
from tests.bench.ingest.wire import Wire, end_session, make_session
from tests.bench.ingest.writer import packed_bodies, write_bodies

STOP_S = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    consumers: Sequence[ConsumerName]
    shapes: Sequence[Shape]
    rounds: int
    folder: Path
    city: Path


def say(text: str) -> None:
    """A line for whoever waits."""
    sys.stderr.write(f"{text}\n")


def run_rounds(plan: Plan, around: Surroundings) -> list[ShapeResult]:
    """Every shape in every round; who goes first changes from round to round.

    Raises:
        GigacityError: broker, database or a consumer cannot be used at all.
    """
    found: dict[str, dict[str, list[Round]]] = {
        shape.name: {name: [] for name in plan.consumers} for shape in plan.shapes
    }
    for number in range(plan.rounds):
        at = number % len(plan.consumers)
        order = (*plan.consumers[at:], *plan.consumers[:at])
        for shape in plan.shapes:
            title = f"round {number + 1}/{plan.rounds}, {shape.name}"
            one = _OneRound(plan, around, shape, title, f"bench-{number}-{shape.name}")
            one.fill(order)
            for name in order:
                found[shape.name][name].append(one.measure(name))
    return [
        ShapeResult(shape.name, len(shape.samples), shape.points, found[shape.name])
        for shape in plan.shapes
    ]


class _OneRound:
    """One shape in one round."""

    def __init__(
        self, plan: Plan, around: Surroundings, shape: Shape, title: str, prefix: str
    ) -> None:
        self._plan = plan
        self._around = around
        self._shape = shape
        self._title = title
        self._prefix = prefix

    def fill(self, consumers: Sequence[ConsumerName]) -> None:
        """A session for each consumer, then every message once."""
        readers = [name for name in consumers if name != CEILING]
        if not readers:
            return
        for name in readers:
            make_session(self._around.reader, self._client_id(name), [area_filter()])
        by_area: dict[str, list[tuple[str, bytes]]] = {}
        for sample in self._shape.samples:
            by_area.setdefault(sample.area, []).append((sample.topic, sample.payload))
        say(f"{self._title}: publish")
        for area, messages in by_area.items():
            with Wire(self._around.logins[area], f"{self._prefix}-from-{area}") as wire:
                wire.publish(messages)

    def measure(self, name: ConsumerName) -> Round:
        """Let one consumer work into an empty database, and count what is there then."""
        target, bucket = self._around.target, f"{self._prefix}-{name}"
        say(f"{self._title}: {name}")
        target.prepare(bucket)
        try:
            drain = self._write(bucket) if name == CEILING else self._drain(name, bucket)
        finally:
            target.forget(bucket)
            if name != CEILING:
                end_session(self._around.reader, self._client_id(name))
        return Round(drain, self._shape.points)

    def _write(self, bucket: str) -> Drain:
        samples = self._shape.samples
        bodies = packed_bodies([line for sample in samples for line in sample.lines])
        drain = write_bodies(self._around.target, bucket, bodies, len(samples))
        stored = self._around.target.count(bucket, self._shape.counted)
        return dataclasses.replace(drain, stored=stored)

    def _drain(self, name: ConsumerName, bucket: str) -> Drain:
        folder = self._plan.folder / bucket
        folder.mkdir(parents=True)
        messages = len(self._shape.samples)
        work = Work(
            shape=self._shape.name,
            messages=messages,
            points=self._shape.points,
            client_id=self._client_id(name),
            login=self._around.reader,
            target=self._around.target,
            bucket=bucket,
            folder=folder,
            city=self._plan.city,
        )
        argv, env = command_of(name, work)
        child = Child(name, argv, log=folder / f"{name}.log", env=env)
        child.start()
        try:
            drain = watch_drain(
                Watched(
                    pid=child.pid,
                    port=self._around.reader.port,
                    messages=messages,
                    points=self._shape.points,
                    is_running=lambda: child.is_running,
                    count=lambda: self._around.target.count(bucket, self._shape.counted),
                )
            )
        finally:
            child.stop(STOP_S)
        if drain.end != "done":
            say(f"{self._title}: {name} {drain.end}; its log ends:\n{child.log_tail()}")
        return drain

    def _client_id(self, name: str) -> str:
        return f"{self._prefix}-{name}"
