"""City and mappings of a running worker: watched in threads, put in force between two turns."""

import structlog

from gigacity_ingest.adapters.city_watch import CitySource, CityWatch
from gigacity_ingest.adapters.foreign_sources import ForeignSources, LoadedSources
from gigacity_ingest.adapters.memory import settle_memory
from gigacity_ingest.adapters.row_reporter import RowReporter
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.subscription_notes import SubscriptionNotes
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.decode.decoder import Decoder

log = structlog.get_logger("worker")


class FilesInForce:
    """What a worker follows of the files that people change.

    Args:
        decoder: decodes by them.
        city: where the city came from; None: it stays in force until the end.
        foreign: mappings of devices that speak another format; None: there are none.
        state: the worker's folder.
        status: of the worker.
        waker: of the network thread.
    """

    def __init__(
        self,
        decoder: Decoder,
        *,
        city: CitySource | None,
        foreign: LoadedSources | None,
        state: StateFolder,
        status: WorkerStatus,
        waker: Waker,
    ) -> None:
        self._decoder = decoder
        self._status = status
        version = status.city_version = decoder.registry.version
        self.city: CityWatch | None = None
        if city is not None:
            self.city = CityWatch(
                city, version, health=status.city, waker=waker, settle=settle_memory
            )
        self.foreign: ForeignSources | None = None
        if foreign is not None:
            self.foreign = ForeignSources(foreign, decoder, state=state, status=status, waker=waker)

    def start(self) -> None:
        """Watch them."""
        for watch in (self.city, self.foreign):
            if watch is not None:
                watch.start()

    def close(self) -> None:
        """End the watches."""
        for watch in (self.city, self.foreign):
            if watch is not None:
                watch.close()

    def look_now(self) -> None:
        """Load them now, changed or not; safe in a signal handler."""
        for watch in (self.city, self.foreign):
            if watch is not None:
                watch.look_now()

    def report_to(self, reporter: RowReporter) -> None:
        """Have the worker's rows name its foreign sources."""
        if self.foreign is not None:
            self.foreign.report_to(reporter)

    def follow(self, subscriptions: SubscriptionNotes, reporter: RowReporter) -> None:
        """Put another version of city or mappings in force, if there is one."""
        change = self.city.take() if self.city is not None else None
        if change is not None:
            self._decoder.follow(change.registry)
            if self.foreign is not None:
                self.foreign.follow_city(change.registry)
            subscriptions.want(change.filters)
            self._status.city_version = change.registry.version
            log.info("city_in_force", version=change.registry.version)
        if self.foreign is not None:
            self.foreign.follow(subscriptions, reporter)
