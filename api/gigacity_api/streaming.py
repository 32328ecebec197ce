"""New evaluations as Server-Sent Events, for as many subscribers as are allowed at once.

Each subscriber looks at the board twice a second, which costs less than a queue for each would; an
evaluation comes once in several seconds. Runs on the event loop and never blocks it.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from gigacity_api.evaluator.board import Board, Publication
from gigacity_api.indicators.definitions import Level
from gigacity_api.presenting import figure_out
from gigacity_api.schemas.common import rfc3339
from gigacity_api.schemas.stream import EvaluationEvent

RETRY_MS = 3_000
"""How long a client waits before it connects again."""


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How the stream behaves."""

    max_subscribers: int = 200
    look_s: float = 0.5
    heartbeat_s: float = 15.0
    """A comment after so much silence keeps proxies from closing the connection."""


def event_id(publication: Publication) -> str:
    """Names an evaluation: its instant and revision."""
    return f"{publication.as_of_ms}-{publication.revision}"


def parse_event_id(text: str) -> tuple[int, int] | None:
    """Instant and revision, or None for what is no id of ours."""
    instant, _, revision = text.partition("-")
    if not (instant.isascii() and instant.isdigit() and revision.isascii() and revision.isdigit()):
        return None
    if len(instant) > 15 or len(revision) > 9:
        return None
    return int(instant), int(revision)


def encode_event(publication: Publication) -> bytes:
    """One event: the figures of the city as a whole."""
    figures = [f for f in publication.figures if f.scope == Level.CITY]
    body = EvaluationEvent(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        revision=publication.revision,
        city_version=publication.city_version,
        figures=[figure_out(publication, figure) for figure in figures],
    )
    text = body.model_dump_json()
    return f"id: {event_id(publication)}\nevent: evaluation\ndata: {text}\n\n".encode()


class Stream:
    """Hands evaluations to subscribers."""

    def __init__(self, board: Board, grid_ms: int, settings: StreamSettings) -> None:
        self._board = board
        self._grid_ms = grid_ms
        self._settings = settings
        self._encoded: tuple[Publication, bytes] | None = None
        self.subscribers = 0

    @property
    def is_full(self) -> bool:
        """Whether another subscriber would be one too many."""
        return self.subscribers >= self._settings.max_subscribers

    async def events(self, last_id: str) -> AsyncGenerator[bytes, None]:
        """The events after one that the subscriber has, then every new one, for ever.

        Args:
            last_id: as the client sends it in ``Last-Event-ID``; empty or unknown: begin with the
                newest evaluation.
        """
        self.subscribers += 1
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            last = parse_event_id(last_id)
            silent_s = 0.0
            while True:
                sent = False
                for publication in self._after(last):
                    last = (publication.as_of_ms, publication.revision)
                    sent = True
                    yield self._bytes(publication)
                silent_s = 0.0 if sent else silent_s + self._settings.look_s
                if silent_s >= self._settings.heartbeat_s:
                    silent_s = 0.0
                    yield b": nothing new\n\n"
                await asyncio.sleep(self._settings.look_s)
        finally:
            self.subscribers -= 1

    def _after(self, last: tuple[int, int] | None) -> Iterator[Publication]:
        newest = self._board.newest()
        if newest is None or (newest.as_of_ms, newest.revision) == last:
            return
        if last is not None and last[0] < newest.as_of_ms:
            first = max(last[0] + self._grid_ms, newest.as_of_ms - 10 * self._grid_ms)
            for as_of_ms in range(first, newest.as_of_ms, self._grid_ms):
                kept = self._board.at(as_of_ms)
                if kept is not None:
                    yield kept
        yield newest

    def _bytes(self, publication: Publication) -> bytes:
        if self._encoded is None or self._encoded[0] is not publication:
            self._encoded = (publication, encode_event(publication))
        return self._encoded[1]
