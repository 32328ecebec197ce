"""Both ledgers at one moment, as they are exported and stored."""

import msgspec

from gigacity_ingest.pipeline.latency import LatencyHistogram, LatencySummary


class MessageCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of QoS 1, apart from the two last, since this process started."""

    received: int
    acknowledged: int
    unacknowledged: int
    abandoned: int
    """Not acknowledged when their connection ended; the broker delivers them again."""
    redelivered: int
    qos0: int
    qos0_dropped: int

    @property
    def is_balanced(self) -> bool:
        """Whether received = acknowledged + unacknowledged + abandoned."""
        return self.received == self.acknowledged + self.unacknowledged + self.abandoned


class PointCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Points since this process started."""

    decoded: int
    spooled_at_start: int = 0
    confirmed: int
    dead_lettered: int
    spooled: int = 0
    in_flight: int
    withdrawn: int = 0
    """Of batches that were taken back before they were begun; the broker sends them again."""
    damaged: int = 0
    """Points of spooled records that a damaged disk made unreadable; their bytes are kept."""

    @property
    def is_balanced(self) -> bool:
        """Whether decoded + spooled at start = all that became of them."""
        came = self.decoded + self.spooled_at_start
        went = self.confirmed + self.dead_lettered + self.withdrawn + self.damaged
        return came == went + self.spooled + self.in_flight


class LedgerSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All counts of a worker at one moment."""

    messages: MessageCounts
    points: PointCounts
    dead_letters: dict[str, int]
    """Durable dead letters by reason."""
    points_late: int = 0
    """Points decoded that were over 120 s old when they came; ``latency`` leaves them out."""
    latency: LatencySummary = msgspec.field(default_factory=lambda: LatencyHistogram().figures())
    """How long points took from their ``ts`` to the database's confirmation."""
    read_ahead_points: int = 0
    """Points that may wait for the database before reading pauses."""
    sequence_gaps: int = 0
    sequence_reordered: int = 0
    unknown_fields: int = 0
    absent_fields: int = 0
    cleared_statuses: int = 0
    internal_errors: int = 0
    refused_ratio: float = 0.0
    """Of the parts that arrived in the last minute."""
    refused_consecutive: int = 0
    alarm: str = ""
    """Why an operator should look at the dead letters; empty: there is no reason."""

    @property
    def is_balanced(self) -> bool:
        """Whether both ledgers balance."""
        return self.messages.is_balanced and self.points.is_balanced
