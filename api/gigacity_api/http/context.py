"""What requests are answered from; made once by the composition root."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.as_of import Recomputer
from gigacity_api.evaluator.publication_cache import Publication, PublicationCache
from gigacity_api.http.presenters.scorecards import ScorecardTexts
from gigacity_api.http.streaming.revisions import RevisionLog
from gigacity_api.http.streaming.stream import Stream, StreamSettings
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.keys import ApiKey
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.idempotency import Once
from gigacity_api.reports.log import DeclarationLog, Entered
from gigacity_api.settings import EvaluationSettings
from gigacity_api.storage.protocols import Cities, Store
from gigacity_contract.clock import Clock


class Keys(Protocol):
    """Finds presented API keys."""

    trouble: str
    """Why the newest keys file is not in force; empty while all is well."""

    def find(self, presented: str) -> ApiKey | None:
        """The key that was presented, if it is known."""
        ...


@dataclass(frozen=True)
class Context:
    """Shared by every request."""

    cache: PublicationCache
    store: Store
    cities: Cities
    keys: Keys
    clock: Clock
    metrics: ApiMetrics
    evaluation: EvaluationSettings
    declarations: DeclarationLog
    takes_declarations: bool = True
    """Exactly one process writes: a replica sends offices there."""
    stream_settings: StreamSettings = field(default_factory=StreamSettings)
    scorecards: ScorecardTexts = field(default_factory=ScorecardTexts)

    @cached_property
    def stream(self) -> Stream:
        """What tells subscribers of new evaluations and revisions."""
        settings = self.stream_settings
        return Stream(self.cache, self.revisions, self.evaluation.tick_ms, settings)

    @cached_property
    def revisions(self) -> RevisionLog:
        """The revisions of the last hour."""
        return RevisionLog(self.store, self.clock)

    @cached_property
    def once(self) -> Once[list[Entered]]:
        """Remembers what was entered under an Idempotency-Key."""
        return Once(self.clock, len)

    @cached_property
    def recomputer(self) -> Recomputer:
        """What makes past instants again."""
        return Recomputer(self.store, self.cities, self.evaluation, self.clock)

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
            raise ApiProblem(
                503, "not-evaluated-yet", "No figures yet", self.cache.trouble,
                headers={"Retry-After": "5"},
            )  # fmt: skip
        return newest

    def age_s(self, publication: Publication) -> float:
        """Seconds since the instant that it speaks of."""
        return (self.clock.now_ms() - publication.as_of_ms) / 1000


def evaluation_of(publication: Publication) -> Evaluation:
    """What the figures were made from.

    Raises:
        ApiProblem: 501, this process only serves what another one published.
    """
    if publication.evaluation is None:
        raise ApiProblem(
            501, "evidence-elsewhere", "No evidence here",
            "this process runs with --no-evaluate; ask the one that evaluates",
        )  # fmt: skip
    return publication.evaluation
