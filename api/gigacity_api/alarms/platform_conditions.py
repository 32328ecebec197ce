"""What workers, database and evaluator say of themselves: conditions without columns.

Workers are known by their rows of ``gigacity_worker``. One that gave its areas up has ended in
order once it says nothing more; any other is silent, for a day. Then neither counts any more, and
whatever was wrong with it is over.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gigacity_api.alarms.catalogue import ALARM_TYPES
from gigacity_api.alarms.finding import AlarmFinding
from gigacity_api.alarms.model import AlarmResource, ResourceKind, RootCause, alarm_id

WORKER_SILENT_MS = 180_000
"""Workers write a row each 10 to 60 seconds."""

DAY_MS = FORGET_WORKER_MS = 86_400_000

DISK_DEAD_BAND = 1.25
"""So many times the limit must be free before a disk counts as well again."""


class WorkerState(NamedTuple):
    """The newest row of a worker, and the one before."""

    worker: str
    at_ms: int
    areas: tuple[str, ...]
    """Areas that it owns, ``*`` for every one; none: it gave them up, and may go."""
    is_connected: bool | None
    is_balanced: bool | None
    points_spooled: int
    spooled_before: int
    decoded: int
    """Points since the row before."""
    dead: int
    """Dead letters since the row before."""
    free_share: float | None = None
    """Of the disk on which its state is; None: unknown."""
    certificate_expires_ms: int | None = None
    """When the first of the broker's and its own certificate runs out; None: no TLS, or unknown."""


class PlatformLimits(NamedTuple):
    """Beyond which the platform is not well."""

    evaluator_ticks: float
    dead_share: float
    clock_s: float
    free_share: float
    certificate_days: float


@dataclass(frozen=True, slots=True)
class PlatformView:
    """What this process knows of itself and of the workers at one moment."""

    now_ms: int
    workers: tuple[WorkerState, ...] = ()
    store_trouble: str = ""
    """Why the database does not answer; empty: it does."""
    late_ticks: float = 0.0
    """How many intervals the newest figures are old."""
    city_trouble: str = ""


class _Delay(NamedTuple):
    since_ms: int
    good_ms: int
    is_active: bool


class PlatformConditions:
    """Delays of conditions that have names instead of columns."""

    def __init__(self) -> None:
        self._delays: dict[str, tuple[AlarmFinding, _Delay]] = {}

    def restore(self, finding: AlarmFinding) -> None:
        """It was in force before this process started."""
        self._delays[finding.id] = (finding, _Delay(finding.since_ms, 0, is_active=True))

    def step(
        self,
        at_ms: int,
        holds: Iterable[AlarmFinding],
        good: Iterable[str],
        workers: Collection[str] | None = None,
    ) -> list[AlarmFinding]:
        """What is in force.

        Args:
            at_ms: the moment.
            holds: what is known to hold.
            good: ids of what is known to be gone; what is neither stays as it is.
            workers: that count; what was wrong with another is gone. None: nobody can tell.
        """
        gone = set(good)
        if workers is not None:
            gone |= {name for name, (f, _) in self._delays.items() if _is_of_another(f, workers)}
        for finding in holds:
            known = self._delays.get(finding.id)
            delay = known[1] if known else _Delay(at_ms, 0, is_active=False)
            on_ms = ALARM_TYPES[finding.type].on_delay_s * 1000
            is_active = delay.is_active or at_ms - delay.since_ms >= on_ms
            finding.since_ms = delay.since_ms
            self._delays[finding.id] = (finding, _Delay(delay.since_ms, 0, is_active))
            gone.discard(finding.id)
        for name in gone & self._delays.keys():
            finding, delay = self._delays[name]
            good_ms = delay.good_ms or at_ms
            off_ms = ALARM_TYPES[finding.type].off_delay_s * 1000
            if not delay.is_active or at_ms - good_ms >= off_ms:
                del self._delays[name]
            else:
                self._delays[name] = (finding, delay._replace(good_ms=good_ms))
        return [finding for finding, delay in self._delays.values() if delay.is_active]


