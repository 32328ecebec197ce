"""Events as they are sent. Pure.

An event's id says how far its subscriber is, in evaluations and in revisions, so that it can go on
after any event of either kind.
"""

from typing import NamedTuple

from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.presenters.figures import figure_out
from gigacity_api.http.schemas.stream import EvaluationEvent, RevisionEvent
from gigacity_api.http.streaming.revisions import Revision
from gigacity_api.indicators.levels import Level

_DIGITS = (15, 9, 15)
"""The longest numbers of an id."""


class StreamPosition(NamedTuple):
    """What a subscriber was notified of last."""

    as_of_ms: int
    revision: int
    notified_ms: int | None
    """Every revision that was published until then; None: not said."""

    @property
    def id(self) -> str:
        """As sent in ``id`` and ``Last-Event-ID``."""
        return f"{self.as_of_ms}-{self.revision}-{self.notified_ms or 0}"


def parse_event_id(text: str) -> StreamPosition | None:
    """The position that an id names, or None for what is no id of ours."""
    parts = text.split("-")
    if len(parts) not in {2, 3}:
        return None
    for part, digits in zip(parts, _DIGITS, strict=False):
        if not (part.isascii() and part.isdigit() and len(part) <= digits):
            return None
    instant, revision, *told = map(int, parts)
    return StreamPosition(instant, revision, told[0] if told else None)


def evaluation_data(publication: Publication) -> str:
    """The figures of the city as a whole."""
    figures = [f for f in publication.figures if f.scope == Level.CITY]
    body = EvaluationEvent.of(
        publication, figures=[figure_out(publication, figure) for figure in figures]
    )
    return body.model_dump_json()


def revision_data(revision: Revision) -> str:
    """Which instant was revised, and which indicators came out otherwise."""
    return RevisionEvent.of(revision, published_at=revision.published_ms).model_dump_json()


def event(kind: str, position: StreamPosition, data: str) -> bytes:
    """One event, as Server-Sent Events have it."""
    return f"id: {position.id}\nevent: {kind}\ndata: {data}\n\n".encode()
