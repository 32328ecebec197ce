"""Answers for visitors without a key: rendered once an evaluation, then sent from memory.

Whoever visits, and however many, the evaluator is not asked for more: pages are made from what it
published, in one thread with a small share of computing; when that is used up, the page before is
sent, which says of which instant it is.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.http.bounded import Slots
from gigacity_api.http.etag import SOFTWARE
from gigacity_api.http.lanes import Lane
from gigacity_api.http.page_cache import KeptPage, PageCache
from gigacity_api.http.problem_types import PUBLIC_BUSY, ApiProblem
from gigacity_api.http.shares import CALLER, KeyShares, ShareSettings
from gigacity_api.http.site_memory import SiteMemory
from gigacity_api.http.streaming.page_events import PageEvents
from gigacity_api.reports.declarations import Declarations
from gigacity_api.site.public_scope import PublicScope
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_contract.clock import Clock

PUBLIC = "public pages"
"""Stands for everybody without a key where keys are charged."""

SHARES = ShareSettings(requests=32, work_s=20.0, work_share=0.2)
"""Of all visitors together: pages made at a time, and seconds of computing."""

MAX_VISITORS = 200
"""Who may follow the stream at the same time."""

MAX_LOOKUPS = 2
"""Permalinks that may wait for the database at the same time."""

LATE_TICKS = 3
"""Evaluations that may be missing before a page says so."""

Maker = Callable[[SiteSnapshot], str | bytes | None]
"""Makes a body, or None where there is nothing of that name that is public."""


@dataclass
class PublicSite:
    """What visitors are answered from; used from the event loop, apart from ``memory``."""

    scope: PublicScope
    memory: SiteMemory
    cache: PublicationCache
    evaluation: EvaluationSettings
    clock: Clock
    pages: PageCache = field(default_factory=PageCache)

    def __post_init__(self) -> None:
        """Nobody has visited."""
        self._shares = KeyShares(SHARES, self.clock)
        self._lane = Lane(1, self._shares)
        self._made: dict[str, asyncio.Task[KeptPage | None]] = {}
        busy = ApiProblem(PUBLIC_BUSY, PUBLIC_BUSY.meaning)
        self.lookups = Slots(MAX_LOOKUPS, busy)
        visitors = ApiProblem(PUBLIC_BUSY, "every place of the stream is taken").later(60)
        self.events = PageEvents(self.cache, Slots(MAX_VISITORS, visitors))

    def is_late(self, publication: Publication) -> bool:
        """Whether evaluations are missing."""
        allowed_s = self.evaluation.allowed_lateness_s + LATE_TICKS * self.evaluation.tick_s
        return self.clock.now_ms() - publication.as_of_ms > allowed_s * 1000

    def snapshot(self, publication: Publication, declared: Declarations) -> SiteSnapshot:
        """What pages of now are made from."""
        return SiteSnapshot(
            publication=publication,
            declared=declared,
            scope=self.scope,
            remembered=self.memory.known,
            is_late=self.is_late(publication),
            tick_s=self.evaluation.tick_s,
            software=SOFTWARE,
        )

    async def page(
        self, address: str, declared: Declarations, make: Maker, media_type: str
    ) -> KeptPage | None:
        """What is sent for an address.

        Args:
            address: all that tells it from others.
            declared: what offices declared.
            make: makes it, in a thread.
            media_type: of it.

        Returns:
            None: there is nothing of that name that is public.

        Raises:
            ApiProblem: 503, nothing was evaluated yet, or too much is asked.
        """
        publication = self.cache.newest()
        if publication is None:
            raise ApiProblem(PUBLIC_BUSY, "nothing has been evaluated yet")
        version = (
            publication.as_of_ms, publication.revision, publication.city_version,
            publication.evaluation is None, len(declared), declared.newest_entry_ms,
            self.memory.edition, self.is_late(publication), SOFTWARE,
        )  # fmt: skip
        kept = self.pages.get(address)
        if kept is not None and kept.version == version:
            return kept
        # Many who ask for a page at once wait for one that is made.
        key = f"{address} {version}"
        task = self._made.get(key)
        if task is None:
            snapshot = self.snapshot(publication, declared)
            task = asyncio.create_task(self._make(address, version, snapshot, make, media_type))
            self._made[key] = task
            task.add_done_callback(lambda _: self._made.pop(key, None))
        try:
            return await asyncio.shield(task)
        except ApiProblem:
            if kept is None:
                raise
            return kept

    async def _make(
        self,
        address: str,
        version: tuple[object, ...],
        snapshot: SiteSnapshot,
        make: Maker,
        media_type: str,
    ) -> KeptPage | None:
        CALLER.set(PUBLIC)
        try:
            with self._shares.request(PUBLIC):
                page = await self._lane.run(
                    lambda: _made(address, version, snapshot, make, media_type)
                )
        except ApiProblem as problem:
            raise ApiProblem(PUBLIC_BUSY, PUBLIC_BUSY.meaning) from problem
        if page is not None:
            self.pages.put(address, page)
        return page


def _made(
    address: str,
    version: tuple[object, ...],
    snapshot: SiteSnapshot,
    make: Maker,
    media_type: str,
) -> KeptPage | None:
    made = make(snapshot)
    if made is None:
        return None
    body = made.encode() if isinstance(made, str) else made
    return KeptPage.of(address, version, body, media_type)
