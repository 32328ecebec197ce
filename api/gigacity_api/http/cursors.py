"""Cursors: where a list goes on, tied to the instant and the question that it began with. Pure."""

import base64
import binascii
import hashlib

import msgspec

from gigacity_api.errors import ApiProblem


class PageCursor(msgspec.Struct, array_like=True, frozen=True):
    """A place in a list. Opaque to the caller."""

    as_of_ms: int
    question: str
    offset: int
    edition: int = 0
    """Of the instant: a revision may hold other objects at the same offset."""
    entries: int = 0
    """How many declared figures the list began with: later ones would move the others."""


def question_of(*parts: object) -> str:
    """A short name of what was asked: path and filters."""
    text = msgspec.json.encode([str(part) for part in parts])
    return hashlib.sha256(text).hexdigest()[:12]


def encode(cursor: PageCursor) -> str:
    """The text that the caller passes back."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def decode(text: str, question: str) -> PageCursor:
    """The place that a text stands for.

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
        raise ApiProblem(
            400, "bad-cursor", "Cursor of another question",
            "a cursor goes with the path and filters that it came from",
        )  # fmt: skip
    return cursor


def bad_cursor() -> ApiProblem:
    """No cursor that any answer gave."""
    return ApiProblem(
        400, "bad-cursor", "Not a cursor", "pass next_cursor of the last answer, unchanged"
    )
