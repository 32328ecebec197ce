"""Metrics of foreign sources, by source and by what became of what they sent."""

from collections.abc import Callable, Iterator, Mapping

from gigacity_contract.worker_metrics import (
    SOURCE_ANSWERS,
    SOURCE_FIELDS,
    SOURCE_IGNORED,
    SOURCE_MESSAGES,
    SOURCE_READINGS,
    WorkerMetric,
)
from gigacity_ingest.foreign.intake_counts import IntakeCounts

Labelled = Mapping[tuple[str, ...], float]


def source_values(counts: Mapping[str, IntakeCounts]) -> Iterator[tuple[WorkerMetric, Labelled]]:
    """Each metric with its values by labels. Any thread: counts are read as they stand."""
    found = list(counts.items())
    yield SOURCE_MESSAGES, {(name,): own.messages for name, own in found}
    yield SOURCE_READINGS, _by_outcome(found, _readings)
    yield SOURCE_FIELDS, _by_outcome(found, lambda own: dict(own.fields))
    yield SOURCE_IGNORED, _by_outcome(found, lambda own: dict(own.ignored))
    yield (
        SOURCE_ANSWERS,
        _by_outcome(found, lambda own: {"given": own.answers, "withheld": own.answers_withheld}),
    )


def _readings(own: IntakeCounts) -> dict[str, int]:
    unused = own.unused
    return {
        "found": own.readings,
        "stored": own.points,
        "stamped": own.stamped,
        "retained": unused["retained"],
        "sessions": own.sessions,
        "faults": own.faults,
        "empty": unused["empty"],
        "unknown": unused["unknown"],
    }


def _by_outcome(
    found: list[tuple[str, IntakeCounts]], outcomes: Callable[[IntakeCounts], Mapping[str, int]]
) -> Labelled:
    return {
        (name, outcome): count for name, own in found for outcome, count in outcomes(own).items()
    }
