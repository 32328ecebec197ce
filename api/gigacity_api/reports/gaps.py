"""The gap between what an office reports and what is measured, explained by counts. Pure.

A reported number above the measured one is laid against what could explain it, in this order: the
objects whose state is unknown, those known not to count, and what is left, which no registered
object can explain. Below it, the measured ones that the report leaves out. Where too little is
known for a measured value, the report is compared with its bounds alone.
"""

from typing import Literal, NamedTuple

from gigacity_api.indicators.display import display_of
from gigacity_api.indicators.figures import Figure
from gigacity_api.reports.declarations import DeclaredFigure

Standing = Literal["equal", "within_bounds", "above_bounds", "below_bounds", "not_comparable"]

EQUAL_SHARE = 0.0005
"""Ratios that are this near are one figure: offices round to 0.1 %."""


class GapPart(NamedTuple):
    """One explanation and how many objects it explains."""

    slug: str
    objects: int
    en: str
    zh: str


class DeclarationGap(NamedTuple):
    """What was reported against what is measured."""

    difference: float | None
    """Reported less measured; None where the measured figure shows its bounds."""
    standing: Standing
    reported_numerator: int | None
    """As given; of a share without counts, what it implies of the measured denominator."""
    is_implied: bool
    parts: tuple[GapPart, ...]
    en: str
    zh: str


def gap_of(report: DeclaredFigure, figure: Figure, *, is_ratio: bool) -> DeclarationGap:
    """Lay a report against a measured figure."""
    if figure.value is None or figure.lower is None or figure.upper is None:
        return DeclarationGap(
            None, "not_comparable", report.numerator, False, (),
            "nothing is known of the measured figure at present", "目前没有可比的实测数值",
        )  # fmt: skip
    numerator, is_implied = _numerator(report, figure, is_ratio=is_ratio)
    parts = _parts(numerator, figure)
    if report.denominator is not None and report.denominator != figure.denominator:
        parts.append(_denominators(report.denominator, figure.denominator))
    measured = display_of(figure, is_ratio=is_ratio).display_value
    tolerance = EQUAL_SHARE if is_ratio else 0
    difference = None if measured is None else report.value - measured
    is_equal = difference is not None and abs(difference) <= tolerance
    standing: Standing = "equal" if is_equal else _against_bounds(report.value, figure, tolerance)
    en, zh = _SAYINGS[standing]
    return DeclarationGap(difference, standing, numerator, is_implied, tuple(parts), en, zh)


def _numerator(report: DeclaredFigure, figure: Figure, *, is_ratio: bool) -> tuple[int, bool]:
    if not is_ratio:
        return round(report.value), False
    if report.numerator is not None:
        return report.numerator, False
    return round(report.value * figure.denominator), True


def _parts(numerator: int, figure: Figure) -> list[GapPart]:
    beyond = numerator - figure.known_in
    if beyond <= 0:
        left_out = GapPart(
            "measured_not_reported", -beyond,
            "known to count, and not in the report", "实测达标但未计入填报",
        )  # fmt: skip
        return [left_out] if beyond else []
    unknown = min(beyond, figure.unknown)
    out = min(beyond - unknown, figure.known_out)
    rest = beyond - unknown - out
    parts = (
        GapPart(
            "reported_but_unknown", unknown,
            "reported, and their state is unknown here", "已填报,实测状态未知",
        ),
        GapPart(
            "reported_but_out", out,
            "reported, and known here not to count; evidence lists them",
            "已填报,实测已知不达标(见明细)",
        ),
        GapPart(
            "reported_beyond_registered", rest,
            "reported beyond everything that is registered", "填报数超出全部登记对象",
        ),
    )  # fmt: skip
    return [part for part in parts if part.objects]


def _denominators(reported: int, registered: int) -> GapPart:
    return GapPart(
        "denominator_differs", reported - registered,
        "the report's denominator less the registered one", "填报分母与登记分母之差",
    )  # fmt: skip


def _against_bounds(value: float, figure: Figure, tolerance: float) -> Standing:
    assert figure.lower is not None  # noqa: S101 - narrowed by the caller
    assert figure.upper is not None  # noqa: S101 - as above
    if value > figure.upper + tolerance:
        return "above_bounds"
    return "below_bounds" if value < figure.lower - tolerance else "within_bounds"


_SAYINGS: dict[Standing, tuple[str, str]] = {
    "equal": ("reported and measured agree", "填报与实测一致"),
    "within_bounds": (
        "they differ by no more than what is unknown here", "差异在实测未知范围之内"
    ),
    "above_bounds": (
        "the report is higher than if everything unknown here counted",
        "填报值高于实测上界(即使未知对象全部达标)",
    ),
    "below_bounds": (
        "the report is lower than what is known here to count", "填报值低于实测下界"
    ),
}  # fmt: skip
