"""The instants of a figure that were published again on one day. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gigacity_api.evaluator.lines import LogRow, figure_of_row
from gigacity_api.indicators.definitions import Definition
from gigacity_api.site.figure_view import shown_text
from gigacity_api.site.times import moment
from gigacity_api.site.words import Words

MOST = 500
"""Publications of a day that are read and shown."""


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """An instant that was published again."""

    as_of_ms: int
    as_of: str
    published: str
    number: int
    shown: str


@dataclass(frozen=True, slots=True)
class RevisionsPage:
    """What was published again on a day, newest first."""

    definition: Definition
    day: str
    lines: tuple[RevisionLine, ...]
    instants: int
    is_cut: bool
    """There are more."""
    before: str
    after: str
    """Empty: it has not come yet."""


def revision_line(t: Words, definition: Definition, row: LogRow) -> RevisionLine:
    """One publication."""
    as_of_ms = row.as_of_ms or 0
    shown = shown_text(t, definition, figure_of_row(row))
    return RevisionLine(as_of_ms, moment(as_of_ms), moment(row.time), row.revision or 0, shown)


def revisions_page(
    t: Words, definition: Definition, on: date, today: date, rows: Sequence[LogRow]
) -> RevisionsPage:
    """The page of a day; ``rows`` are its publications that were not the first of their instant."""
    newest = sorted(rows, key=lambda row: row.time, reverse=True)
    return RevisionsPage(
        definition=definition,
        day=on.isoformat(),
        lines=tuple(revision_line(t, definition, row) for row in newest),
        instants=len({row.as_of_ms for row in rows}),
        is_cut=len(rows) >= MOST,
        before=(on - timedelta(days=1)).isoformat(),
        after=(on + timedelta(days=1)).isoformat() if on < today else "",
    )
