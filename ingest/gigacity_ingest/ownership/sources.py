"""Which foreign sources a worker owns, and whether every source has exactly one owner. Pure.

A foreign topic carries no area, so a source names who reads it: areas, or one worker. It is read by
ordinary subscriptions only: brokers send neither retained messages nor, where a topic begins with
``$``, anything at all to a shared one, and a format's state is one reader's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gigacity_ingest.mapping.sources import ForeignSource
from gigacity_ingest.mapping.topic_filters import covers
from gigacity_ingest.ownership.owners import OwnRow

SourceFilters = Mapping[str, tuple[str, ...]]
"""Filters by the name of their source."""


@dataclass(frozen=True, slots=True)
class SourceReader:
    """A worker, so far as it decides what it owns."""

    worker: str
    """Client id."""
    areas: tuple[str, ...] = ()
    """That it owns; none: all."""
    is_sharing: bool = False
    """It shares its areas with others of a group, so that it owns none of them alone."""
    is_leaving: bool = False
    """It gives up what it owns: whatever sources come, none of them is read from now on."""

    def owns(self, source: ForeignSource) -> bool:
        """Whether the source is this worker's."""
        owner = source.owner
        if owner.worker:
            return owner.worker == self.worker
        return not self.is_sharing and (not self.areas or set(owner.areas) <= set(self.areas))

    def filters_of(self, sources: Iterable[ForeignSource]) -> dict[str, tuple[str, ...]]:
        """Filters of the sources that are its own, by name."""
        return {source.name: source.subscriptions for source in sources if self.owns(source)}


def granted_sources(filters: SourceFilters, granted: Iterable[str]) -> str:
    """What a worker says in its rows which sources it reads: names, separated by commas.

    A source of which the broker refused a filter is not among them.
    """
    known = frozenset(granted)

    def has(one: str) -> bool:
        return one in known or any(covers(other, one) for other in known)

    return ",".join(sorted(name for name, own in filters.items() if all(map(has, own))))


def source_problems(sources: Iterable[ForeignSource], rows: Iterable[OwnRow]) -> list[str]:
    """What keeps sources from having one reader each, and what to do about it."""
    readers: dict[str, list[str]] = {source.name: [] for source in sources}
    problems = []
    for row in rows:
        for name in filter(None, row.sources.split(",")):
            if name in readers:
                readers[name].append(row.worker)
            else:
                problems.append(
                    f"{row.worker} reads the source {name}, which these mappings do not have; give"
                    " all workers the same GIGACITY_MQTT_SOURCES"
                )
    for source in sources:
        problems += _of_source(source, readers[source.name])
    return problems


def _of_source(source: ForeignSource, readers: Sequence[str]) -> list[str]:
    if len(readers) == 1:
        return []
    owner = source.owner
    who = (
        f"start the worker {owner.worker}"
        if owner.worker
        else f"one worker must own all of {', '.join(owner.areas)}, or the source must name it"
    )
    if not readers:
        return [f"nobody reads the source {source.name}: what it sends is not kept; {who}"]
    return [
        f"{' and '.join(sorted(readers))} read the source {source.name}: messages without a time"
        f" are stored more than once; {who}"
    ]
