"""What the answers so far say about the database: in trouble, since when, when to ask again."""

from collections import Counter
from dataclasses import dataclass, field

from gigacity_contract.influx import Denied, Unavailable, WriteOutcome, WriteRefused, Written
from gigacity_ingest.pipeline.backoff import Backoff

_LONGEST_WISH_S = 60
"""Of the database, to be left alone."""


@dataclass
class DatabaseHealth:
    """Driven by the outcomes of posts. In trouble, one post at a time asks whether it is over."""

    backoff: Backoff = field(default_factory=lambda: Backoff(first_s=0.1, cap_s=5.0))
    evidence: Counter[str] = field(default_factory=Counter)
    """Writes taken, by retention policy."""
    trouble_since_s: float | None = None
    """Since when every post failed; None while they pass."""
    failures: int = 0
    """In a row."""
    probe_at_s: float = 0.0

    def judge(self, outcome: WriteOutcome, policy: str, now_s: float) -> None:
        """A post to this policy has its outcome."""
        if isinstance(outcome, Written):
            self.succeed(policy)
        elif isinstance(outcome, Unavailable):
            self.fail(now_s, min(outcome.retry_after_s or 0, _LONGEST_WISH_S))
        elif isinstance(outcome, Denied | WriteRefused):
            self.fail(now_s)
        else:
            self.answer()

    def succeed(self, policy: str) -> None:
        """The policy took a write."""
        self.evidence[policy] += 1
        self.answer()

    def answer(self) -> None:
        """The database answers, and speaks of lines rather than of itself."""
        self.trouble_since_s = None
        self.failures = 0
        self.backoff.reset()

    def fail(self, now_s: float, at_least_s: float = 0.0) -> None:
        """A post, or an attempt to reach the storage, failed as a whole."""
        if self.trouble_since_s is None:
            self.trouble_since_s = now_s
        self.failures += 1
        self.probe_at_s = now_s + max(self.backoff.next_s(), at_least_s)

    @property
    def is_troubled(self) -> bool:
        """Whether the last post failed as a whole."""
        return self.trouble_since_s is not None

    def is_down(self, now_s: float, after_s: float) -> bool:
        """Whether nothing has passed for so long."""
        return self.trouble_since_s is not None and now_s - self.trouble_since_s >= after_s

    def may_post(self, now_s: float, in_flight: int) -> bool:
        """Whether another post may begin."""
        return not self.is_troubled or (now_s >= self.probe_at_s and not in_flight)
