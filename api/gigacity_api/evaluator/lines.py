"""Figures as lines of ``indicator`` and ``indicator_log``, and back from rows. Pure."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import msgspec

from gigacity_api.indicators.display import NOTHING, Display, display_of
from gigacity_api.indicators.figures import Figure, FigureKey, TargetVerdict
from gigacity_api.indicators.quality import Quality
from gigacity_api.indicators.registry import REGISTRY
from gigacity_contract.errors import EncodeError
from gigacity_contract.line_protocol import format_field, tag_prefix
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG

_CITY_VERSION = next(field for field in INDICATOR.fields if field.name == "city_version")


def key_of(figure: "Figure | FigureRow") -> FigureKey:
    """What a figure is of."""
    return (figure.indicator, figure.scope, figure.code)


@dataclass(frozen=True)
class Stamp:
    """What the figures of one publication share."""

    as_of_ms: int
    city_version: str
    revision: int
    method_version: int | None = None
    """Of a figure that was made by another release; None: that of the registry."""

    @cached_property
    def fields(self) -> str:
        """As fields of a line."""
        version = format_field(_CITY_VERSION, self.city_version)
        return f"revision={self.revision}i,city_version={version}"


@dataclass(frozen=True, slots=True)
class FigureText:
    """Tags and fields of one figure, formatted once for both of its lines."""

    tags: str
    fields: str
    as_of_ms: int

    def line(self) -> bytes:
        """A line of ``indicator``: the best current figure of its instant."""
        return f"{INDICATOR.name}{self.tags} {self.fields} {self.as_of_ms}".encode()

    def log_line(self, published_ns: int) -> bytes:
        """A line of ``indicator_log``: what was published, and when."""
        fields = f"{self.fields},as_of_ms={self.as_of_ms}i"
        return f"{INDICATOR_LOG.name}{self.tags} {fields} {published_ns}".encode()


class FigureLines:
    """Formats figures; the tags of each place of a city version once, since they cost the most."""

    def __init__(self) -> None:
        self._tags: dict[FigureKey, str] = {}
        self._city_version = ""

    def of(self, figure: Figure, stamp: Stamp) -> FigureText:
        """The text of a figure in a publication.

        Raises:
            EncodeError: a value that is not finite, or a code that no tag can hold.
        """
        if stamp.city_version != self._city_version:
            self._tags.clear()
            self._city_version = stamp.city_version
        key = key_of(figure)
        tags = self._tags.get(key)
        if tags is None:
            names = dict(zip(("indicator", "scope", "code"), key, strict=True))
            tags = self._tags[key] = tag_prefix(INDICATOR, names).removeprefix(INDICATOR.name)
        return FigureText(tags, _fields(figure, stamp), stamp.as_of_ms)


def _fields(figure: Figure, stamp: Stamp) -> str:
    definition = REGISTRY[figure.indicator]
    method_version = stamp.method_version or definition.method_version
    shown = display_of(figure, is_ratio=definition.is_ratio)
    value = _float("value", figure.value)
    # Formatting a number costs more than the rest of the line: never twice.
    display_value = "" if shown.display_value is None else f",display_{value[1:]}"
    # Verdicts, grades and what is shown are words and digits: nothing in them needs escaping.
    return (
        f"numerator={figure.numerator}i,denominator={figure.denominator}i"
        f",known_in={figure.known_in}i,known_out={figure.known_out}i,unknown={figure.unknown}i"
        f"{value}{_float('lower', figure.lower)}"
        f"{_float('upper', figure.upper)}{_float('target', figure.target)}"
        f',verdict="{figure.verdict}"{_float("fresh_share", figure.quality.fresh_share)}'
        f',grade="{figure.quality.grade}",{stamp.fields}'
        f',method_version={method_version}i,display_text="{shown.display_text}"'
        f"{display_value}"
    )


def _float(name: str, value: float | None) -> str:
    if value is None:
        return ""
    if not math.isfinite(value):
        raise EncodeError(f"field {name} is {value}, which no server stores")
    return f",{name}={float(value)!r}"


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
    display_text: str | None
    display_value: float | None


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
    return _said(figure) == _said(figure_of_row(row))


def _said(figure: Figure) -> Figure:
    # The number of unregistered reporters is served, not stored.
    return figure._replace(quality=figure.quality._replace(unregistered=None))


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


def display_of_row(row: FigureRow) -> Display:
    """What is shown of a stored figure; of one that only another release defines, what it said."""
    definition = REGISTRY.get(row.indicator)
    if definition is None:
        kind: Literal["value", "bounds"] = "bounds" if row.display_value is None else "value"
        return Display(kind, row.display_text or NOTHING, row.display_value)
    return display_of(figure_of_row(row), is_ratio=definition.is_ratio)
