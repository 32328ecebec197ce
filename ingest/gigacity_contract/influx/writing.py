r"""Writes: the path, and what an answer means for the batch that was sent.

The text decides rather than the status, since 1.x says 400 for what 2.x says 422 or 404 for.
There is one class for each reaction of the writer:

=============  ======================================================================
Written        confirm the batch
Partial        confirm it; some points, which the server does not name, are not stored
Malformed      dead-letter the named lines; send the rest again unless it is stored
RetryOnce      send the same batch once more, at once
TooLarge       split the batch in two
Refused        retry a few times; if other writes pass, search the lines at fault
Denied         keep everything, alarm, try slowly: credentials or storage are missing
Unavailable    keep everything, back off, try again for as long as it takes
=============  ======================================================================

A connection that ends without an answer is no outcome of this module; the writer treats it as
``Unavailable``, after one immediate try if the connection had been idle.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlencode

from gigacity_contract.influx.answers import error_text, shorten


@dataclass(frozen=True, slots=True)
class Written:
    """204: every point is stored (``write.valid_batch``; also an empty body)."""


@dataclass(frozen=True, slots=True)
class Partial:
    """Some points were dropped, the others are stored; sending again changes nothing.

    1.x 400 and 2.x 422 ``partial write: field type conflict ... dropped=N``
    (``write.type_conflict_stored``), beyond retention (``write.beyond_retention``), ``time`` as a
    field (``write.middle_time_field``), a string over 1 MiB on 2.x (``write.long_string_1100k``).
    """

    dropped: int
    """A lower bound: the servers count only one of several causes (``write.beyond_retention``)."""
    message: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """400 that names the unparsable lines (``write.middle_*``, ``write.two_malformed``).

    A named line that is not found in the batch (invalid UTF-8 is named with U+FFFD, an open quote
    swallows the lines after it: ``write.middle_unclosed_quote``) must be searched by bisection.
    """

    lines: tuple[bytes, ...]
    message: str
    rest_stored: bool
    """True on 1.x (``partial write``): the good lines are in. False on 2.x: nothing is."""


@dataclass(frozen=True, slots=True)
class RetryOnce:
    """1.x, 400 of exactly ``field type conflict``: nothing of the batch is stored.

    It happens in the first batch that holds a field; the same batch, sent again, is a ``Partial``
    (``write.type_conflict_in_batch_twice``).
    """

    message: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    """413: over 25,000,000 bytes on 1.x, which answers and closes before it has read the body.

    A client that writes all first sees EPIPE; the answer can still be read (``write.body_26mb``).
    """

    message: str


@dataclass(frozen=True, slots=True)
class WriteRefused:
    """The request is refused as a whole and names no line (``write.gzip_bad_checksum``)."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Denied:
    """Credentials, rights, database or retention policy are missing, or this is no InfluxDB.

    401, 403, 404 (``access.write_none``, ``auth.write_reader``, ``access.write_read_dbrp_only``:
    2.x says 404 when the token cannot see the bucket), and 1.x's **500** ``retention policy not
    found`` (``routes.write_unknown_rp``).
    """

    status: int
    message: str


_DISK_FULL = "no space left on device"
_DISK_FULL_ADVICE = (
    " (the database's disk is full: free space there, then restart the database; until it is"
    " restarted it refuses every write)"
)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The server cannot write now: 429, 503, any other 5xx, a request cut short (408, 499).

    It includes 1.x's 500 ``write failed`` while it stops (``failure.sigterm_1``), a full disk
    (``full.small_write``), and 2.x's 500 for a body that is not gzip
    (``write.gzip_header_plain_body``): a 5xx that repeats for one batch while others succeed is the
    batch's, and the writer quarantines it.
    """

    retry_after_s: int | None
    message: str
    status: int = field(default=0, compare=False)
    """Of the answer; 0 if there was none."""

    @property
    def blames_request(self) -> bool:
        """Whether the request may be at fault rather than the state of the server.

        openGemini answers 500, for ever, to a batch that holds a duplicate tag.
        """
        return self.status == 500 and not self.is_disk_full

    @property
    def is_disk_full(self) -> bool:
        """The server must be *restarted* once space is free: until then it stays an error."""
        return _DISK_FULL in self.message


WriteOutcome: TypeAlias = (
    Written | Partial | Malformed | RetryOnce | TooLarge | WriteRefused | Denied | Unavailable
)

_PRECISIONS = frozenset({"ns", "ms", "s"})
"""What both servers read alike; any other value is silently nanoseconds on one of them."""
_DROPPED = re.compile(r"dropped=(\d+)")
_UNABLE = "unable to parse '"
_CUT_SHORT = frozenset({408, 429, 499})


def write_path(db: str, rp: str, precision: str) -> str:
    """Path and query string of a write; all three are always sent.

    Without ``rp``, 2.x writes to whichever mapping is the default at that moment.

    Raises:
        ValueError: an empty name, or a precision other than ns, ms and s.
    """
    if not db or not rp or precision not in _PRECISIONS:
        raise ValueError(
            f"a write needs db, rp and one of ns, ms, s: {db!r}, {rp!r}, {precision!r}"
        )
    return "/write?" + urlencode({"db": db, "rp": rp, "precision": precision})


def judge_write(status: int, headers: Mapping[str, str], body: bytes) -> WriteOutcome:
    """What the answer to a write means.

    Args:
        status: of the response.
        headers: of the response, in any case; only ``Retry-After`` is read.
        body: of the response, after removing its content encoding.
    """
    if status == 204:
        return Written()
    message = error_text(body)
    if status == 413:
        return TooLarge(shorten(message))
    if status in {400, 422}:
        return _judge_rejection(status, message)
    if "retention policy not found" in message:
        return Denied(status, shorten(message))
    if status >= 500 or status in _CUT_SHORT:
        advice = _DISK_FULL_ADVICE if _DISK_FULL in message else ""
        return Unavailable(_retry_after_s(headers), shorten(message) + advice, status)
    # Everything left comes from wrong credentials, wrong names, or a page that is no InfluxDB at
    # all: a 200 or a redirect of some web server must never count as written.
    return Denied(
        status, shorten(message) or f"status {status} is no answer of InfluxDB to a write"
    )


def _judge_rejection(status: int, message: str) -> WriteOutcome:
    if status == 400 and message == "field type conflict":
        return RetryOnce(message)
    is_partial = "partial write" in message
    lines = _named_lines(message)
    if lines:
        return Malformed(lines, shorten(message), rest_stored=is_partial)
    if is_partial:
        # 2.x appends the database behind the count, and counts a second time in its own words.
        counts = _DROPPED.findall(message)
        return Partial(int(counts[-1]) if counts else 0, shorten(message))
    return WriteRefused(status, shorten(message))


def _named_lines(message: str) -> tuple[bytes, ...]:
    """The lines of ``unable to parse '<line>': <reason>``, one entry after another.

    A line may hold quotes and line feeds, a reason never the sequence ``': ``: the last one ends
    the line.
    """
    _, found, rest = message.partition(_UNABLE)
    if not found:
        return ()
    entries = rest.split("\n" + _UNABLE)
    return tuple((entry.rpartition("': ")[0] or entry).encode() for entry in entries)


def _retry_after_s(headers: Mapping[str, str]) -> int | None:
    """Seconds of ``Retry-After``; its other form, a date, is left to the writer's own back-off."""
    value = next((v for name, v in headers.items() if name.lower() == "retry-after"), "").strip()
    return int(value) if value.isascii() and value.isdigit() else None