def _is_of_another(finding: AlarmFinding, workers: Collection[str]) -> bool:
    resource = finding.resource
    return resource.kind is ResourceKind.WORKER and resource.id not in workers


class Said:
    """What a view says: what holds, and the ids of what is known to be gone."""

    def __init__(self, at_ms: int, workers: Collection[str] | None) -> None:
        self.workers = workers
        """That count; None: the database does not say."""
        self._at_ms = at_ms
        self.holds: list[AlarmFinding] = []
        self.good: list[str] = []

    def say(
        self, name: str, resource: AlarmResource, *, holds: bool, cause: str | None = None
    ) -> None:
        """Take note of one condition."""
        if not holds:
            self.good.append(alarm_id(name, resource))
            return
        found = None if cause is None else RootCause(cause, "confirmed", (cause,))
        self.holds.append(AlarmFinding(name, resource, self._at_ms, found))


def platform_says(view: PlatformView, limits: PlatformLimits) -> Said:
    """Conditions of the platform at one moment."""
    there = [row for row in view.workers if _counts(row, view.now_ms)]
    said = Said(view.now_ms, None if view.store_trouble else {row.worker for row in there})
    database = AlarmResource(ResourceKind.DATABASE, "influxdb")
    said.say(
        "platform.database_unreachable", database, holds=bool(view.store_trouble), cause="database"
    )
    evaluator = AlarmResource(ResourceKind.EVALUATOR, "evaluator")
    is_late = view.late_ticks > limits.evaluator_ticks and not view.store_trouble
    said.say("platform.evaluator_late", evaluator, holds=is_late)
    city = AlarmResource(ResourceKind.CITY, "city-file")
    said.say("platform.city_file_refused", city, holds=bool(view.city_trouble))
    if not view.store_trouble:
        for row in there:
            _worker(said, view, row, limits)
    return said


def _counts(row: WorkerState, now_ms: int) -> bool:
    age_ms = now_ms - row.at_ms
    return age_ms <= (FORGET_WORKER_MS if row.areas else WORKER_SILENT_MS)


def _worker(said: Said, view: PlatformView, row: WorkerState, limits: PlatformLimits) -> None:
    worker = AlarmResource(ResourceKind.WORKER, row.worker)
    age_ms = view.now_ms - row.at_ms
    is_silent = age_ms > WORKER_SILENT_MS
    said.say("platform.worker_silent", worker, holds=is_silent, cause="worker")
    if is_silent:
        return
    if row.is_connected is not None:
        away = not row.is_connected
        said.say("platform.broker_unreachable", worker, holds=away, cause="broker")
    if row.is_balanced is not None:
        said.say("platform.ledger_unbalanced", worker, holds=not row.is_balanced)
    grows = row.points_spooled > 0 and row.points_spooled >= row.spooled_before
    said.say("platform.spool_filling", worker, holds=grows, cause="database")
    refused = row.dead > 0 and row.dead > limits.dead_share * max(row.decoded, 1)
    said.say("platform.dead_letters", worker, holds=refused)
    said.say("platform.clock_wrong", worker, holds=age_ms < -1000 * limits.clock_s)
    _machine(said, view, row, limits)


def _machine(said: Said, view: PlatformView, row: WorkerState, limits: PlatformLimits) -> None:
    """Between limit and dead band nothing is said, so that nothing changes."""
    worker = AlarmResource(ResourceKind.WORKER, row.worker)
    if row.free_share is not None:
        is_full = row.free_share < limits.free_share
        if is_full or row.free_share >= DISK_DEAD_BAND * limits.free_share:
            said.say("platform.disk_filling", worker, holds=is_full)
    ends_ms = row.certificate_expires_ms
    if ends_ms is not None or row.is_connected:
        # Whoever has a session and names no end uses TLS no more.
        days = limits.certificate_days
        ends = ends_ms is not None and ends_ms - view.now_ms < days * DAY_MS
        said.say("platform.certificate_expiring", worker, holds=ends)
