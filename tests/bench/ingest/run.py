"""The rounds of a bench: fill every queue, then let each consumer empty its own, one at a time."""

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gigacity_contract.topics import area_filter
from tests.bench.ingest.children import Child
from tests.bench.ingest.consumers import CEILING, ConsumerName, Work, command_of
from tests.bench.ingest.drain_watch import Drain, Watched, watch_drain
from tests.bench.ingest.results import Round, ShapeResult
from tests.bench.ingest.shapes import Shape
from tests.bench.ingest.surroundings import Surroundings
from tests.bench.ingest.wire import Wire, end_session, make_session
from tests.bench.ingest.writer import packed_bodies, write_bodies

Advance = Callable[[int], object]
"""Told how much of a step is done."""


class Progress(Protocol):
    """Shows what is going on."""

    def step(self, text: str, total: int) -> AbstractContextManager[Advance]:
        """A step of the bench, with a bar."""

    def say(self, text: str) -> None:
        """A remark that stays."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    consumers: Sequence[ConsumerName]
    shapes: Sequence[Shape]
    rounds: int
    folder: Path
    city: Path


def run_rounds(plan: Plan, around: Surroundings, progress: Progress) -> list[ShapeResult]:
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
            one.fill(order, progress)
            for name in order:
                found[shape.name][name].append(one.measure(name, progress))
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

    def fill(self, consumers: Sequence[ConsumerName], progress: Progress) -> None:
        """A session for each consumer, then every message once."""
        readers = [name for name in consumers if name != CEILING]
        if not readers:
            return
        for name in readers:
            make_session(self._around.reader, self._client_id(name), [area_filter()])
        by_area: dict[str, list[tuple[str, bytes]]] = {}
        for sample in self._shape.samples:
            by_area.setdefault(sample.area, []).append((sample.topic, sample.payload))
        with progress.step(f"{self._title}: publish", len(self._shape.samples)) as advance:
            done = 0
            for area, messages in by_area.items():
                with Wire(self._around.publishers[area], f"{self._prefix}-from-{area}") as wire:
                    done += wire.publish(messages)
                advance(done)

    def measure(self, name: ConsumerName, progress: Progress) -> Round:
        """Let one consumer work into an empty database, and count what is there then."""
        target, bucket = self._around.target, f"{self._prefix}-{name}"
        target.prepare(bucket)
        try:
            if name == CEILING:
                drain = self._write(bucket, progress)
            else:
                drain = self._drain(name, bucket, progress)
        finally:
            target.forget(bucket)
            if name != CEILING:
                end_session(self._around.reader, self._client_id(name))
        return Round(drain, self._shape.points)

    def _write(self, bucket: str, progress: Progress) -> Drain:
        samples = self._shape.samples
        bodies = packed_bodies([line for sample in samples for line in sample.lines])
        with progress.step(f"{self._title}: bare writer", 1):
            drain = write_bodies(self._around.target, bucket, bodies, len(samples))
        stored = self._around.target.count(bucket, self._shape.counted)
        return dataclasses.replace(drain, stored=stored)

    def _drain(self, name: ConsumerName, bucket: str, progress: Progress) -> Drain:
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
        with (
            progress.step(f"{self._title}: {name}", messages) as advance,
            Child(name, argv, log=folder / f"{name}.log", env=env) as child,
        ):
            drain = watch_drain(
                Watched(
                    pid=child.pid,
                    port=self._around.reader.port,
                    messages=messages,
                    points=self._shape.points,
                    is_running=child.is_running,
                    count=lambda: self._around.target.count(bucket, self._shape.counted),
                    progress=advance,
                )
            )
        if drain.end != "done":
            progress.say(f"{self._title}: {name} {drain.end}; its log ends:\n{child.log_tail()}")
        return drain

    def _client_id(self, name: str) -> str:
        return f"{self._prefix}-{name}"
