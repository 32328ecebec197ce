"""Evaluations, revisions and alarms, sent to as many subscribers as are allowed at once.

Each subscriber looks at the cache twice a second, which costs less than a queue for each would; an
evaluation comes once in several seconds. Runs on the event loop and never blocks it.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from gigacity_api.alarms.model import AlarmEvent
from gigacity_api.evaluator.alarm_service import KEPT_EVENTS
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.http.bounded import Slots
from gigacity_api.http.problem_types import TOO_MANY_SUBSCRIBERS, ApiProblem
from gigacity_api.http.schemas.stream import StreamKind
from gigacity_api.http.streaming.events import (
    EVERY_KIND,
    PROCESS_NUMBERS,
    StreamPosition,
    alarm_data,
    evaluation_data,
    event,
    parse_event_id,
    resync,
    revision_data,
)
from gigacity_api.http.streaming.revisions import OVERLAP_MS, RevisionLog

RETRY_MS = 3_000
"""How long a client waits before it connects again."""


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How the stream behaves."""

    max_subscribers: int = 200
    per_key: int = 50
    look_s: float = 0.5
    heartbeat_s: float = 15.0
    """A comment after so much silence keeps proxies from closing the connection."""


class Stream:
    """Hands evaluations, revisions and alarms to subscribers."""

    def __init__(
        self,
        cache: PublicationCache,
        revisions: RevisionLog,
        tick_ms: int,
        settings: StreamSettings | None = None,
        alarms: Callable[[], Sequence[AlarmEvent]] = lambda: (),
    ) -> None:
        self._alarms = alarms
        self._cache = cache
        self._revisions = revisions
        self._grid_ms = tick_ms
        self._process = secrets.randbelow(PROCESS_NUMBERS)
        self._settings = settings = settings or StreamSettings()
        self._encoded: tuple[Publication, str] | None = None
        self.slots = Slots(
            settings.max_subscribers,
            ApiProblem(TOO_MANY_SUBSCRIBERS, TOO_MANY_SUBSCRIBERS.meaning),
            per_key=settings.per_key,
        )
        """Held by each subscriber while it is connected."""

    async def events(self, last_id: str) -> AsyncGenerator[bytes, None]:
        """The events after one that the subscriber has, then every new one, for ever.

        Whoever missed some that are not kept is told so: by a pause, or by reading too slowly.

        Args:
            last_id: as the client sends it in ``Last-Event-ID``; empty or unknown: begin with the
                newest evaluation.
        """
        yield f"retry: {RETRY_MS}\n\n".encode()
        at, lost = self._begin(last_id)
        silent_s = 0.0
        while True:
            sent = False
            if missed := {*lost, *self._missed(at)}:
                sent, lost = True, ()
                at = at._replace(
                    notified_ms=max(at.notified_ms or 0, self._revisions.known_from_ms)
                )
                yield resync(missed)
            for alarm in self._alarms_after(at.alarm):
                sent, at = True, at._replace(alarm=alarm.number)
                yield event("alarm", at, alarm_data(alarm))
            for position, text in self._after(at):
                at = position
                if text:
                    sent = True
                    yield text
            silent_s = 0.0 if sent else silent_s + self._settings.look_s
            if silent_s >= self._settings.heartbeat_s:
                silent_s = 0.0
                yield b": nothing new\n\n"
            await asyncio.sleep(self._settings.look_s)

    def _begin(self, last_id: str) -> tuple[StreamPosition, Collection[StreamKind]]:
        """Where a subscriber begins, and what it cannot go on with after the event that it has."""
        known = self._alarms()
        settled_ms = self._revisions.settled_ms()
        now = StreamPosition(-1, 0, settled_ms, known[-1].number if known else 0, self._process)
        asked = parse_event_id(last_id)
        if asked is None:
            return now, EVERY_KIND if last_id else ()
        lost: list[StreamKind] = []
        # A place that nobody can have reached yet would be waited for in silence.
        if asked.notified_ms is None or asked.notified_ms > settled_ms + OVERLAP_MS:
            asked = asked._replace(notified_ms=settled_ms)
            lost.append("revision")
        if asked.process != self._process or asked.alarm > now.alarm:
            # Another process counts otherwise, also the one that was here before a restart.
            asked = asked._replace(alarm=now.alarm, process=self._process)
            lost.append("alarm")
        return asked, lost

    def _missed(self, at: StreamPosition) -> Iterator[StreamKind]:
        """Kinds of events of which some after a position are not kept any more."""
        oldest = self._cache.oldest()
        if oldest is not None and 0 <= at.as_of_ms < oldest.as_of_ms - self._grid_ms:
            yield "evaluation"
        if (at.notified_ms or 0) < self._revisions.known_from_ms:
            yield "revision"
        recent = self._alarms()
        if len(recent) == KEPT_EVENTS and recent[0].number > at.alarm + 1:
            yield "alarm"

    def _alarms_after(self, number: int) -> list[AlarmEvent]:
        """What happened to alarms since, as far as it is kept."""
        recent = self._alarms()
        if not recent or recent[-1].number == number:
            return []
        return [alarm for alarm in recent if alarm.number > number]

    def _after(self, at: StreamPosition) -> Iterator[tuple[StreamPosition, bytes]]:
        """Positions with their events; no text: only how far the subscriber is has changed.

        Evaluations first: one of them may be what a revision made.
        """
        for publication in self._evaluations(at):
            at = at._replace(as_of_ms=publication.as_of_ms, revision=publication.revision)
            yield at, event("evaluation", at, self._data(publication))
        for revision in self._revisions.after(at.notified_ms or 0):
            if revision[1:3] > at[:2]:
                # It comes as an evaluation, with its figures, once the cache has it.
                return
            is_sent = revision.as_of_ms == at.as_of_ms
            at = at._replace(notified_ms=revision.published_ms)
            yield at, b"" if is_sent else event("revision", at, revision_data(revision))
        # Who hears of no revision for an hour has missed none.
        until_ms = self._revisions.complete_until_ms
        if until_ms > (at.notified_ms or 0):
            yield at._replace(notified_ms=until_ms), b""

    def _evaluations(self, at: StreamPosition) -> Iterator[Publication]:
        newest = self._cache.newest()
        if newest is None or (newest.as_of_ms, newest.revision) == at[:2]:
            return
        if 0 <= at.as_of_ms < newest.as_of_ms:
            first = max(at.as_of_ms + self._grid_ms, newest.as_of_ms - 10 * self._grid_ms)
            for as_of_ms in range(first, newest.as_of_ms, self._grid_ms):
                kept = self._cache.at(as_of_ms)
                if kept is not None:
                    yield kept
        yield newest

    def _data(self, publication: Publication) -> str:
        if self._encoded is None or self._encoded[0] is not publication:
            self._encoded = (publication, evaluation_data(publication))
        return self._encoded[1]
