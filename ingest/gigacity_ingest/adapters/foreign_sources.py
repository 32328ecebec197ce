"""The foreign sources of one worker: put in force at its start, and whenever their folder changes.

Network thread only, apart from the watch, which has a thread of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from gigacity_ingest.adapters.arrival_ring import open_ring
from gigacity_ingest.adapters.row_reporter import RowReporter
from gigacity_ingest.adapters.source_folder import SourceFolder
from gigacity_ingest.adapters.source_watch import SourceWatch
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.subscription_notes import SubscriptionNotes
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.foreign.arrival_stamps import ArrivalStamps
from gigacity_ingest.foreign.intake import ForeignIntake
from gigacity_ingest.mapping.sources import SourceSet
from gigacity_ingest.mapping.topic_filters import without_covered
from gigacity_ingest.ownership.sources import SourceReader

log = structlog.get_logger("sources")


@dataclass(frozen=True)
class LoadedSources:
    """Mappings as a worker starts with them."""

    folder: SourceFolder
    sources: SourceSet
    reader: SourceReader
    """Which of them are this worker's."""

    @property
    def filters(self) -> tuple[str, ...]:
        """That the worker subscribes."""
        return _joined(self.reader.filters_of(self.sources).values())


class ForeignSources:
    """What a worker does with its mappings.

    Args:
        loaded: at the start.
        decoder: gets the way of foreign messages.
        state: the worker's folder.
        status: of the worker.
        waker: of the network thread.
    """

    def __init__(
        self,
        loaded: LoadedSources,
        decoder: Decoder,
        *,
        state: StateFolder,
        status: WorkerStatus,
        waker: Waker,
    ) -> None:
        self._reader = loaded.reader
        self._sources = loaded.sources
        stamps = ArrivalStamps(open_ring(state.path))
        self._intake = ForeignIntake(decoder, decoder.registry, loaded.sources, stamps=stamps)
        decoder.foreign = self._intake
        status.source_counts = self._intake.counts
        self._watch = SourceWatch(
            loaded.folder, loaded.sources.version, health=status.sources, waker=waker
        )

    def start(self) -> None:
        """Watch the folder."""
        self._watch.start()

    def close(self) -> None:
        """End the watch."""
        self._watch.close()

    def look_now(self) -> None:
        """Load the folder at the next look, changed or not; safe in a signal handler."""
        self._watch.look_now()

    def follow_city(self, registry: FieldRegistry) -> None:
        """Another version of the city is in force."""
        self._intake.follow(registry)

    def report_to(self, reporter: RowReporter) -> None:
        """Have the worker's rows name its sources."""
        reporter.note_sources(self._reader.filters_of(self._sources))

    def follow(self, subscriptions: SubscriptionNotes, reporter: RowReporter) -> None:
        """Put changed mappings in force, between two turns.

        A topic that no source has any more is given up as soon as new ones are noted. One whose
        source has another owner now is kept until the next start: that owner may not have it yet.
        """
        changed = self._watch.take()
        if changed is None:
            return
        known = set(_joined(source.subscriptions for source in self._sources))
        left = set(_joined(source.subscriptions for source in changed))
        self._sources = changed
        self._intake.replace(changed)
        self.report_to(reporter)
        if not self._reader.is_leaving:
            subscriptions.want(_joined(self._reader.filters_of(changed).values()))
        subscriptions.give_up(known - left)
        log.info("sources_in_force", version=changed.version, sources=len(changed))


def _joined(filters: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Of all sources together: what one asks for may be a part of what another does."""
    return without_covered(name for own in filters for name in own)
