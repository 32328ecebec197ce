"""Lines of one retention policy on their way: what to post next, and what an answer means for them.

Every line ends up confirmed or refused, and each piece is posted until it is. A refused line is
found by its name in the answer, else by halving: posting a line again changes nothing.
"""

from collections import deque
from dataclasses import dataclass, field

from gigacity_contract.influx import (
    Denied,
    Malformed,
    Partial,
    Refused,
    RetryOnce,
    TooLarge,
    Unavailable,
    WriteOutcome,
    Written,
)
from gigacity_ingest.pipeline.backoff import Backoff

MAX_HUNTED = 32
"""More dropped points than this in one piece are not hunted one by one."""
MAX_SPLITS = 256
"""Bounds the requests that one delivery may cost; pieces are then refused as they are."""
MAX_REFUSALS = 3
_LONGEST_WAIT_S = 60.0


@dataclass(slots=True)
class _Piece:
    lines: list[bytes]
    refusals: int = 0
    is_retried: bool = False


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """Lines that the database did not take, or among which it did not take some."""

    lines: list[bytes]
    points: int
    """How many of them are not stored, as far as the server says."""
    error: str


@dataclass(slots=True)
class Delivery:
    """The state of one delivery; drive it with ``next_lines`` and ``judge`` until it is done."""

    lines: list[bytes]
    backoff: Backoff = field(default_factory=Backoff)
    confirmed: int = 0
    refused: list[RefusedPart] = field(default_factory=list)
    problem: str = ""
    """Why the last post has to be repeated later; empty if it has not."""
    is_denied: bool = False
    """The problem is one of rights or of missing storage."""
    _pieces: deque[_Piece] = field(init=False)
    _splits: int = 0

    def __post_init__(self) -> None:
        self._pieces = deque([_Piece(self.lines)] if self.lines else [])

    def next_lines(self) -> list[bytes] | None:
        """Lines to post now; None when every line has its outcome."""
        return self._pieces[0].lines if self._pieces else None

    def judge(self, outcome: WriteOutcome) -> float:
        """Take the answer to the last ``next_lines``.

        Returns:
            Seconds to wait before the next post.
        """
        self.problem, self.is_denied = "", False
        if isinstance(outcome, Unavailable | Denied):
            return self._wait(outcome)
        piece = self._pieces.popleft()
        if isinstance(outcome, Refused) and piece.refusals < MAX_REFUSALS:
            piece.refusals += 1
            self._pieces.appendleft(piece)
            self.problem = outcome.message
            return self.backoff.next_s()
        self.backoff.reset()
        self._take(piece, outcome)
        return 0.0

    def _wait(self, outcome: Unavailable | Denied) -> float:
        self.problem = outcome.message
        self.is_denied = isinstance(outcome, Denied)
        delay_s = self.backoff.next_s()
        if isinstance(outcome, Unavailable) and outcome.retry_after_s:
            delay_s = max(delay_s, min(outcome.retry_after_s, _LONGEST_WAIT_S))
        return delay_s

    def _take(self, piece: _Piece, outcome: WriteOutcome) -> None:
        match outcome:
            case Written():
                self.confirmed += len(piece.lines)
            case Malformed():
                self._take_malformed(piece, outcome)
            case RetryOnce() if not piece.is_retried:
                piece.is_retried = True
                self._pieces.appendleft(piece)
            case Partial(dropped=dropped, message=message):
                self._halve(piece, message, points=max(1, dropped))
            case RetryOnce(message) | TooLarge(message):
                self._halve(piece, message, points=len(piece.lines), must=True)
            case Refused(message=message):
                self._halve(piece, message, points=len(piece.lines), must=True)
            case _:
                raise AssertionError(f"no reaction to {outcome!r}")

    def _take_malformed(self, piece: _Piece, outcome: Malformed) -> None:
        named = set(outcome.lines)
        bad = [line for line in piece.lines if line in named]
        rest = [line for line in piece.lines if line not in named]
        if not bad:
            # The name is not ours (an open quote swallows the lines behind it): search.
            unknown = 1 if outcome.rest_stored else len(piece.lines)
            self._halve(piece, outcome.message, points=unknown, must=True)
            return
        self.refused.extend(RefusedPart([line], 1, outcome.message) for line in bad)
        if outcome.rest_stored and len(set(bad)) == len(named):
            self.confirmed += len(rest)
        elif rest:
            self._pieces.appendleft(_Piece(rest))

    def _halve(self, piece: _Piece, error: str, *, points: int, must: bool = False) -> None:
        """Post the halves apart, or give the piece up if it is a single line or too dear.

        Args:
            piece: not fully stored.
            error: the server's words.
            points: how many of its lines are not stored, as far as is known.
            must: search however many they are.
        """
        lines = piece.lines
        is_hunted = must or points <= MAX_HUNTED
        if len(lines) > 1 and is_hunted and self._splits < MAX_SPLITS:
            self._splits += 1
            middle = len(lines) // 2
            self._pieces.extendleft([_Piece(lines[middle:]), _Piece(lines[:middle])])
            return
        points = min(points, len(lines))
        self.refused.append(RefusedPart(lines, points, error))
        self.confirmed += len(lines) - points
