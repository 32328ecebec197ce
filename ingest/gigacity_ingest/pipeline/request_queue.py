"""One body on its way: what to post next, and what an answer means for its lines.

Every line ends up confirmed or refused, and each request is posted until it is. A refused line is
found by its name in the answer, else by halving: posting a line again changes nothing.

An outage looks like a refusal: a 500 may be the server's or the batch's. So a line whose fault is
only known from a failure of the whole request is given up only on *evidence*: after its first
failure the same policy took another write, and it failed again all the same. Without evidence it
waits, however long that takes.
"""

from collections import deque
from dataclasses import dataclass, field

from gigacity_contract.influx import (
    Denied,
    Malformed,
    Partial,
    RetryOnce,
    TooLarge,
    Unavailable,
    WriteOutcome,
    WriteRefused,
    Written,
)
from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline.backoff import Backoff

MAX_HUNTED = 32
"""More dropped points than this in one request are not hunted one by one."""
MAX_SPLITS = 256
"""Bounds the requests that hunting dropped points may cost; their neighbours are stored anyway."""
MAX_REFUSALS = 3
"""Failures with an answer after which a whole batch counts as suspect, if others pass."""
MAX_SILENCES = 10
"""The same for failures that speak of the server's state: no answer, 429, 503, a full disk."""
_LONGEST_WAIT_S = 60.0
_SEARCH_WAIT_S = 0.25
"""Between two tries of lines that are suspect: others pass, so this is no outage."""


@dataclass(slots=True)
class WriteRequest:
    """Lines to post together, and what became of them so far."""

    body: Body
    failures: int = 0
    evidence_before: int = 0
    """Writes that the policy had taken when this request first failed."""
    is_suspect: bool = False
    """A part of a request that was halved because it failed as a whole."""
    is_retried: bool = False


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """Lines that the database did not take, or among which it did not take some."""

    lines: list[bytes]
    points: int
    """How many of them are not stored, as far as the server says."""
    error: str


@dataclass(slots=True)
class RequestQueue:
    """The state of one delivery; drive it with ``next_body`` and ``judge`` until it is done."""

    body: Body
    backoff: Backoff = field(default_factory=Backoff)
    confirmed: int = 0
    refused: list[RefusedPart] = field(default_factory=list)
    problem: str = ""
    """Why the last post has to be repeated later; empty if it has not."""
    is_denied: bool = False
    """The problem is one of rights or of missing storage."""
    _queue: deque[WriteRequest] = field(init=False)
    _splits: int = 0

    def __post_init__(self) -> None:
        self._queue = deque([WriteRequest(self.body)] if self.body.points else [])

    def next_body(self) -> Body | None:
        """What to post now; None when every line has its outcome."""
        return self._queue[0].body if self._queue else None

    def rest(self) -> Body | None:
        """Everything that has no outcome yet, as one body."""
        if len(self._queue) <= 1:
            return self.next_body()
        return self.body.of_some([line for request in self._queue for line in request.body.lines()])

    def judge(self, outcome: WriteOutcome, evidence: int = 0) -> float:
        """Take the answer to the last ``next_body``.

        Args:
            outcome: the answer.
            evidence: counts the writes that this policy has taken, from whichever batch.

        Returns:
            Seconds to wait before the next post.
        """
        self.problem, self.is_denied = "", False
        if isinstance(outcome, Denied):
            self.problem, self.is_denied = outcome.message, True
            return self.backoff.next_s()
        if isinstance(outcome, TooLarge) and self._queue[0].body.points == 1:
            # No line is that long: something between us refuses everything, or this line.
            outcome = WriteRefused(413, outcome.message)
        if isinstance(outcome, Unavailable | WriteRefused):
            return self._take_failure(outcome, evidence)
        self.backoff.reset()
        self._take(self._queue.popleft(), outcome)
        return 0.0

    def _take_failure(self, outcome: Unavailable | WriteRefused, evidence: int) -> float:
        request = self._queue.popleft()
        if not request.failures:
            request.evidence_before = evidence
        request.failures += 1
        if self._is_guilty(request, outcome, is_proven=evidence > request.evidence_before):
            self._halve(
                request, outcome.message, points=request.body.points, must=True, suspect=True
            )
            return 0.0
        # Its siblings first: if one of them passes, that is evidence.
        self._queue.append(request)
        self.problem = outcome.message
        delay_s = self.backoff.next_s()
        if request.is_suspect:
            delay_s = min(delay_s, _SEARCH_WAIT_S)
        if isinstance(outcome, Unavailable) and outcome.retry_after_s:
            delay_s = max(delay_s, min(outcome.retry_after_s, _LONGEST_WAIT_S))
        return delay_s

    @staticmethod
    def _is_guilty(
        request: WriteRequest, outcome: Unavailable | WriteRefused, *, is_proven: bool
    ) -> bool:
        """Whether the request, not the server, is at fault, as far as can be told."""
        if request.is_suspect and request.body.points > 1:
            return True
        is_answered = isinstance(outcome, WriteRefused) or outcome.blames_request
        limit = MAX_REFUSALS if is_answered else MAX_SILENCES
        if is_answered and request.is_suspect:
            limit = 2
        return is_proven and request.failures >= limit

    def _take(self, request: WriteRequest, outcome: WriteOutcome) -> None:
        match outcome:
            case Written():
                self.confirmed += request.body.points
            case Malformed():
                self._take_malformed(request, outcome)
            case RetryOnce() if not request.is_retried:
                request.is_retried = True
                self._queue.appendleft(request)
            case Partial(dropped=dropped, message=message):
                self._halve(request, message, points=max(1, dropped))
            case RetryOnce(message) | TooLarge(message):
                self._halve(request, message, points=request.body.points, must=True)
            case _:
                raise AssertionError(f"no reaction to {outcome!r}")

    def _take_malformed(self, request: WriteRequest, outcome: Malformed) -> None:
        named = set(outcome.lines)
        lines = request.body.lines()
        bad = [line for line in lines if line in named]
        rest = [line for line in lines if line not in named]
        if not bad:
            # The name is not ours (an open quote swallows the lines behind it): search.
            unknown = 1 if outcome.rest_stored else len(lines)
            self._halve(request, outcome.message, points=unknown, must=True)
            return
        self.refused.extend(RefusedPart([line], 1, outcome.message) for line in bad)
        if rest:
            # Also where the answer says that the rest is stored: openGemini answers in the words
            # of 1.x and stores less, and 1.x loses a second malformed line beside a conflict.
            self._queue.appendleft(WriteRequest(request.body.of_some(rest)))

    def _halve(
        self,
        request: WriteRequest,
        error: str,
        *,
        points: int,
        must: bool = False,
        suspect: bool = False,
    ) -> None:
        """Post the halves apart, or give it up if it is a single line or too dear.

        Args:
            request: not fully stored.
            error: the server's words.
            points: how many of its lines are not stored, as far as is known.
            must: search however many they are: the good ones are not stored either.
            suspect: it failed as a whole.
        """
        lines = request.body.lines()
        is_hunted = must or (points <= MAX_HUNTED and self._splits < MAX_SPLITS)
        if len(lines) > 1 and is_hunted:
            self._splits += 1
            middle = len(lines) // 2
            halves = (lines[middle:], lines[:middle])
            self._queue.extendleft(
                [WriteRequest(request.body.of_some(half), is_suspect=suspect) for half in halves]
            )
            return
        points = min(points, len(lines))
        self.refused.append(RefusedPart(lines, points, error))
        self.confirmed += len(lines) - points
