"""Figures as lines of ``indicator`` and ``indicator_log``, and back from rows. Pure."""

import msgspec

from gigacity_api.indicators.figures import Figure, TargetVerdict
from gigacity_api.indicators.quality import Quality
from gigacity_api.indicators.registry import REGISTRY
from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG


def _fields(figure: Figure, *, city_version: str, revision: int) -> dict[str, FieldValue | None]:
    return {
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "lower": figure.lower,
        "upper": figure.upper,
        "target": figure.target,
        "verdict": figure.verdict,
        "known_in": figure.known_in,
        "known_out": figure.known_out,
        "unknown": figure.unknown,
        "fresh_share": figure.quality.fresh_share,
        "grade": figure.quality.grade,
        "revision": revision,
        "city_version": city_version,
        "method_version": REGISTRY[figure.indicator].method_version,
    }


def _tags(figure: Figure) -> dict[str, str]:
    return {"indicator": figure.indicator, "scope": figure.scope, "code": figure.code}


def figure_line(figure: Figure, *, as_of_ms: int, city_version: str, revision: int) -> bytes:
    """A line of ``indicator``: the best current figure of its instant."""
    fields = _fields(figure, city_version=city_version, revision=revision)
    return encode_point(INDICATOR, _tags(figure), fields, as_of_ms)


def log_line(
    figure: Figure, *, as_of_ms: int, city_version: str, revision: int, published_ns: int
) -> bytes:
    """A line of ``indicator_log``: what was published, and when."""
    fields = _fields(figure, city_version=city_version, revision=revision)
    fields["as_of_ms"] = as_of_ms
    return encode_point(INDICATOR_LOG, _tags(figure), fields, published_ns)


class FigureRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``indicator``: time, tags and fields in the order of the storage table."""

    time: int
    code: str
    indicator: str
    scope: str
    value: float | None
    numerator: int | None
    denominator: int | None
    lower: float | None
    upper: float | None
    target: float | None
    verdict: TargetVerdict | None
    known_in: int | None
    known_out: int | None
    unknown: int | None
    fresh_share: float | None
    grade: str | None
    revision: int | None
    city_version: str | None
    method_version: int | None


class LogRow(FigureRow, array_like=True, gc=False):
    """A row of ``indicator_log``."""

    as_of_ms: int | None = None


def _forget_overwritten(row: FigureRow) -> None:
    """Clear what a revision could not: a field that a point no longer has keeps its old value."""
    definition = REGISTRY.get(row.indicator)
    if definition is not None and definition.is_ratio:
        if not (row.known_in or row.known_out):
            row.value = None
        if not row.denominator:
            row.lower = row.upper = None
    if row.verdict == "no_target":
        row.target = None
    if row.grade == "none":
        row.fresh_share = None


def is_as_stored(figure: Figure, row: FigureRow) -> bool:
    """Whether a stored row says the same of its instant, whatever version it was made with."""
    _forget_overwritten(row)
    fields = _fields(figure, city_version="", revision=0)
    versions = ("revision", "city_version", "method_version")
    return all(
        value == getattr(row, name) for name, value in fields.items() if name not in versions
    )


def figure_of_row(row: FigureRow) -> Figure:
    """The figure that was published; what only the evaluating process knows is absent."""
    _forget_overwritten(row)
    return Figure(
        indicator=row.indicator, scope=row.scope, code=row.code, value=row.value,
        numerator=row.numerator or 0, denominator=row.denominator or 0,
        lower=row.lower, upper=row.upper, known_in=row.known_in or 0,
        known_out=row.known_out or 0, unknown=row.unknown or 0,
        target=row.target, verdict=row.verdict or "no_target",
        quality=Quality(row.fresh_share, None, row.grade or "none"),
    )  # fmt: skip
