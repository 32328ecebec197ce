"""What requests are answered from; made once by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

from gigacity_api.evaluator.alarm_service import AlarmService
from gigacity_api.evaluator.as_of import Recomputer
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.revision_progress import RevisionBacklog
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.http.as_of_process import AsOfProcess
from gigacity_api.http.bounded import Slots
from gigacity_api.http.lanes import Lane
from gigacity_api.http.presenters.scorecards import ScorecardTexts
from gigacity_api.http.problem_types import (
    AS_OF_BUSY,
    EVIDENCE_ELSEWHERE,
    NOT_EVALUATED_YET,
    TOO_MANY_EXPORTS,
    TOO_MANY_UPLOADS,
    ApiProblem,
)
from gigacity_api.http.public_site import PublicSite
from gigacity_api.http.shares import KeyShares, ShareSettings
from gigacity_api.http.site_memory import SiteMemory
from gigacity_api.http.streaming.revisions import RevisionLog
from gigacity_api.http.streaming.stream import Stream, StreamSettings
from gigacity_api.http.streaming.tickets import Tickets
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.keys import ApiKey
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.idempotency import Once
from gigacity_api.reports.log import DeclarationLog, Entered
from gigacity_api.site.public_scope import PublicScope
from gigacity_api.storage.protocols import Cities, Store
from gigacity_contract.clock import Clock

MAX_EXPORTS = 8
EXPORTS_PER_KEY = 2
"""Exports that may be written at the same time; each holds some memory."""

MAX_UPLOADS = 2
UPLOADS_PER_KEY = 1
"""Tables that may be read at the same time; each takes up to 384 MiB and ten seconds."""

DATABASE_THREADS = 4
"""Requests that wait for the database at the same time."""

AS_OF_WAITING = 2
"""Questions of one key that may wait while an instant is recomputed."""


class Keys(Protocol):
    """Finds presented API keys."""

    trouble: str
    """Why the newest keys file is not in force; empty while all is well."""

    def find(self, presented: str) -> ApiKey | None:
        """The key that was presented, if it is known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Shared by every request. Everything in it exists before the first one comes."""

    cache: PublicationCache
    store: Store
    cities: Cities
    keys: Keys
    clock: Clock
    metrics: ApiMetrics
    evaluation: EvaluationSettings
    declarations: DeclarationLog
    takes_declarations: bool
    """Exactly one process writes: a replica sends offices there."""
    alarms: AlarmService
    scorecards: ScorecardTexts
    revisions: RevisionLog
    """The revisions of the last hour."""
    stream: Stream
    """Tells subscribers of new evaluations and revisions."""
    tickets: Tickets
    """For subscribers that are browsers."""
    once: Once[list[Entered]]
    """Remembers what was entered under an Idempotency-Key."""
    recomputer: Recomputer
    """Makes past instants again."""
    as_of_process: AsOfProcess | None
    """Answers questions of the past; None: this process does."""
    exports: Slots
    uploads: Slots
    revision_backlog: Callable[[], RevisionBacklog | None]
    """What waits to be evaluated again; None in a process that evaluates nothing."""
    site: PublicSite
    """What visitors without a key are answered from."""
    shares: KeyShares
    """What each key holds and has used."""
    computing: Lane
    """What computes: one thread."""
    asking: Lane
    """What waits for the database."""
    recomputing: Lane
    """Past instants, one at a time."""

    @classmethod
    def over(
        cls,
        *,
        cache: PublicationCache,
        store: Store,
        cities: Cities,
        keys: Keys,
        clock: Clock,
        metrics: ApiMetrics,
        evaluation: EvaluationSettings,
        declarations: DeclarationLog,
        takes_declarations: bool = True,
        alarms: AlarmService | None = None,
        stream_settings: StreamSettings | None = None,
        revision_backlog: Callable[[], RevisionBacklog | None] = lambda: None,
        share_settings: ShareSettings | None = None,
        public: PublicScope | None = None,
        as_of_process: AsOfProcess | None = None,
        under_way: Callable[[], int | None] = lambda: None,
    ) -> Self:
        """The context over a database and what is published, with everything else it takes."""
        revisions = RevisionLog(store, clock)
        alarms = alarms or AlarmService(
            store=store, cache=cache, cities=cities, settings=evaluation, clock=clock,
            metrics=metrics, is_leading=takes_declarations,
        )  # fmt: skip
        shares = KeyShares(share_settings or ShareSettings(), clock)
        return cls(
            cache=cache, store=store, cities=cities, keys=keys, clock=clock, metrics=metrics,
            evaluation=evaluation, declarations=declarations,
            takes_declarations=takes_declarations, alarms=alarms, scorecards=ScorecardTexts(),
            revisions=revisions,
            stream=Stream(
                cache, revisions, evaluation.tick_ms, stream_settings, lambda: alarms.recent
            ),
            once=Once(clock, len),
            tickets=Tickets(clock),
            recomputer=Recomputer(store, cities, evaluation, clock),
            as_of_process=as_of_process,
            revision_backlog=revision_backlog,
            exports=_export_slots(),
            uploads=_upload_slots(),
            site=PublicSite(
                scope=(scope := public or PublicScope()),
                memory=SiteMemory(store, cities, scope, clock, evaluation.tick_s),
                cache=cache, evaluation=evaluation, clock=clock,
            ),
            shares=shares,
            computing=Lane(1, shares, under_way=under_way),
            asking=Lane(DATABASE_THREADS, shares),
            recomputing=Lane(
                1, shares, waiting=AS_OF_WAITING, problem=ApiProblem(AS_OF_BUSY, AS_OF_BUSY.meaning)
            ),
        )  # fmt: skip

    @property
    def inventory(self) -> Inventory:
        """The registered objects."""
        return self.cache.inventory

    def publication(self) -> Publication:
        """What requests are answered from.

        Raises:
            ApiProblem: 503, nothing has been evaluated yet.
        """
        newest = self.cache.newest()
        if newest is None:
            raise ApiProblem(NOT_EVALUATED_YET, self.cache.trouble)
        return newest

    def age_s(self, publication: Publication) -> float:
        """Seconds since the instant that it speaks of."""
        return (self.clock.now_ms() - publication.as_of_ms) / 1000


def _export_slots() -> Slots:
    problem = ApiProblem(
        TOO_MANY_EXPORTS,
        f"{EXPORTS_PER_KEY} of one key and {MAX_EXPORTS} in all are written at a time;"
        " try again in a few seconds",
    )
    return Slots(MAX_EXPORTS, problem, per_key=EXPORTS_PER_KEY)


def _upload_slots() -> Slots:
    problem = ApiProblem(
        TOO_MANY_UPLOADS, f"{MAX_UPLOADS} are being read; try again in a few seconds"
    )
    return Slots(MAX_UPLOADS, problem, per_key=UPLOADS_PER_KEY)


def evaluation_of(publication: Publication) -> Evaluation:
    """What the figures were made from.

    Raises:
        ApiProblem: 501, this process only serves what another one published.
    """
    if publication.evaluation is None:
        raise ApiProblem(EVIDENCE_ELSEWHERE, EVIDENCE_ELSEWHERE.meaning)
    return publication.evaluation
