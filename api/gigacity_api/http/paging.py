"""Pages: cursors, and where a list goes on, tied to the instant and the question it began with."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.context import Context
from gigacity_api.http.parameters import Paged
from gigacity_api.http.problem_types import BAD_CURSOR, EVALUATION_GONE, ApiProblem

T = TypeVar("T")


class PageCursor(msgspec.Struct, array_like=True, frozen=True):
    """A position in a list. Opaque to the caller."""

    as_of_ms: int
    question: str
    offset: int
    edition: int = 0
    """Of the instant: a revision may hold other objects at the same offset."""
    entries: int = 0
    """How many declared figures the list began with: later ones would move the others."""

    def at(self, offset: int | None) -> str | None:
        """The cursor of a page that begins at an offset; None: there is none."""
        return None if offset is None else encode(msgspec.structs.replace(self, offset=offset))

    def cut(self, items: Sequence[T], limit: int) -> tuple[Sequence[T], str | None]:
        """The page of a list that begins here, and the cursor of the one after it."""
        end = self.offset + limit
        return items[self.offset : end], self.at(end if end < len(items) else None)


def question_of(*parts: object) -> str:
    """A short name of what was asked: path and filters."""
    text = msgspec.json.encode([str(part) for part in parts])
    return hashlib.sha256(text).hexdigest()[:12]


def encode(cursor: PageCursor) -> str:
    """The text that the caller passes back."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def decode(text: str, question: str) -> PageCursor:
    """The position that a text names.

    Raises:
        ApiProblem: 400, it is no cursor, or one of another question.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        cursor = msgspec.json.decode(
            base64.b64decode(padded, altchars=b"-_", validate=True), type=PageCursor
        )
    except (binascii.Error, msgspec.MsgspecError, ValueError) as error:
        raise bad_cursor() from error
    if cursor.question != question or cursor.offset < 0:
        raise ApiProblem(BAD_CURSOR, "a cursor goes with the path and filters that it came from")
    return cursor


def bad_cursor() -> ApiProblem:
    """No cursor that any answer gave."""
    return ApiProblem(BAD_CURSOR, "pass next_cursor of the last answer, unchanged")


def gone(why: str) -> ApiProblem:
    """The list that a cursor goes on with is no longer there."""
    return ApiProblem(EVALUATION_GONE, f"{why}; start again without a cursor")


def position(query: Paged, *question: object, entries: int = 0) -> PageCursor:
    """Where to go on in a list that no instant belongs to, or its start.

    Args:
        query: the cursor, and what is asked for.
        question: path, and what else the list depends on.
        entries: how many declared figures a list that starts now has.

    Raises:
        ApiProblem: 400 for what is no cursor of this question.
    """
    asked = question_of(*question, query.question)
    return decode(query.cursor, asked) if query.cursor else PageCursor(0, asked, 0, 0, entries)


def published_position(
    shared: Context, query: Paged, *question: object, entries: int = 0
) -> tuple[Publication, PageCursor]:
    """The publication that a list speaks of, and where to go on in it: or the newest one's start.

    Raises:
        ApiProblem: 400 for what is no cursor of this question; 410 when its publication is
            gone or revised; 503 before the first evaluation.
    """
    asked = question_of(*question, query.question)
    newest = shared.publication()
    if query.cursor is None:
        return newest, PageCursor(newest.as_of_ms, asked, 0, newest.revision, entries)
    cursor = decode(query.cursor, asked)
    publication = shared.cache.at(cursor.as_of_ms)
    if publication is None:
        raise gone("the list speaks of an instant that is no longer kept")
    if publication.revision != cursor.edition:
        raise gone("late data has revised the instant of the list since")
    return publication, cursor
