"""What offices declared, beside what is measured and alone. Pure.

The reporter's name stays behind a key; the document that a declaration names does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.figures import Figure, against_target
from gigacity_api.indicators.levels import Level
from gigacity_api.reports.catalogue import REPORTED, DeclarableFigure
from gigacity_api.reports.declarations import DeclaredFigure
from gigacity_api.reports.gaps import gap_of
from gigacity_api.site.figure_view import amount, target_text
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_api.site.times import day
from gigacity_api.site.words import UNITS, VERDICTS, Words


@dataclass(frozen=True, slots=True)
class DeclaredBeside:
    """A declaration beside the measured figure."""

    value: str
    day: str
    source: str
    meaning: str
    parts: tuple[tuple[str, str], ...]
    """What explains the difference, and how many objects it explains."""


@dataclass(frozen=True, slots=True)
class DeclaredLine:
    """A figure that only offices know."""

    id: str
    name: str
    value: str
    """Empty: not reported yet."""
    unit: str
    target: str
    due: str
    verdict: str
    sign: str
    word: str
    day: str
    source: str


def declared_beside(
    t: Words, snapshot: SiteSnapshot, definition: Definition, figure: Figure
) -> DeclaredBeside | None:
    """What an office declared of a measured figure; None: nothing."""
    entry = snapshot.declared.latest(definition.id, figure.scope, figure.code)
    if entry is None:
        return None
    gap = gap_of(entry, figure, is_ratio=definition.is_ratio)
    return DeclaredBeside(
        value=amount(entry.value, is_ratio=definition.is_ratio, target=figure.target),
        day=day(entry.as_of_ms),
        source=entry.source,
        meaning=gap.zh if t.language == "zh" else gap.en,
        parts=tuple(
            (part.zh if t.language == "zh" else part.en, f"{part.objects:,}") for part in gap.parts
        ),
    )


def declared_lines(t: Words, snapshot: SiteSnapshot) -> Iterator[DeclaredLine]:
    """Every figure of the city that only offices know."""
    for known in REPORTED.values():
        entry = snapshot.declared.latest(known.id, Level.CITY, snapshot.city.code)
        yield _line(t, snapshot, known, entry)


def _line(
    t: Words, snapshot: SiteSnapshot, known: DeclarableFigure, entry: DeclaredFigure | None
) -> DeclaredLine:
    target = known.target(snapshot.city, Level.CITY, snapshot.city.code)
    value = None if entry is None else entry.value
    verdict = "no_target" if entry is None else against_target(value, value, target)
    sign, word = VERDICTS[verdict]
    limit = None if target is None else target.value
    return DeclaredLine(
        id=known.id,
        name=t.heading(known.name),
        value="" if entry is None else amount(value, is_ratio=known.unit == "ratio", target=limit),
        unit=t.of(UNITS.get(known.unit)),
        target=target_text(t, target, is_ratio=known.unit == "ratio"),
        due="" if target is None or not target.due else t("due", due=target.due),
        verdict=verdict,
        sign=sign,
        word=t.of(word),
        day="" if entry is None else day(entry.as_of_ms),
        source="" if entry is None else entry.source,
    )
