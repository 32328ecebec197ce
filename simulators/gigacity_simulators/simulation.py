"""The simulated city in time: samples what is due, lets changes happen, notes the truth.

It is driven by ``advance`` with the wall time and owns no clock and no socket; messages leave
through the ``Transport`` that it is given. Between two calls it may be late, but never out of
order: within a call everything happens at its own instant.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from gigacity_city.model import City
from gigacity_simulators.foreign.speakers import Speaker
from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.models.clocks import ClockSkew
from gigacity_simulators.models.trouble import PortTrouble
from gigacity_simulators.pace import Pace, device_schedules, olt_schedule
from gigacity_simulators.publisher_directory import NOBODY, PublisherDirectory, PublisherRole
from gigacity_simulators.reporting import Reporter
from gigacity_simulators.schedule.changes import Action, Change, ChangePlan
from gigacity_simulators.schedule.cuts import CutPlan
from gigacity_simulators.schedule.grid import Grid
from gigacity_simulators.schedule.script import ChangeScript
from gigacity_simulators.truth.figures import TruthFigure
from gigacity_simulators.truth.oracle import Oracle, indicator_windows
from gigacity_simulators.world import World


class Transport(Protocol):
    """The publishers' side of the world, by publisher index."""

    def send(self, publisher: int, message: OutgoingMessage) -> None:
        """Take a message for delivery; it waits while the publisher is not connected."""
        ...

    def allow(self, publisher: int) -> None:
        """Let the publisher connect and stay connected."""
        ...

    def cut(self, publisher: int) -> None:
        """Break the publisher's connection without a farewell; what it has to send waits."""
        ...

    def kill(self, publisher: int) -> None:
        """Break the publisher's connection without a farewell; what it had to send is gone."""
        ...

    def undisturbed_since_ms(self) -> int:
        """Since when every publisher that should be connected has been."""
        ...

    def oldest_unacknowledged_ms(self) -> int | None:
        """The earliest instant among the reports that no broker has acknowledged."""
        ...


class TruthLine(NamedTuple):
    """The truth of one evaluation tick."""

    at_ms: int
    is_complete: bool
    """Every simulated object has been sampling for a full window, and all of it was delivered."""
    complete_for: tuple[str, ...]
    """The indicators of which this is true; those of rare reporters take days."""
    cut_olts: tuple[str, ...]
    figures: list[TruthFigure]


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """What a simulation is made from."""

    city: City
    directory: PublisherDirectory
    grid: Grid
    pace: Pace
    seed: int
    change_share_per_minute: float
    cuts: CutPlan
    start_ms: int
    with_truth: bool = True
    scripted: Sequence[Change] = ()
    troubles: Mapping[int, Sequence[PortTrouble]] = field(default_factory=dict)
    """Of lines, by port."""
    speakers: Mapping[int, Speaker] = field(default_factory=dict)
    """Of other formats, by publisher."""
    skews: Mapping[int, Sequence[ClockSkew]] = field(default_factory=dict)
    """Of clocks, by publisher."""


