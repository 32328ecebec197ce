"""What the threads of a worker tell each other and the health page.

Each attribute has one writing thread; readers see the last value that was assigned.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from gigacity_ingest.dead_letters.budget import StoreStatus
from gigacity_ingest.decode.sequences import SequenceTracker
from gigacity_ingest.foreign.intake_counts import IntakeCounts
from gigacity_ingest.pipeline.safety_relay import SafetyRelay
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot
from gigacity_ingest.spool import SpoolStatus

STARTING = "starting"
_MAX_SAID = 100
"""Reasons that are remembered: some name a publisher, and there may be many."""


@dataclass
class HealthState:
    """Whether something is well, or the reason why it is not.

    Logs its loss, each further reason, and its return once, however often it is told of them.
    """

    name: str
    problem: str = STARTING
    log: structlog.typing.FilteringBoundLogger = field(default_factory=structlog.get_logger)
    failures: int = 0
    _said: set[str] = field(default_factory=set)

    @property
    def is_ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problem

    def failed(self, problem: str) -> None:
        """It is not well, for this reason."""
        self.failures += 1
        if problem not in self._said:
            if len(self._said) >= _MAX_SAID:
                self._said.clear()
            self._said.add(problem)
            self.log.warning("lost", what=self.name, problem=problem)
        self.problem = problem

    def ok(self, **details: str) -> None:
        """It is well."""
        if self.problem:
            self.log.info("ready", what=self.name, **details)
            self._said.clear()
            self.problem = ""


class MachineState(NamedTuple):
    """What the machine said last; None: it cannot be told."""

    disk_bytes: int | None = None
    """Of the disk on which the worker's state is."""
    disk_free_bytes: int | None = None
    """That the worker may still use."""
    certificate_expires_ms: int | None = None
    """When the first of the broker's and the worker's own certificate runs out."""


@dataclass
class WorkerStatus:
    """The state of one worker, for its health page."""

    worker: str
    started_ms: int
    session: HealthState = field(default_factory=lambda: HealthState("session"))
    session_queue: HealthState = field(
        default_factory=lambda: HealthState("session_queue", problem="")
    )
    """Whether every session that the broker had held was still there; stays for the whole run."""
    database: HealthState = field(default_factory=lambda: HealthState("database"))
    dead_letter_store: HealthState = field(
        default_factory=lambda: HealthState("dead_letter_store", problem="")
    )
    dead_letter_budget: HealthState = field(
        default_factory=lambda: HealthState("dead_letter_budget", problem="")
    )
    dead_letter_state: StoreStatus = field(default_factory=StoreStatus)
    spool: HealthState = field(default_factory=lambda: HealthState("spool", problem=""))
    ledger: HealthState = field(default_factory=lambda: HealthState("ledger", problem=""))
    refusals: HealthState = field(default_factory=lambda: HealthState("refusals", problem=""))
    city: HealthState = field(default_factory=lambda: HealthState("city", problem=""))
    """Whether the city folder holds what is in force."""
    city_version: str = ""
    """In force."""
    sources: HealthState = field(default_factory=lambda: HealthState("sources", problem=""))
    """Whether the mappings of foreign sources hold what is in force."""
    source_counts: Mapping[str, IntakeCounts] = field(default_factory=dict)
    """By the name of a foreign source."""
    subscriptions: HealthState = field(
        default_factory=lambda: HealthState("subscriptions", problem="")
    )
    granted: frozenset[str] = frozenset()
    """Filters that the broker has granted on this connection."""
    sequences: SequenceTracker = field(default_factory=SequenceTracker)
    safety_relay: SafetyRelay = field(default_factory=SafetyRelay)
    fresh_since_ms: int | None = None
    """Since when everything that is stored is told in ``fresh_points``; None: nothing is."""
    spool_state: SpoolStatus | None = None
    spool_notices: Mapping[str, int] = field(default_factory=dict)
    """What the spool has reported, by kind."""
    snapshot: LedgerSnapshot | None = None
    heartbeat_s: float = 0.0
    """Monotonic time of the network thread's last turn."""
    is_draining: bool = False
    machine: MachineState = field(default_factory=MachineState)

    def take_snapshot(self, snapshot: LedgerSnapshot) -> None:
        """Show this one from now on, and check what it says."""
        self.snapshot = snapshot
        if snapshot.is_balanced:
            self.ledger.ok()
        else:
            self.ledger.failed("a ledger does not balance: a fault of the worker; see /ledger")
        if snapshot.alarm:
            self.refusals.failed(snapshot.alarm)
        else:
            self.refusals.ok()

    def take_dead_letters(self, state: StoreStatus) -> None:
        """Show this one from now on."""
        self.dead_letter_state = state
        if state.warning:
            self.dead_letter_budget.failed(state.warning)
        else:
            self.dead_letter_budget.ok()

    def warnings(self) -> dict[str, str]:
        """What an operator should hear of, though the worker works."""
        states = (
            self.session_queue, self.ledger, self.refusals, self.dead_letter_budget, self.city,
            self.sources,
        )  # fmt: skip
        found = {c.name: c.problem for c in states if not c.is_ok}
        state = self.spool_state
        if state is not None and state.damaged_files:
            found["spool_damage"] = (
                f"{state.damaged_files} damaged pieces are kept in the spool; run gigacity spool"
                " verify"
            )
        if state is not None and state.records:
            found["spool_waits"] = f"{state.points} points wait on disk for the database"
        return found

    def problems(self) -> dict[str, str]:
        """What keeps the worker from being ready: it owns all its areas and can store."""
        needed = (
            self.session, self.subscriptions, self.database, self.dead_letter_store, self.spool
        )  # fmt: skip
        found = {c.name: c.problem for c in needed if not c.is_ok}
        return found | ({"worker": "draining"} if self.is_draining else {})
