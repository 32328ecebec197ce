"""What the dispatcher works with: its ports, what the operator decides, and a post under way."""

from dataclasses import dataclass
from typing import Protocol

from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline.batch import Batch, SpoolCounts
from gigacity_ingest.pipeline.write_job import WriteJob
from gigacity_ingest.spool.records import SpooledRecord, SpoolRecord


class BatchSource(Protocol):
    """Batches that nobody has begun, oldest first."""

    def take_batch(self) -> Batch | None:
        """The oldest, or None."""
        ...

    def oldest_s(self) -> float | None:
        """When the oldest was opened, on the monotonic clock."""
        ...


class BatchSpool(Protocol):
    """The spool, behind a gate that says by itself what is wrong with it."""

    @property
    def records(self) -> int:
        """Records that wait."""
        ...

    def append(self, record: SpoolRecord) -> int | None:
        """Its number once it is durable; None if the spool does not take it now."""
        ...

    def read_next(self) -> SpooledRecord | None:
        """The next record that was not read yet."""
        ...

    def confirm(self, number: int) -> None:
        """A record that was read is done with."""
        ...

    def counts(self) -> SpoolCounts:
        """What it holds."""
        ...


@dataclass(frozen=True, slots=True)
class DispatchPolicy:
    """What the operator decides."""

    connections: int = 2
    """Posts at a time."""
    spool_after_s: float = 5.0
    """Age at which a batch that is not confirmed goes to the spool."""
    drain_points_per_s: float = 20_000.0


@dataclass(slots=True)
class SentRequest:
    """One request under way."""

    body: Body
    job: WriteJob | None
    """None: the worker's own rows, which no ledger counts."""
    begun_s: float
    spooled_as: int | None = None
    """Its batch was spooled meanwhile, all of it in this body."""
