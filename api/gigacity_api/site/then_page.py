"""A permalink: one figure as it was published, beside the same instant today, and why. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from gigacity_api.evaluator.lines import LogRow, figure_of_row
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.levels import Level
from gigacity_api.site.figure_view import counted_text, shown_text
from gigacity_api.site.objection import objection, permalink
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_api.site.times import moment
from gigacity_api.site.words import VERDICTS, Words


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One publication of an instant."""

    shown: str
    verdict: str
    sign: str
    word: str
    counted: str
    published: str
    number: int
    city_version: str
    method_version: int
    cause: str
    """Why it differs from the one before; empty for the first."""


@dataclass(frozen=True, slots=True)
class ThenPage:
    """A figure of an instant, in every publication of it."""

    definition: Definition
    as_of_ms: int
    as_of: str
    area: str
    """Name of the area that it speaks of; empty: of the city."""
    area_code: str
    """Of an area that has a page today; empty: there is none."""
    said: tuple[SaidLine, ...]
    """The first, and each that came out otherwise; oldest first."""
    quoted: SaidLine
    """The first one with the versions that the link names; the first of all if there is none."""
    query: str
    """What the link said behind its question mark, for the same page in the other language."""
    now: str
    now_at: str
    notes: tuple[str, ...]
    objection: str
    """The address of whoever answers questions; empty: nobody is named."""

    @property
    def is_unchanged(self) -> bool:
        """What was published first still holds."""
        return len(self.said) == 1


def then_page(
    t: Words,
    snapshot: SiteSnapshot,
    definition: Definition,
    rows: Sequence[LogRow],
    *,
    city_version: str = "",
    method_version: int | None = None,
) -> ThenPage:
    """The page of a permalink.

    Args:
        t: words.
        snapshot: of now.
        definition: of the figure.
        rows: every publication of one figure and instant, oldest first; at least one.
        city_version: that the link names.
        method_version: that the link names.
    """
    said = _said(t, definition, rows)
    quoted, notes = _quoted(t, said, city_version, method_version)
    as_of_ms = rows[0].as_of_ms or 0
    code = "" if rows[0].scope == Level.CITY else rows[0].code
    names = {area.code: area.name for area in snapshot.city.areas}
    named = {"code": code, "city": city_version, "method": method_version or ""}
    now = snapshot.publication.by_key.get((definition.id, rows[0].scope, rows[0].code))
    first = rows[0]
    link = permalink(
        snapshot.scope, t, (definition.id, first.scope, first.code), as_of_ms,
        (quoted.city_version, quoted.method_version),
    )  # fmt: skip
    return ThenPage(
        definition=definition,
        as_of_ms=as_of_ms,
        as_of=moment(as_of_ms),
        area=t.of(names[code]) if code in names else code,
        area_code=code if code in names else "",
        said=said,
        quoted=quoted,
        query=urlencode({name: value for name, value in named.items() if value}),
        now="" if now is None else shown_text(t, definition, now),
        now_at=moment(snapshot.publication.as_of_ms),
        notes=notes,
        objection=objection(
            snapshot.scope, t, definition, shown=quoted.shown, as_of_ms=as_of_ms, link=link
        ),
    )


def _said(t: Words, definition: Definition, rows: Sequence[LogRow]) -> tuple[SaidLine, ...]:
    """One line for each publication that says something else than the one before it."""
    kept: list[LogRow] = []
    for row in rows:
        if not kept or _says(row) != _says(kept[-1]):
            kept.append(row)
    before = [None, *kept]
    return tuple(
        _line(t, definition, row, earlier) for row, earlier in zip(kept, before, strict=False)
    )


def _quoted(
    t: Words, said: Sequence[SaidLine], city_version: str, method_version: int | None
) -> tuple[SaidLine, tuple[str, ...]]:
    """The line that the link names, else the first, and what there is to say of the link."""
    meant = [
        line for line in said
        if city_version in {"", line.city_version}
        and method_version in {None, line.method_version}
    ]  # fmt: skip
    notes = []
    if city_version and city_version not in {line.city_version for line in said}:
        notes.append(t("then_other_city", version=city_version))
    if method_version and method_version not in {line.method_version for line in said}:
        notes.append(t("then_other_method", version=method_version))
    return (meant or said)[0], tuple(notes)


def _says(row: LogRow) -> tuple[object, ...]:
    figure = figure_of_row(row)
    return (
        figure.value, figure.known_in, figure.known_out, figure.unknown, figure.denominator,
        figure.lower, figure.upper, figure.verdict, row.city_version, row.method_version,
    )  # fmt: skip


def _line(t: Words, definition: Definition, row: LogRow, before: LogRow | None) -> SaidLine:
    figure = figure_of_row(row)
    sign, word = VERDICTS[figure.verdict]
    return SaidLine(
        shown=shown_text(t, definition, figure),
        verdict=figure.verdict,
        sign=sign,
        word=t.of(word),
        counted=counted_text(t, figure),
        published=moment(row.time),
        number=row.revision or 0,
        city_version=row.city_version or "",
        method_version=row.method_version or 0,
        cause="" if before is None else _cause(t, row, before),
    )


def _cause(t: Words, row: LogRow, before: LogRow) -> str:
    if row.method_version != before.method_version:
        return t.cause_method_version
    if row.city_version != before.city_version:
        return t.cause_city_version
    return t.cause_late_data