class Simulation:
    """Moves the city forward."""

    def __init__(
        self, plan: SimulationPlan, transport: Transport, on_truth: Callable[[TruthLine], None]
    ) -> None:
        self._plan = plan
        self._transport = transport
        self._on_truth = on_truth
        grid_ms = plan.grid.step_ms
        self.bundle_ms = min(5000, grid_ms // 10)
        self._grace_ms = self.bundle_ms + min(1000, grid_ms // 10)
        self._oracle = Oracle(plan.city)
        self.world = World(plan.city, plan.directory)
        self._reporter = Reporter(
            plan.city,
            plan.directory,
            self.world,
            self._oracle.held,
            bundle_ms=self.bundle_ms,
            troubles=plan.troubles,
            speakers=plan.speakers,
            skews=plan.skews,
        )
        self._script = ChangeScript(plan.scripted)
        self._changes = ChangePlan(
            self.world,
            seed=plan.seed,
            grid_ms=grid_ms,
            share_per_minute=plan.change_share_per_minute,
            reserved=self._script.subjects,
        )
        self._olts = olt_schedule(plan.directory, plan.pace, grid_ms=grid_ms)
        self._devices = device_schedules(plan.directory, plan.pace, grid_ms=grid_ms)
        self._at_ms = plan.start_ms
        self._late_ms = 0
        self._windows_ms = indicator_windows(plan.city)
        self._dark: frozenset[int] = frozenset()
        """Publishers without power; the first publishers are the OLTs, by their index."""
        self._connected: set[int] = set()
        self._had_session: set[int] = set()
        self._no_end_until_ms = 0
        """Till then the silence of a device that died without a will may be unknown."""
        self._pending: list[tuple[int, list[TruthFigure], tuple[str, ...]]] = []
        self.changes_made = 0

    def start(self) -> None:
        """Let every publisher connect whose device is alive."""
        for index, publisher in enumerate(self._plan.directory.publishers):
            if publisher.role is not PublisherRole.DEVICE or self.world.is_alive(publisher.subject):
                self._transport.allow(index)

    def advance(self, now_ms: int) -> None:
        """Do everything that is due up to this wall time."""
        grid = self._plan.grid
        while self._at_ms < now_ms:
            boundary_ms = min(now_ms, grid.next_half(self._at_ms))
            self._sample(self._at_ms, boundary_ms)
            self._at_ms = boundary_ms
            if grid.is_middle(boundary_ms):
                self._late_ms = now_ms - boundary_ms
                self._change(boundary_ms)
            elif grid.is_instant(boundary_ms) and self._plan.with_truth:
                self._observe(boundary_ms)
        self._send(self._reporter.bundles(now_ms))
        self._tell_truth(now_ms)

    def finish(self) -> None:
        """Hand over the reports that still wait for their bundle."""
        self._send(self._reporter.rest())

    def _send(self, messages: Iterable[tuple[int, OutgoingMessage]]) -> None:
        for publisher, message in messages:
            self._transport.send(publisher, message)

    def _sample(self, after_ms: int, until_ms: int) -> None:
        for due_ms, olt in self._olts.due(after_ms, until_ms):
            if olt not in self._dark:
                self._send(self._reporter.olt_due(olt, due_ms))
        for schedule in self._devices:
            for due_ms, device in schedule.due(after_ms, until_ms):
                if self.world.is_alive(device) and self._can_sample(device):
                    self._report(device, due_ms)

    def _can_sample(self, device: int) -> bool:
        """A device that connects by itself has no memory: it samples only while connected."""
        publisher = self._own_publisher(device)
        return publisher == NOBODY or publisher in self._connected

    def _report(self, device: int, due_ms: int) -> None:
        self._send(self._reporter.device_due(device, due_ms))

    def _change(self, at_ms: int) -> None:
        self._dark = self._plan.cuts.dark(at_ms)
        for publisher in self._plan.cuts.begun(at_ms):
            if publisher in self._dark:
                self._transport.kill(publisher)
            else:
                self._transport.cut(publisher)
        for publisher in self._plan.cuts.ended(at_ms):
            self._transport.allow(publisher)
        scripted = self._script.at_middle(at_ms, self.world)
        for change in (*scripted, *self._changes.at_middle(at_ms)):
            self.world.apply(change)
            self.changes_made += 1
            self._follow(change)

    def _follow(self, change: Change) -> None:
        """What a change means beyond the state: connections, and events reported at once."""
        device = change.subject
        match change.action:
            case Action.DEVICE_DIES:
                publisher = self._own_publisher(device)
                if publisher != NOBODY:
                    if publisher in self._had_session - self._connected:
                        # No will may tell of it: three windows, as docs/figures.md has it.
                        until_ms = change.at_ms + 3 * self.world.silence_ms(device)
                        self._no_end_until_ms = max(self._no_end_until_ms, until_ms)
                    self._transport.kill(publisher)
                    self._connected.discard(publisher)
                    self._oracle.held.connection_ended(device)
            case Action.DEVICE_RETURNS:
                publisher = self._own_publisher(device)
                if publisher != NOBODY:
                    self._transport.allow(publisher)
                else:
                    self._report_event(device, change.at_ms)
            case Action.ALARM_RAISED | Action.ALARM_CLEARED:
                self._report_event(device, change.at_ms)

    def _report_event(self, device: int, at_ms: int) -> None:
        if self._can_sample(device):
            self._report(device, at_ms)
            self._send(self._reporter.bundle_now(self._plan.directory.publisher_of[device]))

    def connection_changed(self, publisher: int, *, is_up: bool, now_ms: int) -> None:
        """A publisher's connection came up or was lost, not by this simulation's doing.

        OLTs and gateways go on sampling whatever happens. A device that connects by itself is
        offline once its connection ends, and reports as soon as it has one again: of a device with
        an open session and an old report nobody could tell whether it is there.
        """
        subject = self._plan.directory.publishers[publisher]
        if subject.role is not PublisherRole.DEVICE:
            return
        if not is_up:
            self._connected.discard(publisher)
            self._oracle.held.connection_ended(subject.subject)
            return
        # Its report must not share its instant with one that was due, nor with an evaluation.
        is_on_grid = self._plan.grid.next_half(now_ms - 1) == now_ms
        at_ms = now_ms + 1 if is_on_grid else now_ms
        self.advance(at_ms)
        if self.world.is_alive(subject.subject):
            self._connected.add(publisher)
            self._had_session.add(publisher)
            self._report(subject.subject, at_ms)

    def _own_publisher(self, device: int) -> int:
        publisher = self._plan.directory.publisher_of[device]
        is_own = self._plan.directory.publishers[publisher].role is PublisherRole.DEVICE
        return publisher if is_own else NOBODY

    def _observe(self, at_ms: int) -> None:
        olts = self._plan.city.olts
        publishers = [self._plan.directory.publishers[i] for i in self._plan.cuts.holds(at_ms)]
        cut = tuple(olts[p.subject].id for p in publishers if p.role is PublisherRole.OLT)
        self._pending.append((at_ms, self._oracle.figures(at_ms), cut))

    def _tell_truth(self, now_ms: int) -> None:
        """Tell the truth of instants that had time to be delivered."""
        while self._pending and self._pending[0][0] + self._grace_ms <= now_ms:
            at_ms, figures, cut = self._pending.pop(0)
            complete_for = self._complete_for(at_ms, now_ms)
            is_complete = len(complete_for) == len(self._windows_ms)
            self._on_truth(TruthLine(at_ms, is_complete, complete_for, cut, figures))

    def _complete_for(self, at_ms: int, now_ms: int) -> tuple[str, ...]:
        unsent = [self._transport.oldest_unacknowledged_ms(), self._reporter.oldest_waiting_ms()]
        is_delivered = all(oldest_ms is None or oldest_ms > at_ms for oldest_ms in unsent)
        is_late = self._late_ms >= self._plan.grid.step_ms // 4
        if not is_delivered or is_late or at_ms < self._no_end_until_ms:
            return ()
        settled_ms = max(self._plan.start_ms, self._transport.undisturbed_since_ms())
        return tuple(
            indicator
            for indicator, window_ms in self._windows_ms.items()
            if at_ms - window_ms >= settled_ms
            and not self._plan.cuts.touches(at_ms - window_ms, now_ms)
        )
