"""From drains to figures: rates, medians of rounds, ratios within rounds. Pure."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.ingest.drain_watch import Drain


@dataclass(frozen=True, slots=True)
class Round:
    """One consumer in one round."""

    drain: Drain
    points: int
    """That should be stored."""

    @property
    def is_complete(self) -> bool:
        """Every point is there, and every message was acknowledged."""
        return self.drain.end == "done" and self.stored == self.points

    @property
    def stored(self) -> int:
        """Points in the database at the end."""
        return self.drain.stored

    @property
    def points_per_s(self) -> float:
        """From connection until all is acknowledged and stored."""
        return self.stored / self.drain.seconds if self.drain.seconds else 0.0

    @property
    def cpu_s_per_million(self) -> float:
        """Of the consumer, a million stored points."""
        return self.drain.cpu_s / self.stored * 1e6 if self.stored else 0.0

    def as_json(self) -> dict[str, Any]:
        """Everything that was measured, and what follows from it."""
        return {
            "points_per_s": round(self.points_per_s),
            "cpu_s_per_million": round(self.cpu_s_per_million, 3),
            "complete": self.is_complete,
        } | asdict(self.drain)


@dataclass(frozen=True, slots=True)
class ShapeResult:
    """Every round of one shape, by consumer."""

    shape: str
    messages: int
    points: int
    rounds: Mapping[str, Sequence[Round]]

    def median(self, consumer: str, of: Callable[[Round], float]) -> float:
        """Median over the rounds."""
        return statistics.median(of(found) for found in self.rounds[consumer])

    def ratio(self, one: str, other: str, of: Callable[[Round], float]) -> float | None:
        """Median of the ratio within each round: what disturbs a round disturbs both."""
        pairs = zip(self.rounds.get(one, ()), self.rounds.get(other, ()), strict=False)
        ratios = [of(a) / of(b) for a, b in pairs if of(b)]
        return statistics.median(ratios) if ratios else None

    def ratios(self) -> dict[str, float | None]:
        """The worker beside everything else."""

        def cpu(found: Round) -> float:
            return found.cpu_s_per_million

        def rate(found: Round) -> float:
            return found.points_per_s

        return {
            "cpu_plain_to_worker": self.ratio("plain", "worker", cpu),
            "cpu_worker_to_telegraf": self.ratio("worker", "telegraf", cpu),
            "points_per_s_worker_to_plain": self.ratio("worker", "plain", rate),
            "points_per_s_worker_to_telegraf": self.ratio("worker", "telegraf", rate),
            "points_per_s_worker_to_writer": self.ratio("worker", "writer", rate),
        }

    def as_json(self) -> dict[str, Any]:
        """Medians, ratios and every round."""
        return {
            "messages": self.messages,
            "points": self.points,
            "consumers": {
                name: {
                    "points_per_s": round(self.median(name, lambda r: r.points_per_s)),
                    "cpu_s_per_million": round(self.median(name, lambda r: r.cpu_s_per_million), 3),
                    "peak_rss_mb": round(max(r.drain.peak_rss_mb for r in found), 1),
                    "complete": all(r.is_complete for r in found),
                    "rounds": [r.as_json() for r in found],
                }
                for name, found in self.rounds.items()
            },
            "ratios": {k: v if v is None else round(v, 4) for k, v in self.ratios().items()},
        }


def lost(results: Sequence[ShapeResult], consumer: str = "worker") -> list[str]:
    """A sentence for each round in which this consumer did not store everything."""
    return [
        f"{result.shape}, round {number}: {consumer} {found.drain.end} with {found.stored:,} of"
        f" {found.points:,} points stored"
        for result in results
        for number, found in enumerate(result.rounds.get(consumer, ()), 1)
        if not found.is_complete
    ]
