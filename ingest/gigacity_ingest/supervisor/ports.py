"""What the supervisor's loop needs of the world, and what it tells the page."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from gigacity_ingest.supervisor.record import Member, Record, Session
from gigacity_ingest.supervisor.steps import Step
from gigacity_ingest.supervisor.worker_process import Mode


class Process(Protocol):
    """A started worker; see ``WorkerProcess``."""

    mode: Mode
    http_port: int
    is_stopping: bool

    @property
    def pid(self) -> int:
        """Its process id."""
        ...

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        ...

    def stop(self) -> None:
        """Ask it to end; once."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    def reload_city(self) -> None:
        """Let it load its city again."""
        ...


class Editor(Protocol):
    """Changes subscriptions; see ``SessionEditor``."""

    def apply(self, step: Step, *, expects_session: bool) -> bool:
        """Do it; False: the broker does not know the session.

        Raises EditError, and FiltersRefusedError when all but some filters were granted.
        """
        ...


class Store(Protocol):
    """Keeps the record; see ``RecordFile``."""

    def save(self, record: Record) -> None:
        """Durable on return."""
        ...


Spawn = Callable[[Session, Mode], Process]
Answers = Callable[[int], bool]
"""Whether the worker at this port says that it is alive; takes a few seconds at most."""
Granted = Callable[[str, int], frozenset[str]]
"""Filters that the broker granted the worker of a client id, as it says at this port."""
Regroup = Callable[[Record, Collection[str]], Sequence[Member]]
"""The plan without some sessions; raises ConfigError if nobody would stay."""


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One worker, for the page."""

    client_id: str
    areas: tuple[str, ...]
    http_port: int | None
    """None while it does not run."""
    is_leaving: bool
    restarts: int
