"""Faults in progress: each is a generator that acts, yields how long to wait, and acts again.

Children die with the thread that started them, so everything runs in one thread, and several faults
at once take turns in it.
"""

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.faults.load import Load
from tests.faults.poisoning import PoisonLedger
from tests.faults.rig import Rig

_MAX_PROBLEMS = 20

Steps = Iterator[float]
"""Seconds to wait before the next step."""


class CannotError(Exception):
    """The machine lacks what the fault needs; says what."""


@dataclass
class Scene:
    """What a fault may reach, and what it leaves for the account."""

    rig: Rig
    rng: Random
    hold_s: tuple[float, float] = (0.5, 1.5)
    """How long a fault lasts, between the two."""
    storm_clients: int = 2500
    loads: list[Load] = field(default_factory=list)
    """Every load of the run; faults may add some."""
    poison: PoisonLedger = field(default_factory=PoisonLedger)
    is_worker_taken: bool = False
    """Somebody is about to start the worker: nobody else may touch it."""
    counts: dict[str, int] = field(default_factory=dict)
    """Faults done, by name."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Faults that this machine cannot have, and why."""
    healthz_s: list[float] = field(default_factory=list)
    """How long the API's simplest page took while others did not read theirs."""
    problems: list[str] = field(default_factory=list)
    """What must not happen: a worker or a server that ended by itself."""

    def hold(self) -> float:
        """How long this fault lasts."""
        return self.rng.uniform(*self.hold_s)

    def look_after_children(self) -> None:
        """Note a worker or a broker that ended by itself, and start it again."""
        broker = self.rig.broker.process
        assert broker is not None
        for child, start in (
            (self.rig.worker, self.rig.worker.start),
            (broker.child, broker.start),
        ):
            if child.has_failed:
                if len(self.problems) < _MAX_PROBLEMS:
                    self.problems.append(child.failure())
                start()


def counted(scene: Scene, name: str, fault: Callable[[Scene], Steps]) -> Steps:
    """The fault, counted when it is over or noted as impossible here."""
    try:
        yield from fault(scene)
    except CannotError as error:
        scene.skipped[name] = str(error)
        return
    scene.counts[name] = scene.counts.get(name, 0) + 1


def play(scene: Scene, tracks: Sequence[Steps]) -> None:
    """Run generators beside each other until all have ended."""
    order = iter(range(1 << 60))
    waiting = [(time.monotonic(), next(order), track) for track in tracks]
    heapq.heapify(waiting)
    while waiting:
        due_s, _, track = waiting[0]
        pause_s = due_s - time.monotonic()
        if pause_s > 0:
            time.sleep(min(pause_s, 0.2))
            scene.look_after_children()
            continue
        heapq.heappop(waiting)
        try:
            wait_s = next(track)
        except StopIteration:
            continue
        heapq.heappush(waiting, (time.monotonic() + wait_s, next(order), track))
