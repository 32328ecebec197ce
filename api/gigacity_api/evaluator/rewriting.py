"""What is written when an instant is published anew, or later than those after it. Pure.

Below the areas an instant rests on the newest row before it (``change_only``), so that rewriting
one instant would also change those that stand on its rows. What stood at the next published instant
therefore gets rows of its own first.
"""

from collections.abc import Iterable, Iterator

from gigacity_api.evaluator.change_only import StoredQuarter
from gigacity_api.evaluator.lines import (
    FigureLines,
    Stamp,
    figure_of_row,
    is_as_stored,
    key_of,
)
from gigacity_api.evaluator.publication import Publication
from gigacity_api.indicators.figures import Figure, FigureKey
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY


def changed_figures(
    figures: Iterable[Figure], quarter: StoredQuarter, as_of_ms: int
) -> list[Figure]:
    """Figures that say something else than what stands at their instant.

    A row of a revision that the city's figures do not have yet was written by an attempt that
    failed half-way: it has to be published still.
    """
    stands, known = quarter.at(as_of_ms), quarter.instants.get(as_of_ms)
    revision = -1 if known is None else known.revision
    rows = ((figure, stands.get(key_of(figure))) for figure in figures)
    return [
        figure
        for figure, row in rows
        if row is None
        or not is_as_stored(figure, row)
        or (row.time == as_of_ms and (row.revision or 0) > revision)
    ]


def log_lines(
    publication: Publication, changed: list[Figure], published_ns: int, lines: FigureLines
) -> list[bytes]:
    """Lines of ``indicator_log``."""
    stamp = _stamp(publication)
    return [lines.of(figure, stamp).log_line(published_ns) for figure in changed]


def revised_lines(
    publication: Publication, changed: list[Figure], quarter: StoredQuarter, lines: FigureLines
) -> tuple[list[bytes], list[bytes]]:
    """Lines of ``indicator``: two writes, of which the first must be stored before the second.

    The second has the city's figures: they tell which revision an instant has, and whoever reads
    it takes the others for written.

    Args:
        publication: of the instant.
        changed: its figures that say something new.
        quarter: what is stored around the instant.
        lines: formats them.
    """
    stamp, keys = _stamp(publication), {key_of(figure) for figure in changed}
    stood = quarter.newest_by(publication.as_of_ms)
    # Readers take rows of one city version only: where it is another one, all are written.
    is_break = stood is None or stood.city_version != publication.city_version
    kept = _kept_after(quarter, publication.as_of_ms, None if is_break else keys)
    below = [lines.of(figure, after).line() for figure, after in kept]
    of_city: list[bytes] = []
    for figure in publication.figures:
        if figure.scope == Level.CITY:
            of_city.append(lines.of(figure, stamp).line())
        elif is_break or key_of(figure) in keys:
            below.append(lines.of(figure, stamp).line())
    return below, of_city


def _kept_after(
    quarter: StoredQuarter, instant: int, keys: set[FigureKey] | None
) -> Iterator[tuple[Figure, Stamp]]:
    """What stands at the following instant only by rows that are about to be rewritten.

    As it was made: by the method of its time. An indicator that only another release knows is left
    out: nothing here can format it, and it is served by nobody.

    Args:
        quarter: what is stored.
        instant: is rewritten.
        keys: whose rows are; None for those of every place.
    """
    after = quarter.next_after(instant)
    if after is None:
        return
    for key, row in quarter.at(after.as_of_ms).items():
        is_rewritten = row.time < after.as_of_ms and (keys is None or key in keys)
        if is_rewritten and row.indicator in REGISTRY:
            yield (
                figure_of_row(row),
                Stamp(after.as_of_ms, after.city_version, after.revision, row.method_version),
            )


def _stamp(publication: Publication) -> Stamp:
    return Stamp(publication.as_of_ms, publication.city_version, publication.revision)
